// Places of numbers by rank: one outlier doesn't press all others into one colour.
import { asNumber } from "../../base/format";
import type { Cell } from "../../wire/types";

/** A function from a value to its rank between 0 (least) and 1; equal values have equal ranks. */
export function ranked(cells: readonly (Cell | undefined)[]): (cell: Cell | undefined) => number {
  const sorted = [...new Set(cells.map((cell) => asNumber(cell)).filter((value): value is number => value !== null && Number.isFinite(value)))].sort((a, b) => a - b);
  const places = new Map(sorted.map((value, i) => [value, sorted.length > 1 ? i / (sorted.length - 1) : 0.5]));
  return (cell) => places.get(asNumber(cell) ?? NaN) ?? 0;
}
