// Pure parts of the run page: charts of metrics, maps of histograms, tones of lines, marked source.
import { expect, test } from "vitest";
import type { ComparedRow, LineageNode, MetricFacts, PlotLink } from "../../wire/types";
import { tellingRows } from "./Children";
import { fits, rangeOf } from "./Charts";
import { tone } from "./Console";
import { ConsoleStore } from "./consoleStore";
import { lastLine } from "./Ending";
import { plotGroups } from "./Evaluation";
import { highlight } from "./highlight";
import { stepMap, thinned } from "./HistogramsOverSteps";
import { placed } from "./MiniLineage";
import { metricCharts, quantityTitle, systemCharts } from "./series";

const PALETTE = ["#000001", "#000002", "#000003", "#000004", "#000005"];
const metric = (key: string, context = ""): MetricFacts => ({
  key, context, count: 3, nan_count: 0, direction: 0, first: { value: 0, step: 0 }, last: { value: 0, step: 0 },
  min: { value: 0, step: 0 }, max: { value: 0, step: 0 }, best: null, mean: 0, last_at: null, aliases: [],
});

test("splits of a metric share a chart, the loss first", () => {
  const charts = metricCharts(["learning_rate", "val/accuracy", "train/loss", "val/loss", "grad/fc1"].map((key) => metric(key)), PALETTE, true);
  expect(charts.map((chart) => chart.key)).toEqual(["loss", "accuracy", "learning_rate", "grad/fc1"]);
  expect(charts[0]!.lines.map((line) => [line.label, line.color])).toEqual([["train", PALETTE[0]], ["val", PALETTE[1]]]);
  expect(metricCharts([metric("train/loss"), metric("val/loss")], PALETTE, false)).toHaveLength(2);
});

test("extremes of a window are a band, several GPUs one chart", () => {
  const charts = systemCharts(["machine/cpu_percent", "machine/cpu_percent.min", "machine/cpu_percent.max", "gpu/0/power_watts", "gpu/1/power_watts"].map((key) => metric(key)), PALETTE);
  expect(charts.map((chart) => [chart.section, chart.title, chart.lines.length])).toEqual([["gpu", "power (W)", 2], ["machine", "cpu (%)", 1]]);
  expect(charts[1]!.lines[0]!.band).toEqual({ min: "machine/cpu_percent.min", max: "machine/cpu_percent.max" });
  expect(quantityTitle("read_bytes_per_s")).toBe("read (B/s)");
});

test("charts are searched by pattern, and by text where it is none", () => {
  const [chart] = metricCharts([metric("val/loss(x")], PALETTE, true);
  expect([fits(chart!, "^val/"), fits(chart!, "loss("), fits(chart!, "train")]).toEqual([true, true, false]);
  expect([rangeOf("1~5"), rangeOf("5~1"), rangeOf("x")]).toEqual([[1, 5], null, null]);
});

test("histograms with other edges come onto common bins and keep their mass", () => {
  const map = stepMap([{ edges: [0, 2, 4], counts: [1, 1] }, { edges: [2, 4], counts: [7] }], 4);
  expect(map.columns.map((column) => [...column])).toEqual([[0.25, 0.25, 0.25, 0.25], [0, 0, 0.5, 0.5]]);
  expect(thinned([0, 1, 2, 3, 4, 5, 6], 3)).toEqual([0, 3, 6]);
});

test("plots of one key and kind are steps of one", () => {
  const link = (index: number, key: string, kind: string): PlotLink => ({ index, key, kind, step: index, at: null });
  expect(plotGroups([link(0, "w", "histogram"), link(1, "roc", "roc"), link(2, "w", "histogram")]).map((group) => [group.key, group.plots.length])).toEqual([["w", 2], ["roc", 1]]);
});

test("lines about trouble are seen", () => {
  expect(["Traceback (most recent call last):", "ValueError: no", "UserWarning: old", "no errors so far", "loss 0.1"].map(tone)).toEqual(["bad", "bad", "hint", "", ""]);
});

test("the exception is the last line that is not indented", () => {
  expect(lastLine("Traceback:\n  File x\nValueError: a\n  note\n")).toBe("ValueError: a");
});

test("strings over several lines are marked line by line, keywords in them are not", () => {
  expect(highlight('x = """for\nin""" # for').map((line) => line.map((piece) => [piece.text, piece.look]))).toEqual([
    [["x = ", ""], ['"""for', "string"]],
    [['in"""', "string"], [" ", ""], ["# for", "comment"]],
  ]);
});

test("boxes of lineage are packed by layer and do not overlap", () => {
  const node = (id: string, layer: number, row: number): LineageNode => ({ id, type: "run", label: id, kind: "run", status: null, version: null, hops: 0, layer, row });
  const { nodes } = placed([node("b", 5, 1), node("a", 5, 0), node("c", 9, 0)]);
  const at = Object.fromEntries(nodes.map((each) => [each.id, each]));
  expect([at.a!.x === at.b!.x, at.a!.y < at.b!.y, at.c!.x > at.a!.x]).toEqual([true, true, true]);
});

test("differing params come before scores, and what all share is left out", () => {
  const row = (section: string, name: string, differs: boolean): ComparedRow => ({ section, name, differs, values: [1, 2], deltas: null });
  expect(tellingRows([row("params", "seed", false), row("metrics", "fit_time", true), row("metrics", "cv/score", true), row("params", "c", true)]).map((each) => each.name)).toEqual(["c", "cv/score", "fit_time"]);
});

test("a console pages both ways without doubling lines", async () => {
  const all = Array.from({ length: 1200 }, (_, i) => ({ number: i + 1, at: null, stream: "" as const, text: String(i), context: "" }));
  const store = new ConsoleStore(async ({ after = 0, before, limit, tail }) => {
    const found = all.filter((line) => line.number > after && (before === undefined || line.number < before));
    const lines = tail || before !== undefined ? found.slice(-limit) : found.slice(0, limit);
    return { lines, total: all.length, matching: all.length, left_out: 0, contexts: [""], unfinished: "", more_before: (lines[0]?.number ?? 1) > 1, more_after: (lines.at(-1)?.number ?? after) < all.length };
  });
  await store.open(true);
  expect([store.lines.length, store.moreBefore, store.moreAfter]).toEqual([500, true, false]);
  await store.earlier();
  await store.earlier();
  await store.earlier();
  expect([store.lines.length, store.moreBefore]).toEqual([1200, false]);
  all.push({ ...all[0]!, number: 1201 });
  expect(await store.later()).toBe(1);
  expect(new Set(store.lines.map((line) => line.number)).size).toBe(1201);
});
