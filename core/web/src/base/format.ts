// How values read: numbers, times, durations, sizes and whatever a cell can hold, always as plain text.
import type { Cell, Json, Micros, Special } from "../wire/types";

export const MISSING = "–";

/** Whether a cell holds one of the values that JSON can't say. */
export function isSpecial(value: unknown): value is Special {
  return typeof value === "object" && value !== null && !Array.isArray(value) && "$" in value;
}

/** The number that a cell holds, NaN and infinities included; null if it holds none. */
export function asNumber(cell: Cell | undefined): number | null {
  if (typeof cell === "number") return cell;
  if (!isSpecial(cell)) return null;
  if (cell.$ === "nan") return NaN;
  if (cell.$ === "inf") return Infinity;
  if (cell.$ === "-inf") return -Infinity;
  return cell.$ === "int" ? Number(cell.v) : null;
}

/** Five significant digits, whole numbers whole; "1.2e-7" beyond what reads well. */
export function formatNumber(value: number, digits = 5): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
  const size = Math.abs(value);
  if (Number.isInteger(value) && size < 1e12) return minus(String(value));
  if (size !== 0 && (size < 1e-4 || size >= 1e9)) {
    const [mantissa, exponent] = value.toExponential(Math.max(digits - 2, 1)).split("e");
    return minus(`${trimZeros(mantissa!)}e${exponent!.replace("+", "")}`);
  }
  return minus(trimZeros(value.toPrecision(Math.max(digits, Math.ceil(Math.log10(size + 1))))));
}

function trimZeros(text: string): string {
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}

function minus(text: string): string {
  return text.replace(/-/g, "−");
}

/** A difference, always with its sign. */
export function formatDelta(value: number, digits = 3): string {
  if (value === 0) return "±0";
  return value > 0 ? `+${formatNumber(value, digits)}` : formatNumber(value, digits);
}

/** "850 ms", "12.3 s", "4m 05s", "2h 03m", "3d 4h". */
export function formatDuration(seconds: number | null): string {
  if (seconds === null || !Number.isFinite(seconds)) return MISSING;
  if (seconds < 0.9995) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 60) return `${seconds.toFixed(seconds < 10 ? 1 : 0)} s`;
  const whole = Math.round(seconds);
  const two = (n: number) => String(n).padStart(2, "0");
  if (whole < 3600) return `${Math.floor(whole / 60)}m ${two(whole % 60)}s`;
  if (whole < 86400) return `${Math.floor(whole / 3600)}h ${two(Math.floor((whole % 3600) / 60))}m`;
  return `${Math.floor(whole / 86400)}d ${Math.floor((whole % 86400) / 3600)}h`;
}

/** "now", "5 min ago", "3 h ago", then the date. */
export function formatAgo(at: Micros | null, now = Date.now() * 1000): string {
  if (at === null) return MISSING;
  const seconds = (now - at) / 1e6;
  if (seconds < 45) return "now";
  if (seconds < 3600) return `${Math.max(1, Math.round(seconds / 60))} min ago`;
  if (seconds < 86400) return `${Math.round(seconds / 3600)} h ago`;
  if (seconds < 7 * 86400) return `${Math.round(seconds / 86400)} d ago`;
  return formatDate(at).slice(0, 10);
}

/** "2026-11-22 03:14:15", in the reader's own time zone. */
export function formatDate(at: Micros | null): string {
  if (at === null) return MISSING;
  const date = new Date(at / 1000);
  const two = (n: number) => String(n).padStart(2, "0");
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

/** "1.2 MB"; powers of 1,000. */
export function formatBytes(bytes: number | null): string {
  if (bytes === null) return MISSING;
  if (bytes < 1000) return `${bytes} B`;
  const power = Math.min(Math.floor(Math.log10(bytes) / 3), 5);
  return `${formatNumber(bytes / 1000 ** power, 3)} ${["B", "kB", "MB", "GB", "TB", "PB"][power]}`;
}

/** "12,345". */
export function formatCount(count: number): string {
  return count.toLocaleString("en-US");
}

/** Any cell as one line of text; `type` is the column's, as the server tells it. */
export function formatCell(cell: Cell | undefined, type = "any"): string {
  if (cell === null || cell === undefined) return MISSING;
  if (typeof cell === "number") {
    if (type === "time") return formatDate(cell);
    if (type === "duration") return formatDuration(cell);
    return formatNumber(cell);
  }
  if (typeof cell === "boolean") return cell ? "true" : "false";
  if (typeof cell === "string") return cell;
  if (Array.isArray(cell)) return cell.join(", ");
  const number = asNumber(cell);
  if (number !== null && cell.$ !== "int") return formatNumber(number);
  if (cell.$ === "none") return "None";
  return "v" in cell ? String(cell.v) : String(cell.$);
}

/** Plain data as readable text, indented. */
export function formatJson(value: Json): string {
  return JSON.stringify(value, (_key, each) => (isSpecial(each) ? formatCell(each) : each), 2);
}

/** Long texts cut for a label; the whole text belongs into `title`. */
export function clip(text: string, chars: number): string {
  const line = text.replace(/\s+/g, " ").trim();
  return line.length <= chars ? line : `${line.slice(0, chars - 1)}…`;
}
