import { expect, it } from "vitest";
import { LIGHT } from "../../../base/colors";
import type { Cell } from "../../../wire/types";
import type { Plotted } from "../plotted";
import { makeLook } from "./look";

const run = (key: string): Plotted => ({ key, label: key, runs: [key], group: false, running: false });
const NONE = { colorBy: "", dashBy: "", facetBy: "" };

function look(by: Partial<typeof NONE>, cells: Record<string, Cell>, plotted = Object.keys(cells).map(run)) {
  return makeLook(plotted, { ...NONE, ...by }, () => new Map(Object.entries(cells)));
}

it("runs of one value share a colour; numbers are in order, runs without a value come last", () => {
  const found = look({ colorBy: "params.lr" }, { a: 0.1, b: 0.01, c: 0.1, d: null });
  expect(["b", "a", "c", "d"].map((key) => found.color(key, false))).toEqual([LIGHT[0], LIGHT[1], LIGHT[1], LIGHT[2]]);
  expect(found.legends.map(({ by, entries }) => [by, ...entries.map(({ label }) => label)])).toEqual([["lr", "0.01", "0.1", "no value"]]);
});

it("many numbers get a scale of colours instead of hues", () => {
  const cells = Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`run${i}`, i / 7]));
  const found = look({ colorBy: "params.lr" }, cells);
  expect(new Set(Object.keys(cells).map((key) => found.color(key, false))).size).toBe(30);
  expect(found.legends[0]!.entries).toHaveLength(5);
});

it("dashes beyond the patterns that eyes tell apart are one", () => {
  const found = look({ dashBy: "params.kind" }, { a: "a", b: "b", c: "c", d: "d", e: "e", f: "f", g: "g" });
  expect(found.dash("a")).toBeUndefined();
  expect(found.dash("f")).toEqual(found.dash("g"));
  expect(found.legends[0]!.entries.at(-1)!.label).toBe("2 others");
});

it("a group whose runs differ is in a chart of its own", () => {
  const group = { ...run("both"), runs: ["x", "y"], group: true };
  const found = look({ facetBy: "params.seed" }, { x: 1, y: 2 }, [group, run("x")]);
  expect(found.facets!.map(({ label, keys }) => [label, ...keys])).toEqual([["seed = 1", "x"], ["seed = several values", "both"]]);
});
