import { describe, expect, it } from "vitest";
import type { Comparison } from "../../wire/types";
import { RUNS_MAX, runsOf } from "./address";
import { ranked } from "./ranked";
import { whereOf } from "../../base/where";
import { linesOf } from "./rows";
import { windowOf } from "./windows";

describe("windowOf", () => {
  it("never leaves the table, and covers what is seen", () => {
    expect(windowOf(1000, 28, 0, 280, 2)).toEqual({ from: 0, to: 12 });
    expect(windowOf(1000, 28, 2800, 280, 2)).toEqual({ from: 98, to: 112 });
    expect(windowOf(1000, 28, 28_000_000, 280)).toEqual({ from: 1000, to: 1000 });
    expect(windowOf(0, 28, 0, 280)).toEqual({ from: 0, to: 0 });
    expect(windowOf(3, 28, 0, -50).to).toBeLessThanOrEqual(3);
  });
});

describe("lines of the table", () => {
  const data = {
    rows: [
      { section: "params", name: "optimizer.lr", differs: true, values: [1, 2], deltas: [0, 1] },
      { section: "params", name: "depth", differs: true, values: [1, 2], deltas: [0, 1] },
      { section: "code", name: "commit", differs: true, values: ["a", "b"], deltas: null },
    ],
    counts: { params: { all: 5, differing: 2 }, code: { all: 1, differing: 1 }, tags: { all: 0, differing: 0 } },
  } as unknown as Comparison;
  const names = (search: string, closed: string[] = []) => linesOf(data, search, new Set(closed)).map((line) => (line.type === "row" ? line.row.name : line.section));

  it("stand below their sections; sections without anything are left out", () => {
    expect(names("")).toEqual(["params", "optimizer.lr", "depth", "code", "commit"]);
  });

  it("are found by all words of the search", () => {
    expect(names("LR opt")).toEqual(["params", "optimizer.lr"]);
  });

  it("hide in a closed section", () => {
    expect(names("", ["params"])).toEqual(["params", "code", "commit"]);
  });
});

it("runs in the address are taken once, from both ways to write them", () => {
  expect(runsOf(new URLSearchParams("runs=a,b,a&run=c&run=b"))).toEqual(["a", "b", "c"]);
  expect(RUNS_MAX).toBe(100);
});

it("plain words look for a name, anything else is a filter", () => {
  expect(whereOf("golden bison")).toBe('like(name, "%golden bison%")');
  expect(whereOf("params.lr > 1")).toBe("params.lr > 1");
  expect(whereOf("  ")).toBe("");
});

it("ranks keep an outlier from pressing all others together", () => {
  const share = ranked([1, 2, 3, 1e9, null, { $: "nan" }]);
  expect([1, 2, 3, 1e9].map((value) => share(value))).toEqual([0, 1 / 3, 2 / 3, 1]);
  expect(share(null)).toBe(0);
});
