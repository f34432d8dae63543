import { describe, expect, it } from "vitest";
import type { StudySummary, StudyTrial } from "../../wire/types";
import { keptTrials, lookOf, looksIn, objectiveField, sortedTrials, staircase } from "./model";

const trial = (number: number, state: string, value: number | null, more: Partial<StudyTrial> = {}): StudyTrial => ({
  run: `run${number}`, number, state, values: value === null ? null : [value], params: {}, constraints: {}, feasible: true, started: number, ended: null, duration_s: null, ...more,
});
const summary = (trials: StudyTrial[]): StudySummary => ({ name: "s", objectives: ["value"], directions: ["minimize"], best: null, params: ["lr", "a/b"], trials, user_attrs: {} });

describe("trials", () => {
  const trials = [trial(0, "COMPLETE", 3, { params: { lr: 0.1 } }), trial(1, "PRUNED", 5, { params: { lr: 0.2 } }), trial(2, "FAIL", null), trial(3, "COMPLETE", 1, { feasible: false, params: { lr: 0.3, "a/b": "x" } })];

  it("look different in shape, not only in colour", () => {
    const shapes = ["COMPLETE", "PRUNED", "FAIL", "RUNNING"].map((state) => lookOf({ state, feasible: true }).shape);
    expect(new Set(shapes).size).toBe(4);
    expect(lookOf(trials[3]!).name).toBe("infeasible");
    expect(lookOf({ state: "SOMETHING_NEW", feasible: true }).name).toBe("something_new");
    expect(looksIn(trials).map((each) => each.count)).toEqual([1, 1, 1, 1]);
  });

  it("sort by value with those without one last, both ways", () => {
    const numbers = (sort: string) => sortedTrials(summary(trials), trials, sort).map((each) => each.number);
    expect(numbers(objectiveField(0))).toEqual([3, 0, 1, 2]);
    expect(numbers(`-${objectiveField(0)}`)).toEqual([1, 0, 3, 2]);
    expect(numbers("-number")).toEqual([3, 2, 1, 0]);
    expect(numbers("params.lr")).toEqual([0, 1, 3, 2]);
    expect(numbers('params["a/b"]')[0]).toBe(3);
  });

  it("are kept by the ranges of their params and of their value", () => {
    expect([...keptTrials(summary(trials), [{ field: "params.lr", low: 0.15, high: 1 }])]).toEqual([1, 3]);
    expect([...keptTrials(summary(trials), [{ field: objectiveField(0), low: 0, high: 4 }, { field: "params.lr", low: 0, high: 0.15 }])]).toEqual([0]);
    expect(keptTrials(summary(trials), []).size).toBe(4);
  });
});

it("a front goes from left to right", () => {
  expect(staircase([[3, 1], [1, 3], [2, 2]])).toEqual({ x: [1, 2, 3], y: [3, 2, 1] });
});
