// What the reader saves: texts, tables and pictures, handed to the browser as files.
import type { Json } from "../wire/types";
import { asNumber, formatCell, isSpecial } from "./format";

export function save(content: Blob, name: string): void {
  const link = document.createElement("a");
  const address = URL.createObjectURL(content);
  link.href = address;
  link.download = name.replace(/[^\w.-]+/g, "-").slice(0, 120);
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

export function saveText(text: string, name: string, type: string): void {
  save(new Blob([text], { type: `${type};charset=utf-8` }), name);
}

/** A value of a table: a cell, or whatever a plot holds. */
export type CsvValue = Json | undefined;

/** Rows as CSV: numbers with all their digits, texts quoted where needed and never taken for a formula by a spreadsheet. */
export function csv(head: readonly string[], rows: readonly (readonly CsvValue[])[]): string {
  return `${[head, ...rows].map((row) => row.map(csvCell).join(",")).join("\n")}\n`;
}

function csvCell(value: CsvValue): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "number") return String(value);
  const number = isSpecial(value) && value.$ !== "int" ? asNumber(value) : null;
  if (number !== null) return String(number);
  const plain = typeof value !== "object" || isSpecial(value) || isTexts(value);
  const text = plain ? formatCell(value) : JSON.stringify(value);
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** A list of texts, as tags are: written as one text. */
function isTexts(value: Json): value is string[] {
  return Array.isArray(value) && value.every((each) => typeof each === "string");
}
