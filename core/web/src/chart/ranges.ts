// Chosen parts of axes: who lies in them, what they are called, how keys move them.
import { formatCell, formatNumber } from "../base/format";
import type { Cell } from "../wire/types";
import type { Scale } from "./scale";

export interface ParallelAxis {
  id: string;
  name: string;
  scale: Scale;
}

/** Chosen parts of axes, from 0 to 1. */
export type Ranges = Readonly<Record<string, readonly [number, number]>>;

export function kept(row: { cells: readonly (Cell | undefined)[] }, axes: readonly ParallelAxis[], ranges: Ranges): boolean {
  return axes.every((axis, i) => {
    const range = ranges[axis.id];
    if (!range) return true;
    const at = axis.scale.place(row.cells[i]);
    return at !== null && at >= range[0] - 1e-9 && at <= range[1] + 1e-9;
  });
}

/** The next range for an arrow key. The first press takes a quarter (a category: one value) at that end. */
export function stepped(scale: Scale, range: readonly [number, number] | undefined, way: number, widen: boolean): [number, number] | null {
  const step = scale.kind === "category" ? 1 / Math.max(scale.categories.length, 1) : 0.05;
  const begin = scale.kind === "category" ? step : 0.25;
  if (!range) return way > 0 ? [1 - begin, 1] : [0, begin];
  let [low, high] = range;
  if (widen) {
    high += way * step;
    if (high > 1) [low, high] = [Math.max(low - step, 0), 1];
    if (high - low < 0.01) return null;
  } else {
    const moved = Math.min(Math.max(way * step, -low), 1 - high);
    [low, high] = [low + moved, high + moved];
  }
  return low <= 0.001 && high >= 0.999 ? null : [low, high];
}

export function rangeText(scale: Scale, [low, high]: readonly [number, number]): string {
  if (scale.kind === "category") return categoriesIn(scale, [low, high]).map((cell) => formatCell(cell)).join(", ") || "nothing";
  return `${formatNumber(scale.invert(low), 3)} to ${formatNumber(scale.invert(high), 3)}`;
}

export function categoriesIn(scale: Scale, [low, high]: readonly [number, number]): Cell[] {
  return scale.categories.filter((cell) => {
    const at = scale.place(cell)!;
    return at >= low - 1e-9 && at <= high + 1e-9;
  });
}
