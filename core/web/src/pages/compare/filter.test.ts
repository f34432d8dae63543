import { describe, expect, it } from "vitest";
import { numericScale, categoryScale } from "../../chart/scale";
import { fieldOf, metricField, metricOf, paramField, usualMetric, variablesOf } from "./fields";
import { brushesOf, filterOf, passes, replaced, type Brush } from "./filter";
import { brushOf, rangesOf } from "./ranges";

describe("names in filters", () => {
  it("quotes names that are no plain Python names", () => {
    expect(paramField("lr")).toBe("params.lr");
    expect(paramField("optimizer.lr")).toBe("params.optimizer.lr");
    expect(paramField("a/b")).toBe('params["a/b"]');
    expect(paramField("lambda")).toBe('params["lambda"]');
    expect(paramField('x"y')).toBe('params["x\\"y"]');
  });

  it("takes a metric's row apart into key, context and statistic", () => {
    expect(metricOf("val/loss.min")).toEqual({ key: "val/loss", statistic: "min", context: "" });
    expect(metricOf("loss [rank=1].last")).toEqual({ key: "loss", statistic: "last", context: "rank=1" });
    expect(metricField("val/loss", "min")).toBe('metrics["val/loss"].min');
    expect(metricField("loss", "last", "rank=1")).toBe('metrics["loss", "rank=1"].last');
    // "metrics.cv.mean.best" would be read as the mean of "cv".
    expect(metricField("cv.mean", "best")).toBe('metrics["cv.mean"].best');
  });

  it("knows no filter for parts of the environment", () => {
    expect(fieldOf({ section: "environment", name: "python.version" })).toBeNull();
    expect(fieldOf({ section: "run", name: "duration_s" })).toBe("duration");
  });
});

describe("brushes as filters", () => {
  const brushes: Brush[] = [
    { field: 'params["a/b"]', low: -1.5e-7, high: 2 },
    { field: "params.optimizer", values: ["adam", 'quo"ted, and such', true] },
    { field: 'metrics["loss", "rank=1"].min', low: 0, high: 0.25 },
  ];

  it("come back from the expression they are written as", () => {
    expect(brushesOf(filterOf(brushes))).toEqual(brushes);
    expect(filterOf(brushes.slice(0, 2))).toBe('params["a/b"] >= -1.5e-7 and params["a/b"] <= 2 and params.optimizer in ["adam", "quo\\"ted, and such", True]');
  });

  it("leave expressions written by hand to the server", () => {
    expect(brushesOf("params.lr > 1 or name == 'x'")).toBeNull();
    expect(brushesOf("params.lr >= 1 and params.other <= 2")).toBeNull();
    expect(brushesOf("")).toEqual([]);
  });

  it("leave out runs that have no value", () => {
    const range: Brush = { field: "x", low: 0, high: 1 };
    expect([0, 1, 0.5].every((cell) => passes(range, cell))).toBe(true);
    expect([null, undefined, -0.1, "0.5", { $: "nan" } as const].some((cell) => passes(range, cell))).toBe(false);
    expect(passes({ field: "x", values: ["1"] }, 1)).toBe(false);
  });

  it("replace one another by field", () => {
    expect(replaced(brushes, "params.optimizer", null)).toHaveLength(2);
    expect(replaced(brushes, "params.lr", { field: "params.lr", low: 0, high: 1 })).toHaveLength(4);
  });

  it("round outwards, so that what was drawn around stays inside", () => {
    const scale = numericScale([1.23456789, 9.87654321]);
    const brush = brushOf("x", scale, [0.25, 0.75]) as Extract<Brush, { low: number }>;
    expect(brush.low).toBeLessThanOrEqual(scale.invert(0.25));
    expect(brush.high).toBeGreaterThanOrEqual(scale.invert(0.75));
    const whole = brushOf("x", scale, [0, 1]) as Extract<Brush, { low: number }>;
    expect(passes(whole, 1.23456789) && passes(whole, 9.87654321)).toBe(true);
  });

  it("lie on the axis where they were drawn", () => {
    const scale = categoryScale(["a", "b", "c", "d"]);
    const brush = brushOf("x", scale, [0.3, 0.7])!;
    expect(brush).toEqual({ field: "x", values: ["b", "c"] });
    const [low, high] = rangesOf([{ id: "x", name: "x", scale }], [brush]).x!;
    expect(low).toBeGreaterThan(0.25);
    expect(high).toBeLessThan(0.75);
    expect(brushOf("x", scale, [0.26, 0.3])).toBeNull();
  });
});

describe("axes", () => {
  const row = (section: string, name: string, values: (number | string | null)[], differs = true) => ({ section, name, differs, values, deltas: null });

  it("are rows that differ: numbers, or a few distinct texts", () => {
    const texts = Array.from({ length: 40 }, (_, i) => `text ${i}`);
    const found = variablesOf([
      row("params", "lr", [0.1, 0.2]), row("params", "same", [1, 1], false), row("params", "optimizer", ["adam", "sgd"]),
      row("params", "prompt", texts), row("code", "commit", ["a", "b"]), row("params", "none", [null, null]),
    ]);
    expect(found.map((each) => [each.name, each.numeric])).toEqual([["lr", true], ["optimizer", false]]);
  });

  it("explain the best validation value by default, if most runs have it", () => {
    const found = variablesOf([row("metrics", "train/loss.best", [1, 2, 3]), row("metrics", "val/loss.last", [1, 2, 3]), row("metrics", "val/loss.best", [1, 2, 3]), row("metrics", "val/rare.best", [1, null, null])]);
    expect(usualMetric(found)!.name).toBe("val/loss.best");
  });
});
