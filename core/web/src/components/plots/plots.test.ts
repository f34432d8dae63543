// What is drawn follows from the data alone: shares, lines, scales, tables, files.
import { expect, test } from "vitest";
import { importanceBars, measuresOf } from "./Bars";
import { toNumber, type PlotOfRun } from "./data";
import { problemOf } from "./kinds";
import { accuracy, arranged, mistakes, readMatrix, shares } from "./matrix";
import { bandPath, dotsPath, linePath, nearestPoint, stepPath } from "./paths";
import { plotCsv } from "./saving";
import { plotScale, probit } from "./scale";
import { binsFigure, classesOf, curveFigure, thresholdFigure, usualClass } from "./series";
import { nextOrder, sorted } from "./sort";
import { means, predictionTable, readTable } from "./Tables";
import type { Json } from "../../wire/types";

const of = (data: Json, run = "a"): PlotOfRun => ({ run, label: `run ${run}`, color: "#112233", data });
const identity = (value: number) => value;
const PALETTE = ["#000001", "#000002"];

test("numbers that JSON can't say come back as numbers", () => {
  expect([{ $: "nan" }, { $: "-inf" }, { $: "int", v: "12345678901234567890" }, true, "x"].map((value) => toNumber(value as Json))).toEqual([NaN, -Infinity, 12345678901234567890, 1, NaN]);
});

test("shares of a confusion matrix add up by row, by column or in all", () => {
  const matrix = readMatrix(of({ labels: ["a", "b"], matrix: [[3, 1], [0, 0]] }));
  expect(shares(matrix, "row")).toEqual([[0.75, 0.25], [0, 0]]);
  expect(shares(matrix, "column")).toEqual([[1, 1], [0, 0]]);
  expect(shares(matrix, "all")).toEqual([[0.75, 0.25], [0, 0]]);
  expect(accuracy(matrix)).toBe(0.75);
  expect(mistakes(matrix, 3)).toEqual([["a", "b", 1]]);
});

test("matrices of runs with other classes are brought onto the same ones", () => {
  const matrix = arranged(readMatrix(of({ labels: ["b", "a"], matrix: [[1, 2], [3, 4]] })), ["a", "b", "c"]);
  expect(matrix.cells).toEqual([[4, 3, 0], [2, 1, 0], [0, 0, 0]]);
});

test("a matrix that does not fit its labels is refused with a reason", () => {
  expect(problemOf("confusion_matrix", [of({ labels: ["a"], matrix: [[1, 2]] })])).toContain("does not fit its 1 labels");
  expect(problemOf("roc", [of({ curves: [{ label: 1, fpr: [0] }] })])).toBe("“tpr” is missing");
  expect(problemOf("roc", [of([1])])).toBe("“curves” is missing");
  expect(problemOf("whatever", [of(null)])).toBe("");
});

const ROC = { curves: [{ label: "cat", fpr: [0, 1], tpr: [0, 1], auc: 0.5 }, { label: "micro", fpr: [0, 1], tpr: [0, 1], auc: 0.6 }] };

test("one run has a colour for each class, several have the runs' colours", () => {
  const one = curveFigure("roc", [of(ROC)], "", PALETTE).series;
  expect(one.map((line) => [line.label, line.color])).toEqual([["cat (AUC 0.500)", PALETTE[1]], ["micro (AUC 0.600)", PALETTE[0]]]);
  const several = [of(ROC), { ...of(ROC, "b"), color: "#445566" }];
  expect(classesOf(several)).toEqual(["micro", "cat"]);
  expect(usualClass(classesOf(several), 2)).toBe("micro");
  const lines = curveFigure("roc", several, "micro", PALETTE).series;
  expect(lines.map((line) => [line.label, line.color])).toEqual([["run a (AUC 0.600)", "#112233"], ["run b (AUC 0.600)", "#445566"]]);
});

test("the best threshold is marked", () => {
  const figure = thresholdFigure([of({ thresholds: [0.9, 0.5, 0.1], f1: [0.2, 0.8, 0.3] })], ["f1"], PALETTE);
  expect(figure.marks).toEqual([{ axis: "x", at: 0.5, label: "best f1" }]);
});

test("bins become an outline that ends with the last edge", () => {
  const [series] = binsFigure([of({ edges: [0, 1, 3], counts: [1, 3] })], true).series;
  expect([series!.x, series!.y]).toEqual([[0, 1, 3], [0.25, 0.75, 0.75]]);
});

test("lines have gaps where values have no place", () => {
  expect(linePath([0, 1, 2, 3], [0, NaN, 2, 3], identity, identity)).toBe("M0 0M2 2L3 3");
  expect(stepPath([0, 1], [5, 6], identity, identity)).toBe("M0 5H1V6");
  expect(dotsPath([0, Infinity], [1, 2], identity, identity)).toBe("M0 1h0");
  expect(bandPath([0, 1], [0, 0], [2, 3], identity, identity)).toBe("M0 2L1 3L1 0L0 0Z");
});

test("the nearest point is found within reach only", () => {
  const series = [{ x: [0, 100], y: [0, 0] }, { x: [50], y: [10] }];
  expect(nearestPoint(series, identity, identity, 52, 8)).toEqual([1, 0]);
  expect(nearestPoint(series, identity, identity, 52, 300)).toBeNull();
});

test("the normal-deviate axis is symmetric and keeps its ends finite", () => {
  expect(probit(0.5)).toBeCloseTo(0, 9);
  expect(probit(0.975)).toBeCloseTo(1.959964, 5);
  const axis = plotScale("probit", [0, 1], [0, 100]);
  expect(axis.at(0.5)).toBeCloseTo(50, 6);
  expect([axis.at(0), axis.at(1)].every(Number.isFinite)).toBe(true);
  expect(axis.ticks.map((tick) => tick.label)).toContain("50 %");
});

test("importance of runs compares as shares, missing features as gaps", () => {
  const bars = importanceBars([of({ features: ["x", "y"], importance: { gain: [3, 1] } }), of({ features: ["z"], importance: { gain: [5] } }, "b")], "gain", true);
  expect(bars.map((bar) => [bar.name, bar.values])).toEqual([["z", [NaN, 1]], ["x", [0.75, NaN]], ["y", [0.25, NaN]]]);
});

test("the measure that most runs share is shown first", () => {
  const runs = [of({ features: [], importance: { own: [], gain: [] } }), of({ features: [], importance: { gain: [] } }, "b")];
  expect(measuresOf(runs)).toEqual(["gain", "own"]);
});

test("predictions of runs stand beside one another by row of the data", () => {
  const one = of({ row: [7, 3], truth: ["a", "b"], predicted: ["b", "b"], loss: [1, 0] });
  const two = of({ row: [3], truth: ["b"], predicted: ["a"], loss: [0.5] }, "b");
  expect(predictionTable([one, two]).rows).toEqual([[7, "a", "b", 1, null, null], [3, "b", "b", 0, "a", 0.5]]);
});

test("means over classes are plain and weighted by rows", () => {
  expect(means([1, 0], [3, 1])).toEqual({ macro: 0.5, weighted: 0.75 });
});

test("tables may be columns or rows", () => {
  expect(readTable({ columns: { a: [1, 2], b: ["x"] } })).toEqual({ head: ["a", "b"], rows: [[1, "x"], [2, null]] });
  expect(readTable({ columns: ["a"], data: [[1], [2]] })).toEqual({ head: ["a"], rows: [[1], [2]] });
});

test("sorting puts what is missing last, both ways", () => {
  const rows = [[2], [null], [10], [{ $: "nan" }]] as Json[][];
  expect(sorted(rows, { column: 0, descending: true })).toEqual([2, 0, 1, 3]);
  expect(sorted(rows, { column: 0, descending: false })).toEqual([0, 2, 1, 3]);
  expect(nextOrder({ column: 0, descending: false }, 0)).toBeNull();
});

test("of a curve, each row of the file says which one it is of", () => {
  expect(plotCsv([of(ROC)]).split("\n")[1]).toBe("run a,cat,0,0");
});
