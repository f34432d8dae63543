import { describe, expect, it } from "vitest";
import { categoryScale, distinct, flipped, niceStep, numericScale, scaleFor, wantsLog } from "./scale";
import { isoline, quantile, surface } from "./surface";

describe("scales", () => {
  it("find nice steps", () => {
    expect([niceStep(10, 5), niceStep(1, 4), niceStep(7, 5), niceStep(0, 5)]).toEqual([2, 0.2, 1, 1]);
  });

  it("place and invert", () => {
    for (const scale of [numericScale([2, 10]), numericScale([1e-5, 1e-1], "log"), flipped(numericScale([2, 10]))]) {
      for (const share of [0, 0.3, 1]) expect(scale.place(scale.invert(share))).toBeCloseTo(share, 9);
    }
  });

  it("have no place for what is missing, not finite, or not positive on a log axis", () => {
    const linear = numericScale([0, 1]);
    expect([null, undefined, { $: "nan" } as const, { $: "inf" } as const, "text"].map((cell) => linear.place(cell))).toEqual([null, null, null, null, null]);
    expect(numericScale([1, 10], "log").place(0)).toBeNull();
  });

  it("give a single value the middle, whatever it is", () => {
    for (const value of [0, 5, -3]) expect(numericScale([value, value]).place(value)).toBeCloseTo(0.5);
    expect(numericScale([7, 7], "log").place(7)).toBeCloseTo(0.5);
  });

  it("label a log axis by decades, or more finely where there are few", () => {
    expect(numericScale([1e-5, 1e-1], "log").ticks(6).map((tick) => tick.label)).toEqual(["1e−5", "0.0001", "0.001", "0.01", "0.1"]);
    expect(numericScale([1, 9], "log").ticks(6).map((tick) => tick.label)).toEqual(["1", "2", "5"]);
  });

  it("keep ticks inside of the axis", () => {
    for (const scale of [numericScale([0.123, 0.987]), numericScale([3, 8e6], "log"), numericScale([1.7e15, 1.7e15 + 5e9], "time")]) {
      const places = scale.ticks(6).map((tick) => tick.at);
      expect(places.length).toBeGreaterThan(1);
      expect(places.every((at) => at > -1e-6 && at < 1 + 1e-6)).toBe(true);
    }
  });

  it("choose log over decades, categories for texts", () => {
    expect(wantsLog([1e-5, 1e-2])).toBe(true);
    expect(wantsLog([0, 1e5])).toBe(false);
    expect(scaleFor([1, 2, 3]).kind).toBe("linear");
    expect(scaleFor([1, "adam"]).kind).toBe("category");
    expect(scaleFor([1, null, { $: "none" }, 2]).kind).toBe("linear");
    expect(scaleFor([]).place(0.5)).toBeCloseTo(0.5);
  });

  it("tell 1 from True and \"1\", and order as people count", () => {
    const values = distinct(["b10", "b2", true, 1, "1", 1, null]);
    expect(values).toHaveLength(5);
    expect(values[0]).toBe(1);
    expect(values.indexOf("b2")).toBeLessThan(values.indexOf("b10"));
    const scale = categoryScale(values);
    expect(new Set([1, true, "1"].map((each) => scale.place(each))).size).toBe(3);
  });
});

describe("surfaces", () => {
  it("go through the points and stay between them", () => {
    const grid = surface([0, 1, 0, 1], [0, 0, 1, 1], [0, 10, 0, 10], 20, 20);
    expect(Math.min(...grid.values)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...grid.values)).toBeLessThanOrEqual(10);
    expect(grid.values[0]!).toBeLessThan(1);
    expect(grid.values[19]!).toBeGreaterThan(9);
  });

  it("cross a level once per row of a slope", () => {
    const columns = 10;
    const values = Float64Array.from({ length: 100 }, (_, i) => i % columns);
    const lines = isoline({ columns, rows: 10, values }, 4.5);
    expect(lines).toHaveLength(9);
    for (const line of lines) expect(line.x1).toBeCloseTo(0.5);
  });

  it("know quantiles", () => {
    expect([quantile([1, 2, 3], 0.5), quantile([1, 2], 0.25), quantile([], 0.5)]).toEqual([2, 1.25, NaN]);
  });
});
