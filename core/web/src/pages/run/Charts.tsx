// All curves of the run: splits of one metric in one chart, one zoom and one pointer for all.
import { useMemo, useState } from "react";
import { route, useRoute } from "../../app/router";
import { useDark } from "../../app/theme";
import { DARK, LIGHT } from "../../base/colors";
import { formatCount } from "../../base/format";
import { SyncGroup } from "../../chart/sync";
import { Choice } from "../../components/Button";
import { Empty } from "../../components/Panel";
import { ValueCell } from "../../components/ValueCell";
import type { XAxis } from "../../wire/types";
import { ChartCard, type ChartView } from "./ChartCard";
import type { PartProps } from "./RunPage";
import { metricCharts, type ChartPlan } from "./series";

const AXES: { value: XAxis; label: string }[] = [
  { value: "step", label: "Step" }, { value: "epoch", label: "Epoch" }, { value: "relative", label: "Time" }, { value: "wall", label: "Clock" },
];

export default function Charts({ run }: PartProps) {
  const { params } = useRoute();
  const palette = useDark() ? DARK : LIGHT;
  const search = params.get("metric") ?? "";
  const x = (AXES.find((axis) => axis.value === params.get("x")) ?? AXES[0]!).value;
  const smooth = Math.min(Math.max(Number(params.get("smooth")) || 0, 0), 0.99);
  const logY = params.has("log");
  const together = params.get("lines") !== "apart";
  const range = rangeOf(params.get("range"));
  const [sync] = useState(() => new SyncGroup());
  const plans = useMemo(() => metricCharts(run.metrics, palette, together), [run.metrics, palette, together]);
  const shown = useMemo(() => plans.filter((plan) => fits(plan, search)), [plans, search]);
  const view: ChartView = { x, logY, smooth, range };
  const zoom = (next: [number, number] | null) => route.patch({ range: next && next.join("~") });
  if (!run.metrics.length) return <Empty>{run.status === "running" ? "No metric yet." : "No metrics were logged."}</Empty>;
  return (
    <>
      <div className="chart-tools">
        <input type="search" placeholder="Metric (a regular expression)" aria-label="Search charts" value={search} onChange={(event) => route.patch({ metric: event.target.value }, true)} />
        <Choice label="x axis" value={x} onChange={(value) => route.patch({ x: value === "step" ? null : value, range: null }, true)} options={AXES} />
        <Choice label="Splits of a metric" value={together ? "together" : "apart"} onChange={(value) => route.patch({ lines: value === "apart" ? value : null }, true)} options={[{ value: "together", label: "Together" }, { value: "apart", label: "Apart" }]} />
        <label className="check"><input type="checkbox" checked={logY} onChange={(event) => route.patch({ log: event.target.checked }, true)} />log y</label>
        <label className="check">
          smoothing
          <input type="range" min="0" max="0.99" step="0.01" value={smooth} aria-label="Smoothing" onChange={(event) => route.patch({ smooth: Number(event.target.value) || null }, true)} />
          <span className="faint smooth-value">{smooth.toFixed(2)}</span>
        </label>
      </div>
      {!shown.length && <Empty>No metric fits “{search}”.</Empty>}
      {sections(shown).map(([section, all]) => (
        <details key={section} className="chart-section" open>
          <summary>{section || "Metrics"}<span className="count">{formatCount(all.length)}</span></summary>
          <Numbers plans={all.filter(isNumber)} metrics={run.metrics} />
          <div className="chart-grid">{all.filter((plan) => !isNumber(plan)).map((plan) => <ChartCard key={plan.key} run={run.id} plan={plan} view={view} sync={sync} onZoom={zoom} />)}</div>
        </details>
      ))}
    </>
  );
}

/** Logged once, as scores are: a number, not a curve. */
function isNumber(plan: ChartPlan): boolean {
  return plan.lines.every((line) => line.count < 2);
}

function Numbers({ plans, metrics }: { plans: readonly ChartPlan[]; metrics: PartProps["run"]["metrics"] }) {
  if (!plans.length) return null;
  const values = plans.flatMap((plan) => plan.lines.map(({ ref }) => metrics.find((metric) => metric.key === ref.key && metric.context === ref.context)!));
  return (
    <dl className="panel number-tiles">
      {values.map((metric) => (
        <div key={`${metric.key}/${metric.context}`}>
          <dt title={metric.key}>{metric.key}{metric.context && ` ${metric.context}`}</dt>
          <dd><ValueCell value={metric.last.value} /></dd>
        </div>
      ))}
    </dl>
  );
}

export function sections(plans: readonly ChartPlan[]): [string, ChartPlan[]][] {
  const found = new Map<string, ChartPlan[]>();
  for (const plan of plans) found.set(plan.section, [...(found.get(plan.section) ?? []), plan]);
  return [...found];
}

/** A regular expression over the chart's and its lines' names; plain text where it is none. */
export function fits(plan: ChartPlan, search: string): boolean {
  if (!search) return true;
  const names = [plan.title, ...plan.lines.map((line) => line.ref.key)];
  try {
    const pattern = new RegExp(search, "i");
    return names.some((name) => pattern.test(name));
  } catch {
    return names.some((name) => name.toLowerCase().includes(search.toLowerCase()));
  }
}

export function rangeOf(text: string | null): [number, number] | null {
  const [low, high] = (text ?? "").split("~").map(Number);
  return low !== undefined && high !== undefined && low < high ? [low, high] : null;
}
