// System metrics by device over the time since the run's start; above them a curve of the training, to see what it did meanwhile.
import { useMemo, useState } from "react";
import { route, useRoute } from "../../app/router";
import { useDark } from "../../app/theme";
import { DARK, LIGHT } from "../../base/colors";
import { formatCount } from "../../base/format";
import { SyncGroup } from "../../chart/sync";
import { Choice } from "../../components/Button";
import { Empty } from "../../components/Panel";
import type { MetricFacts } from "../../wire/types";
import { ChartCard, type ChartView } from "./ChartCard";
import { fits, rangeOf, sections } from "./Charts";
import type { PartProps } from "./RunPage";
import { metricCharts, systemCharts } from "./series";

const SECTIONS: Record<string, string> = { gpu: "GPUs", process: "This process and its children", machine: "Machine", host: "Machine", container: "Container", disk: "Disk", network: "Network", epochlog: "Recording itself", "": "Others" };

export default function Hardware({ run }: PartProps) {
  const { params } = useRoute();
  const palette = useDark() ? DARK : LIGHT;
  const [sync] = useState(() => new SyncGroup());
  const x = params.get("x") === "wall" ? "wall" : "relative";
  const view: ChartView = { x, range: rangeOf(params.get("range")) };
  const search = params.get("metric") ?? "";
  const beside = params.get("beside") ?? usualCurve(run.metrics);
  const plans = useMemo(() => systemCharts(run.system_metrics, palette), [run.system_metrics, palette]);
  const curve = useMemo(() => metricCharts(run.metrics.filter((metric) => metric.key === beside), palette, false)[0], [run.metrics, beside, palette]);
  const shown = plans.filter((plan) => fits(plan, search));
  const whole = wholeRange(run, x);
  const zoom = (next: [number, number] | null) => route.patch({ range: next && next.join("~") });
  if (!run.system_metrics.length) {
    return <Empty>{run.status === "running" ? "No reading yet: the machine is looked at every few seconds." : "No readings of the machine: the run was shorter than a reading’s interval, or monitoring was off."}</Empty>;
  }
  return (
    <>
      <div className="chart-tools">
        <input type="search" placeholder="Quantity" aria-label="Search quantities" value={search} onChange={(event) => route.patch({ metric: event.target.value }, true)} />
        <Choice label="x axis" value={x} onChange={(value) => route.patch({ x: value === "wall" ? value : null, range: null }, true)} options={[{ value: "relative", label: "Time" }, { value: "wall", label: "Clock" }]} />
        {run.metrics.length > 0 && (
          <label className="check">
            beside
            <select value={beside} onChange={(event) => route.patch({ beside: event.target.value }, true)}>
              {[...new Set(run.metrics.filter((metric) => metric.count > 1).map((metric) => metric.key))].map((key) => <option key={key}>{key}</option>)}
            </select>
          </label>
        )}
      </div>
      {curve && <div className="chart-grid beside"><ChartCard run={run.id} plan={curve} view={view} sync={sync} onZoom={zoom} height={160} whole={whole} /></div>}
      {!shown.length && <Empty>No quantity fits “{search}”.</Empty>}
      {sections(shown).map(([section, all]) => (
        <details key={section} className="chart-section" open>
          <summary>{SECTIONS[section] ?? section}<span className="count">{formatCount(all.length)}</span></summary>
          <div className="chart-grid">{all.map((plan) => <ChartCard key={plan.key} run={run.id} plan={plan} view={view} sync={sync} onZoom={zoom} height={160} whole={whole} />)}</div>
        </details>
      ))}
    </>
  );
}

/** From the start to the end of the run, or to now: the same for all charts. */
function wholeRange(run: PartProps["run"], x: "relative" | "wall"): [number, number] | null {
  if (run.started === null) return null;
  const readings = Math.max(run.started, ...run.system_metrics.map((metric) => metric.last_at ?? 0));
  const end = Math.max(run.ended ?? run.updated ?? readings, readings);
  if (end <= run.started) return null;
  return x === "wall" ? [run.started / 1e6, end / 1e6] : [0, (end - run.started) / 1e6];
}

function usualCurve(metrics: readonly MetricFacts[]): string {
  const curves = metrics.filter((metric) => metric.count > 1);
  return (curves.find((metric) => metric.key === "train/loss") ?? curves.find((metric) => /loss/.test(metric.key)) ?? curves[0])?.key ?? "";
}
