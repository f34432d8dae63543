// Plot data as the drawings want it: plain numbers and texts, or a PlotError that says what is missing.
import { formatCell, isSpecial } from "../../base/format";
import type { Cell, Json } from "../../wire/types";

/** One plot of one run; several are laid over one another where the kind allows it. */
export interface PlotOfRun {
  /** Id of the run. */
  run: string;
  label: string;
  /** "#rrggbb" */
  color: string;
  data: Json;
}

export type Record_ = { [key: string]: Json };

/** The data is not what its kind promises; the message is for people. */
export class PlotError extends Error {}

export function isRecord(value: Json | undefined): value is Record_ {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !isSpecial(value);
}

export function record(value: Json | undefined, what = "the plot's data"): Record_ {
  if (!isRecord(value)) throw new PlotError(`${what} is no mapping`);
  return value;
}

/** A number, also those that JSON can't say; NaN for whatever is none. */
export function toNumber(value: Json | undefined): number {
  if (typeof value === "number") return value;
  if (typeof value === "boolean") return value ? 1 : 0;
  if (!isSpecial(value)) return NaN;
  switch (value.$) {
    case "inf":
      return Infinity;
    case "-inf":
      return -Infinity;
    case "int":
      return Number(value.v);
    default:
      return NaN;
  }
}

/** Whether a value is a number in the sense of `toNumber`. */
export function isNumeric(value: Json | undefined): boolean {
  return typeof value === "number" || (isSpecial(value) && ["nan", "inf", "-inf", "int"].includes(value.$));
}

/** Any value as a short text: class labels, feature names, predictions. */
export function toText(value: Json | undefined): string {
  if (value === undefined) return "";
  if (value === null) return "None";
  if (Array.isArray(value) || isRecord(value)) return JSON.stringify(value);
  return formatCell(value as Cell);
}

export function list(data: Record_, name: string): Json[] {
  const value = data[name];
  if (!Array.isArray(value)) throw new PlotError(`“${name}” is missing`);
  return value;
}

export function numbers(data: Record_, name: string): number[] {
  return list(data, name).map(toNumber);
}

export function maybeNumbers(data: Record_, name: string): number[] | undefined {
  return Array.isArray(data[name]) ? (data[name] as Json[]).map(toNumber) : undefined;
}

export function texts(data: Record_, name: string): string[] {
  return list(data, name).map(toText);
}

export function maybeNumber(data: Record_, name: string): number | undefined {
  const value = toNumber(data[name]);
  return Number.isFinite(value) ? value : undefined;
}

export function curves(data: Json): Record_[] {
  return list(record(data), "curves").map((curve, i) => record(curve, `curve ${i}`));
}

/** Distinct values in the order of their first appearance. */
export function distinct<T>(values: Iterable<T>): T[] {
  return [...new Set(values)];
}
