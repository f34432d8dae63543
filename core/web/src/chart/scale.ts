// Axes: where a value lies between 0 and 1, what is written beside the axis, and back.
import { asNumber, formatCell, formatDate, formatDuration, formatNumber, isSpecial } from "../base/format";
import type { Cell } from "../wire/types";

export type ScaleKind = "linear" | "log" | "category" | "time" | "duration";

export interface Tick {
  /** Between 0 (low end) and 1. */
  at: number;
  label: string;
}

export interface Scale {
  kind: ScaleKind;
  /** null: the value has no place here (missing, not finite, ≤ 0 on a log axis). */
  place: (cell: Cell | undefined) => number | null;
  /** The number at a place; of a category axis its index, not rounded. */
  invert: (at: number) => number;
  ticks: (count: number) => Tick[];
  /** Of a category axis: the values in order. */
  categories: Cell[];
  domain: [number, number];
}

/** 1, 2 or 5 times a power of ten, so that about `count` steps fit. */
export function niceStep(span: number, count: number): number {
  const raw = span / Math.max(count, 1);
  if (!(raw > 0) || !Number.isFinite(raw)) return 1;
  const power = 10 ** Math.floor(Math.log10(raw));
  const share = raw / power;
  return (share > 7.07 ? 10 : share > 3.16 ? 5 : share > 1.41 ? 2 : 1) * power;
}

function linearTicks(low: number, high: number, count: number): number[] {
  const step = niceStep(high - low, count);
  const found: number[] = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + step * 1e-9 && found.length < 100; i++) {
    found.push(Number((i * step).toPrecision(12)));
  }
  return found;
}

function logTicks(low: number, high: number, count: number): number[] {
  const from = Math.floor(Math.log10(low));
  const to = Math.ceil(Math.log10(high));
  const every = Math.max(1, Math.ceil((to - from) / Math.max(count, 1)));
  const within = (value: number) => value >= low * 0.9999 && value <= high * 1.0001;
  const found: number[] = [];
  for (let power = from; power <= to; power += every) found.push(10 ** power);
  const shown = found.filter(within);
  if (shown.length >= 2 || every > 1) return shown.map((v) => Number(v.toPrecision(12)));
  // Less than two decades: 1, 2, 5 tell more than a lonely power of ten.
  const fine: number[] = [];
  for (let power = from; power <= to; power++) for (const digit of [1, 2, 5]) fine.push(Number((digit * 10 ** power).toPrecision(12)));
  const kept = fine.filter(within);
  return kept.length >= 2 ? kept : linearTicks(low, high, count).filter((v) => v > 0);
}

function timeTicks(low: number, high: number, count: number): number[] {
  const steps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400, 172800, 604800, 2592000];
  const seconds = (high - low) / 1e6;
  const step = (steps.find((each) => seconds / each <= count) ?? niceStep(seconds, count)) * 1e6;
  if (seconds < count) return linearTicks(low, high, count);
  const shift = new Date(low / 1000).getTimezoneOffset() * 60e6;
  const found: number[] = [];
  for (let at = Math.ceil((low - shift) / step) * step + shift; at <= high && found.length < 100; at += step) found.push(at);
  return found;
}

function timeLabel(at: number, span: number): string {
  const text = formatDate(at);
  if (span > 3 * 86400e6) return text.slice(5, 10);
  if (span > 86400e6) return text.slice(5, 16);
  if (span > 600e6) return text.slice(11, 16);
  return span > 6e6 ? text.slice(11) : `${text.slice(14)}.${String(Math.floor(at / 1000) % 1000).padStart(3, "0")}`;
}

/** A scale over numbers. An empty or single-valued domain gets some air, so that nothing divides by zero. */
export function numericScale([from, to]: [number, number], kind: Exclude<ScaleKind, "category"> = "linear"): Scale {
  let [low, high] = from <= to ? [from, to] : [to, from];
  if (low === high) {
    const air = kind === "log" ? 0 : Math.abs(low) * 0.1 || 1;
    [low, high] = kind === "log" ? [low / 2, high * 2] : [low - air, high + air];
  }
  const log = kind === "log";
  const a = log ? Math.log(low) : low;
  const span = (log ? Math.log(high) : high) - a;
  return {
    kind,
    domain: [low, high],
    categories: [],
    place(cell) {
      const value = asNumber(cell);
      if (value === null || !Number.isFinite(value) || (log && value <= 0)) return null;
      return ((log ? Math.log(value) : value) - a) / span;
    },
    invert: (at) => (log ? Math.exp(a + at * span) : a + at * span),
    ticks(count) {
      const values = log ? logTicks(low, high, count) : kind === "time" ? timeTicks(low, high, count) : linearTicks(low, high, count);
      const label = (value: number) =>
        kind === "time" ? timeLabel(value, high - low) : kind === "duration" ? formatDuration(value) : formatNumber(value, 4);
      return values.map((value) => ({ at: ((log ? Math.log(value) : value) - a) / span, label: label(value) }));
    },
  };
}

/** The same axis from the other end: first things on top. */
export function flipped(scale: Scale): Scale {
  return {
    ...scale,
    place: (cell) => {
      const at = scale.place(cell);
      return at === null ? null : 1 - at;
    },
    invert: (at) => scale.invert(1 - at),
    ticks: (count) => scale.ticks(count).map((tick) => ({ ...tick, at: 1 - tick.at })),
  };
}

/** Equal for equal values, whatever their type. */
export function cellKey(cell: Cell | undefined): string {
  return JSON.stringify(cell ?? null);
}

/** A scale over distinct values, each in the middle of its share. */
export function categoryScale(values: readonly Cell[]): Scale {
  const places = new Map(values.map((value, i) => [cellKey(value), i]));
  const n = Math.max(values.length, 1);
  return {
    kind: "category",
    domain: [0, n],
    categories: [...values],
    place(cell) {
      const index = places.get(cellKey(cell));
      return index === undefined ? null : (index + 0.5) / n;
    },
    invert: (at) => at * n - 0.5,
    ticks(count) {
      const every = Math.max(1, Math.ceil(n / Math.max(count, 1)));
      return values.flatMap((value, i) => (i % every === 0 ? [{ at: (i + 0.5) / n, label: formatCell(value) }] : []));
    },
  };
}

/** Distinct values that are there: numbers by size, then texts by name. */
export function distinct(cells: readonly (Cell | undefined)[]): Cell[] {
  const found = new Map<string, Cell>();
  for (const cell of cells) if (cell !== null && cell !== undefined) found.set(cellKey(cell), cell);
  const rank = (cell: Cell) => asNumber(cell);
  return [...found.values()].sort((one, two) => {
    const [a, b] = [rank(one), rank(two)];
    if (a !== null && b !== null) return a - b;
    if (a !== null || b !== null) return a !== null ? -1 : 1;
    return formatCell(one).localeCompare(formatCell(two), "en", { numeric: true });
  });
}

export interface ScaleWish {
  kind?: ScaleKind;
  /** Share of air at both ends of a linear axis. */
  pad?: number;
  /** Ends that must be part of it. */
  include?: number[];
}

/** Whether a logarithmic axis shows more: all above zero and over more than two decades. */
export function wantsLog(values: readonly number[]): boolean {
  let low = Infinity;
  let high = 0;
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    if (value <= 0) return false;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return high / low > 100;
}

/** The scale that fits some values: numbers (log if they span decades), else categories. */
export function scaleFor(cells: readonly (Cell | undefined)[], { kind, pad = 0, include = [] }: ScaleWish = {}): Scale {
  const there = cells.filter((cell) => cell !== null && cell !== undefined && !(isSpecial(cell) && cell.$ === "none"));
  const numbers = there.map(asNumber);
  if (kind === "category" || (kind === undefined && numbers.some((n) => n === null))) return categoryScale(distinct(there));
  const finite = numbers.filter((n): n is number => n !== null && Number.isFinite(n));
  const chosen = kind ?? (wantsLog(finite) ? "log" : "linear");
  const shown = [...finite, ...include].filter((n) => chosen !== "log" || n > 0);
  if (!shown.length) return numericScale([0, 1], chosen === "log" ? "linear" : chosen);
  let low = Infinity;
  let high = -Infinity;
  for (const n of shown) {
    if (n < low) low = n;
    if (n > high) high = n;
  }
  if (pad && chosen === "log") {
    const air = (high / low) ** pad;
    return numericScale([low / air, high * air], "log");
  }
  const air = (high - low) * pad;
  return numericScale([low - air, high + air], chosen);
}
