// Chosen parts of axes as conditions on fields, and conditions as parts of axes.
import { categoriesIn, type ParallelAxis, type Ranges } from "../../chart/ranges";
import type { Scale } from "../../chart/scale";
import type { Cell } from "../../wire/types";
import type { Brush } from "./filter";

/** The condition that a part of an axis stands for; null if nothing lies there. Numbers are rounded outwards. */
export function brushOf(field: string, scale: Scale, range: readonly [number, number]): Brush | null {
  if (scale.kind === "category") {
    const values = categoriesIn(scale, range).filter((cell): cell is string | number | boolean => ["string", "number", "boolean"].includes(typeof cell));
    return values.length ? { field, values } : null;
  }
  const low = range[0] <= 0.002 ? scale.domain[0] : scale.invert(range[0]);
  const high = range[1] >= 0.998 ? scale.domain[1] : scale.invert(range[1]);
  return { field, low: outwards(low, Math.floor), high: outwards(high, Math.ceil) };
}

/** Four digits say where a range ends; an end that has fewer stays as it is. */
function outwards(value: number, round: (x: number) => number): number {
  if (!Number.isFinite(value) || value === 0 || Number(value.toPrecision(4)) === value) return value;
  const unit = 10 ** (Math.floor(Math.log10(Math.abs(value))) - 3);
  return Number((round(value / unit) * unit).toPrecision(4));
}

/** Where conditions lie on the axes that are shown. */
export function rangesOf(axes: readonly ParallelAxis[], brushes: readonly Brush[]): Ranges {
  const found: Record<string, [number, number]> = {};
  for (const axis of axes) {
    const brush = brushes.find((each) => each.field === axis.id);
    const range = brush && rangeOn(axis.scale, brush);
    if (range) found[axis.id] = range;
  }
  return found;
}

function rangeOn(scale: Scale, brush: Brush): [number, number] | null {
  if ("values" in brush) {
    const half = 0.5 / Math.max(scale.categories.length, 1);
    const places = brush.values.map((value) => scale.place(value as Cell)).filter((at): at is number => at !== null);
    return places.length ? [Math.max(Math.min(...places) - half * 0.9, 0), Math.min(Math.max(...places) + half * 0.9, 1)] : null;
  }
  const cut = (value: number, or: number) => Math.min(Math.max(scale.place(value) ?? or, 0), 1);
  return [cut(brush.low, 0), cut(brush.high, 1)];
}
