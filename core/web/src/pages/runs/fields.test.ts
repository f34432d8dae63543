// Names of columns and orders are read as the filter language writes them.
import { describe, expect, test } from "vitest";
import { equals, formatOrder, parseField, parseOrder, titleOf, toggled, withStat } from "./fields";

describe("fields", () => {
  test("params, metrics with a statistic, and fields of every run", () => {
    expect(parseField("params.lr")).toEqual({ family: "params", name: "lr", stat: "" });
    expect(parseField("params.optimizer.lr")).toEqual({ family: "params", name: "optimizer.lr", stat: "" });
    expect(parseField('metrics["val/loss"].min')).toEqual({ family: "metrics", name: "val/loss", stat: "min" });
    expect(parseField('params["a \\"b\\", c"]')).toEqual({ family: "params", name: 'a "b", c', stat: "" });
    expect(parseField("children.count")).toEqual({ family: "", name: "children.count", stat: "" });
  });

  test("another statistic of the same metric", () => {
    expect(withStat('metrics["val/loss"]', "min")).toBe('metrics["val/loss"].min');
    expect(withStat('metrics["val/loss"].max', "last")).toBe('metrics["val/loss"]');
    expect(withStat("params.lr", "min")).toBe("params.lr");
  });

  test("titles tell params from metrics", () => {
    expect(titleOf("params.lr")).toEqual({ title: "lr", group: "param" });
    expect(titleOf("metrics.acc.max")).toEqual({ title: "acc max", group: undefined });
  });
});

describe("orders", () => {
  test("commas in names part nothing", () => {
    const terms = parseOrder('-metrics["a, b"].max, name');
    expect(terms).toEqual([{ id: 'metrics["a, b"].max', down: true }, { id: "name", down: false }]);
    expect(formatOrder(terms)).toBe('-metrics["a, b"].max, name');
  });

  test("a click goes one way, the other way, away", () => {
    expect(toggled("", "metrics.acc", false)).toBe("-metrics.acc");
    expect(toggled("-metrics.acc", "metrics.acc", false)).toBe("metrics.acc");
    expect(toggled("metrics.acc", "metrics.acc", false)).toBe("");
    expect(toggled("", "name", false)).toBe("name");
  });

  test("with Shift the other orders stay", () => {
    expect(toggled("name", "metrics.acc", true)).toBe("name, -metrics.acc");
    expect(toggled("name, -metrics.acc", "name", true)).toBe("-name, -metrics.acc");
  });
});

test("a value as a condition", () => {
  expect(equals("params.lr", 0.1)).toBe("params.lr == 0.1");
  expect(equals("params.a", 'x "y"')).toBe('params.a == "x \\"y\\""');
  expect(equals("params.a", null)).toBe("params.a is None");
  expect(equals("tags", ["a", "b"])).toBe('"a" in tags and "b" in tags');
});
