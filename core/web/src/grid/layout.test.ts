// Columns in sight and very tall tables.
import { expect, test } from "vitest";
import { HEIGHT_MAX, inSight, layOut, vertical } from "./layout";

const columns = [{ width: 200, pinned: true }, ...Array.from({ length: 50 }, () => ({ width: 100 }))];

test("only columns in sight exist, with one more at each side", () => {
  const layout = layOut(columns);
  expect(layout).toMatchObject({ pinnedWidth: 200, width: 5200 });
  expect(inSight(columns, layout, 0, 700)).toEqual([1, 7]);
  expect(inSight(columns, layout, 1050, 700)).toEqual([10, 18]);
  expect(inSight(columns, layout, 4500, 700)).toEqual([44, 51]);
});

test("ten million rows fit into what a browser can scroll, from the first to the last", () => {
  const view = 600;
  const { height, factor } = vertical(10_000_000, 28, view);
  expect(height).toBe(HEIGHT_MAX);
  expect((height - view) * factor).toBeCloseTo(10_000_000 * 28 - view, 0);
  expect(vertical(1000, 28, view)).toEqual({ height: 28_000, factor: 1 });
});
