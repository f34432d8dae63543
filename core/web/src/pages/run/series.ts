// Curves of one run put together into charts: the same quantity of several splits or devices in one frame.
import type { ChartLine } from "../../chart/model";
import type { Frame } from "../../wire/frame";
import type { Line, MetricFacts, MetricRef } from "../../wire/types";

export interface WantedLine {
  ref: MetricRef;
  label: string;
  color: string;
  /** Count of its points: asks again when it grew. */
  count: number;
  /** Keys of the extremes that belong to it. */
  band?: { min: string; max: string };
}

export interface ChartPlan {
  key: string;
  title: string;
  section: string;
  lines: WantedLine[];
}

const SPLITS = ["train", "val", "validation", "test", "cv"];

/** "val/loss" is the split val of loss; names without a split stand for themselves. */
export function splitOf(key: string): { split: string; base: string } {
  const [first = "", ...rest] = key.split("/");
  return SPLITS.includes(first) && rest.length ? { split: first, base: rest.join("/") } : { split: "", base: key };
}

/** Charts of a run's metrics: splits of one metric together, in sections by what stands before the last "/". */
export function metricCharts(metrics: readonly MetricFacts[], palette: readonly string[], together: boolean): ChartPlan[] {
  const plans = new Map<string, ChartPlan>();
  for (const metric of metrics) {
    const { split, base } = together ? splitOf(metric.key) : { split: "", base: metric.key };
    const plan = plans.get(base) ?? { key: base, title: base, section: sectionOf(base), lines: [] };
    plans.set(base, plan);
    const name = split || (together && plan.lines.length ? metric.key : metric.key);
    const label = metric.context ? `${split || metric.key} ${metric.context}` : name;
    const slot = SPLITS.indexOf(split);
    const color = slot >= 0 && !metric.context ? palette[slot === 2 ? 1 : slot]! : palette[plan.lines.length % palette.length]!;
    plan.lines.push({ ref: { key: metric.key, context: metric.context }, label, color, count: metric.count });
  }
  return [...plans.values()].sort((a, b) => rank(a) - rank(b) || a.section.localeCompare(b.section) || a.title.localeCompare(b.title, "en", { numeric: true }));
}

function rank(plan: ChartPlan): number {
  if (plan.key === "loss") return 0;
  if (plan.section === "" && plan.lines.length > 1) return 1;
  if (plan.section === "") return 2;
  return plan.section === "best" ? 4 : 3;
}

function sectionOf(base: string): string {
  const at = base.lastIndexOf("/");
  return at < 0 ? "" : base.slice(0, at);
}

/** Charts of system metrics: sections by device, ".min" and ".max" as bands, several GPUs in one frame. */
export function systemCharts(metrics: readonly MetricFacts[], palette: readonly string[]): ChartPlan[] {
  const keys = new Set(metrics.map((metric) => metric.key));
  const plans = new Map<string, ChartPlan>();
  for (const metric of metrics) {
    const bare = metric.key.replace(/\.(min|max)$/, "");
    if (bare !== metric.key && keys.has(bare)) continue;
    const parts = metric.key.split("/");
    const quantity = parts.pop()!;
    const numbered = parts.length > 1 || metric.context !== "";
    const scope = parts[0] ?? "";
    const device = [parts.slice(1).join("/"), metric.context].filter(Boolean).join(" ");
    const key = `${scope}/${quantity}`;
    const plan = plans.get(key) ?? { key, title: quantityTitle(quantity), section: scope, lines: [] };
    plans.set(key, plan);
    const band = keys.has(`${metric.key}.min`) && keys.has(`${metric.key}.max`) ? { min: `${metric.key}.min`, max: `${metric.key}.max` } : undefined;
    plan.lines.push({
      ref: { key: metric.key, context: metric.context, kind: "system_metric" },
      label: numbered ? `${scope} ${device}` : quantityTitle(quantity),
      color: palette[plan.lines.length % palette.length]!, count: metric.count, band,
    });
  }
  const order = (plan: ChartPlan) => (plan.section.startsWith("gpu") ? 0 : plan.section === "process" ? 1 : plan.section === "machine" ? 2 : 3);
  return [...plans.values()].sort((a, b) => order(a) - order(b) || a.section.localeCompare(b.section) || a.title.localeCompare(b.title));
}

const UNITS: [string, string][] = [["_percent", "%"], ["_bytes_per_s", "B/s"], ["_bytes", "B"], ["_watts", "W"], ["_celsius", "°C"], ["_joules", "J"], ["_mhz", "MHz"], ["_seconds", "s"], ["_per_s", "1/s"]];

/** "memory_used_bytes" reads "memory used (B)". */
export function quantityTitle(quantity: string): string {
  for (const [ending, unit] of UNITS) {
    if (quantity.endsWith(ending)) return `${quantity.slice(0, -ending.length).replaceAll("_", " ")} (${unit})`;
  }
  return quantity.replaceAll("_", " ");
}

/** Lines of an answer for the chart; `wanted` is in the order of the request's first metrics. */
export function chartLines(frame: Frame, wanted: readonly WantedLine[], refs: readonly MetricRef[]): ChartLine[] {
  const found: ChartLine[] = [];
  const byKey = new Map(frame.header.lines.map((line) => [`${refs[line.metric]!.key}|${line.context}`, line]));
  for (const want of wanted) {
    const line = byKey.get(`${want.ref.key}|${want.ref.context ?? ""}`);
    if (!line || !line.arrays.x.n) continue;
    const made = chartLine(frame, line, want);
    const [least, most] = [want.band && byKey.get(`${want.band.min}|${want.ref.context ?? ""}`), want.band && byKey.get(`${want.band.max}|${want.ref.context ?? ""}`)];
    if (least && most) Object.assign(made, bandOf(frame, made, least, most));
    found.push(made);
  }
  return found;
}

function chartLine(frame: Frame, line: Line, want: WantedLine): ChartLine {
  const { arrays } = line;
  const get = (slice: Line["arrays"]["y"]) => (slice ? frame.array(slice) : undefined);
  const plain = get(arrays.y) ?? get(arrays.mean) ?? get(arrays.last)!;
  const smooth = get(arrays.smooth);
  return {
    key: `${want.ref.key}|${line.context}`, label: want.label, color: want.color,
    x: frame.array(arrays.x), y: smooth ?? plain, raw: smooth && plain,
    lo: smooth ? undefined : get(arrays.min), hi: smooth ? undefined : get(arrays.max),
    nan: get(arrays.nan), inf: get(arrays.inf), ninf: get(arrays.ninf),
    total: line.total, sampled: line.form === "buckets",
  };
}

/** Extremes at the line's own x: each at the nearest x, as all three are logged together. */
function bandOf(frame: Frame, line: ChartLine, least: Line, most: Line): Pick<ChartLine, "lo" | "hi"> {
  const lower = frame.array(least.arrays.y ?? least.arrays.min!);
  const upper = frame.array(most.arrays.y ?? most.arrays.max!);
  const [xl, xu] = [frame.array(least.arrays.x), frame.array(most.arrays.x)];
  const lo = Float64Array.from(line.y);
  const hi = Float64Array.from(line.y);
  let [i, j] = [0, 0];
  for (let k = 0; k < line.x.length; k++) {
    while (i < xl.length - 1 && xl[i]! < line.x[k]!) i++;
    while (j < xu.length - 1 && xu[j]! < line.x[k]!) j++;
    // Where readings did not differ there is none: the line itself.
    if (Math.abs((xl[i] ?? Infinity) - line.x[k]!) < 1e-6) lo[k] = lower[i]!;
    if (Math.abs((xu[j] ?? Infinity) - line.x[k]!) < 1e-6) hi[k] = upper[j]!;
  }
  return { lo, hi };
}
