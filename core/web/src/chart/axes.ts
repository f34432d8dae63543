// Axes: their ticks, the words at them and their colours.
import type uPlot from "uplot";
import { formatNumber } from "../base/format";
import type { ChartOptions, XKind } from "./model";

const FONT = '11px ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif';

export interface Ink {
  text: string;
  faint: string;
  grid: string;
  back: string;
}

export function ink(dark: boolean): Ink {
  return dark
    ? { text: "#9aa3b2", faint: "#6b7485", grid: "#2a2f3a", back: "#16181d" }
    : { text: "#667085", faint: "#98a2b3", grid: "#eceef2", back: "#ffffff" };
}

/** Axis labels short enough to stand side by side: 1.2k, 3M. */
export function shortNumber(value: number): string {
  const size = Math.abs(value);
  if (size >= 1e4 && size < 1e15) {
    const power = Math.min(Math.floor(Math.log10(size) / 3), 4);
    return `${formatNumber(Number((value / 1000 ** power).toPrecision(6)), 6)}${["", "k", "M", "G", "T"][power]}`;
  }
  return formatNumber(Number(value.toPrecision(10)), 6);
}

/** "1:30", "2h", "3d": a place on an axis of elapsed seconds. */
export function shortDuration(seconds: number): string {
  const size = Math.abs(seconds);
  const sign = seconds < 0 ? "−" : "";
  if (size < 60) return `${sign}${formatNumber(Number(size.toPrecision(6)))}s`;
  const two = (n: number) => String(Math.floor(n)).padStart(2, "0");
  if (size < 3600) return size % 60 ? `${sign}${Math.floor(size / 60)}m${two(size % 60)}` : `${sign}${size / 60}m`;
  if (size < 86400) return size % 3600 ? `${sign}${Math.floor(size / 3600)}h${two((size % 3600) / 60)}` : `${sign}${size / 3600}h`;
  return `${sign}${formatNumber(Number((size / 86400).toPrecision(4)))}d`;
}

const DURATION_STEPS = [
  0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800,
  3600, 7200, 10800, 21600, 43200, 86400, 172800, 432000, 864000, 2592000,
];

function values(kind: XKind): uPlot.Axis["values"] {
  if (kind === "time") return undefined; // uPlot's own: it knows days and months.
  const text = kind === "duration" ? shortDuration : shortNumber;
  return (_u, splits) => splits.map((value) => (value === null ? "" : text(value)));
}

/** Log axes label decades only, unless there are hardly any. */
function logValues(_u: uPlot, splits: number[]): string[] {
  const decade = (value: number) => Math.abs(Math.log10(value) - Math.round(Math.log10(value))) < 1e-9;
  const decades = splits.filter((value) => value > 0 && decade(value)).length;
  return splits.map((value) => {
    if (!(value > 0)) return "";
    if (decade(value)) return shortNumber(value);
    const first = Math.round(value / 10 ** Math.floor(Math.log10(value)));
    return decades < 2 && (first === 2 || first === 5) ? shortNumber(value) : "";
  });
}

export function axes(options: ChartOptions): uPlot.Axis[] {
  const colors = ink(options.dark);
  const kind = options.xKind ?? "number";
  const shared = { stroke: colors.text, font: FONT, grid: { stroke: colors.grid, width: 1 } };
  const x: uPlot.Axis = {
    ...shared,
    size: 24,
    gap: 4,
    space: 56,
    ticks: { stroke: colors.grid, width: 1, size: 4 },
    values: options.logX ? logValues : values(kind),
  };
  if (kind === "duration" && !options.logX) x.incrs = DURATION_STEPS;
  const y: uPlot.Axis = {
    ...shared,
    gap: 5,
    space: 28,
    ticks: { show: false },
    size: (u, labels) => 12 + Math.ceil(Math.max(0, ...(labels ?? []).map((label) => textWidth(u, label)))),
    values: options.logY ? logValues : (_u, splits) => splits.map(shortNumber),
  };
  return [x, y];
}

function textWidth(u: uPlot, label: string): number {
  u.ctx.save();
  u.ctx.font = FONT;
  const width = u.ctx.measureText(label ?? "").width;
  u.ctx.restore();
  return width;
}

/** The x of the pointer, for the tooltip. */
export function formatX(x: number, kind: XKind): string {
  if (kind === "duration") return shortDuration(Number(x.toPrecision(6)));
  if (kind === "time") return new Date(x * 1000).toLocaleString("sv-SE");
  return formatNumber(Number(x.toPrecision(8)), 8);
}
