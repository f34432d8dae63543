// From a binary answer to lines of a chart: which array is drawn as line, as band and as faint shadow.
import type { ChartLine } from "../../../chart/model";
import type { Frame } from "../../../wire/frame";
import type { Line, MetricRef, SeriesRequest } from "../../../wire/types";
import type { Plotted } from "../plotted";
import type { View } from "../view";
import { DASHES, type Look } from "./look";

export type Settings = Pick<View, "x" | "xMetric" | "smooth" | "method" | "range">;

export function request(plotted: readonly Plotted[], metric: MetricRef, settings: Settings, buckets: number): SeriesRequest {
  const runs: string[] = [];
  const groups: number[][] = [];
  for (const each of plotted) {
    groups.push(each.runs.map((_run, i) => runs.length + i));
    runs.push(...each.runs);
  }
  const grouped = plotted.some((each) => each.group);
  return {
    runs: runs.slice(0, 1000),
    metrics: [metric],
    x: settings.x === "metric" && !settings.xMetric ? "step" : settings.x,
    x_metric: settings.x === "metric" && settings.xMetric ? { key: settings.xMetric } : undefined,
    buckets,
    range: settings.range ?? undefined,
    smooth: settings.smooth > 0 ? { method: settings.method, weight: settings.smooth } : undefined,
    groups: grouped ? groups.map((places) => places.filter((place) => place < 1000)) : undefined,
  };
}

export interface Drawn {
  lines: ChartLine[];
  /** Points that the lines stand for, and whether some lines show buckets of them. */
  points: number;
  sampled: number;
  problems: string[];
}

export function toLines(frame: Frame, plotted: readonly Plotted[], look: Look, dark: boolean): Drawn {
  const owner = plotted.flatMap((each, at) => each.runs.map(() => at));
  const contexts = [...new Set(frame.header.lines.map((line) => line.context))].sort();
  const drawn: Drawn = { lines: [], points: 0, sampled: 0, problems: [] };
  for (const line of frame.header.lines) {
    const each = plotted[line.group >= 0 ? line.group : (owner[line.run] ?? -1)];
    if (!each) continue;
    if (line.problem) drawn.problems.push(line.problem);
    if (!line.arrays?.x?.n) continue;
    const dash = contexts.length > 1 ? DASHES[contexts.indexOf(line.context) % DASHES.length] : undefined;
    drawn.lines.push({ ...shape(frame, line), ...identity(each, line), color: look.color(each.key, dark), dash: look.dash(each.key) ?? dash });
    drawn.points += line.inside;
    if (line.form === "buckets") drawn.sampled++;
  }
  return drawn;
}

function identity(each: Plotted, line: Line): Pick<ChartLine, "key" | "label" | "detail"> {
  const label = line.context ? `${each.label} · ${line.context}` : each.label;
  return { key: line.context ? `${each.key}|${line.context}` : each.key, label, detail: each.group ? `${each.runs.length} runs` : undefined };
}

/** The key of the run or group that a line belongs to. */
export function keyOf(line: string): string {
  return line.split("|")[0]!;
}

/** The arrays of a line, by its form. */
export function shape(frame: Frame, line: Line): Pick<ChartLine, "x" | "y" | "lo" | "hi" | "raw" | "nan" | "inf" | "ninf" | "total" | "sampled"> {
  const take = (name: keyof Line["arrays"]) => {
    const slice = line.arrays[name];
    return slice ? frame.array(slice) : undefined;
  };
  const x = take("x")!;
  const smooth = take("smooth");
  const center = (line.form === "points" ? take("y") : take("mean")) ?? x;
  const marks = { nan: take("nan"), inf: take("inf"), ninf: take("ninf"), total: line.total, sampled: line.form === "buckets" };
  const base = { x, y: smooth ?? center, raw: smooth ? center : undefined, ...marks };
  if (line.form === "points") return base;
  if (line.form === "buckets") return { ...base, lo: take("min"), hi: take("max"), raw: smooth ? center : undefined };
  return { ...base, ...spread(center, take("std"), take("min"), take("max")) };
}

/** Mean ± deviation, but not beyond what was really there. */
function spread(mean: Float64Array, std?: Float64Array, min?: Float64Array, max?: Float64Array): { lo?: Float64Array; hi?: Float64Array } {
  if (!std) return { lo: min, hi: max };
  const lo = mean.map((value, i) => Math.max(value - (std[i] || 0), min?.[i] ?? -Infinity));
  const hi = mean.map((value, i) => Math.min(value + (std[i] || 0), max?.[i] ?? Infinity));
  return { lo, hi };
}

/** What the x axis says and how its numbers read. */
export function axisOf(view: Pick<View, "x" | "xMetric">): { xKind: "number" | "time" | "duration"; xLabel: string } {
  if (view.x === "relative") return { xKind: "duration", xLabel: "after" };
  if (view.x === "wall") return { xKind: "time", xLabel: "" };
  if (view.x === "metric" && view.xMetric) return { xKind: "number", xLabel: view.xMetric };
  return { xKind: "number", xLabel: view.x === "epoch" ? "epoch" : "step" };
}
