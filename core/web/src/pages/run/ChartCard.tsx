// One chart of a run: asks for its curves when it comes into view, and again when they grew or the range changed.
import { useEffect, useMemo, useRef, useState } from "react";
import { api } from "../../api";
import { saveText } from "../../base/files";
import { formatCount, formatNumber } from "../../base/format";
import { useQuery } from "../../base/useQuery";
import { IconButton } from "../../components/Button";
import { Chart } from "../../components/Chart";
import { Failed, Loading } from "../../components/Panel";
import type { XKind } from "../../chart/model";
import { Numbers } from "../../chart/Numbers";
import type { SyncGroup } from "../../chart/sync";
import { linesTable, tableCsv } from "../../chart/table";
import type { SeriesRequest, XAxis } from "../../wire/types";
import { chartLines, type ChartPlan } from "./series";

export interface ChartView {
  x: XAxis;
  logY?: boolean;
  smooth?: number;
  range: [number, number] | null;
}

const X_LABEL: Record<XAxis, string> = { step: "step", epoch: "epoch", relative: "time since start", wall: "time", metric: "" };
const X_KIND: Partial<Record<XAxis, XKind>> = { relative: "duration", wall: "time" };

export function ChartCard({ run, plan, view, sync, onZoom, height = 200, whole = null }: {
  run: string;
  plan: ChartPlan;
  view: ChartView;
  sync: SyncGroup;
  onZoom: (range: [number, number] | null) => void;
  height?: number;
  /** What the x axis covers while nothing is zoomed, for charts that are read below one another. */
  whole?: [number, number] | null;
}) {
  const root = useRef<HTMLDivElement>(null);
  const [wide, setWide] = useState(false);
  const seen = useSeen(root);
  const refs = useMemo(() => {
    const all = plan.lines.map((line) => line.ref);
    for (const line of plan.lines) if (line.band) all.push({ ...line.ref, key: line.band.min }, { ...line.ref, key: line.band.max });
    return all;
  }, [plan]);
  const request: SeriesRequest = {
    runs: [run], metrics: refs, x: view.x, buckets: wide ? 1400 : 600,
    ...(view.range && { range: view.range }),
    ...(view.smooth && { smooth: { method: "ema" as const, weight: view.smooth } }),
  };
  const grown = plan.lines.reduce((sum, line) => sum + line.count, 0);
  const query = useQuery(seen ? `${JSON.stringify(request)}/${grown}` : null, (signal) => api.series(request, signal));
  const lines = useMemo(() => (query.data ? chartLines(query.data, plan.lines, refs) : []), [query.data, plan, refs]);
  const problem = query.data?.header.lines.find((line) => line.problem)?.problem;
  const sampled = lines.filter((line) => line.sampled);
  const [asTable, setAsTable] = useState(false);
  const table = useMemo(() => linesTable(lines, { xLabel: X_LABEL[view.x], xKind: X_KIND[view.x] }, "value"), [lines, view.x]);
  return (
    <section className={`panel chart-card ${wide ? "wide" : ""}`} ref={root} aria-label={plan.title} data-metric={plan.key}>
      <header>
        <h2 title={plan.key}>{plan.title}</h2>
        <div className="actions">
          {sampled.length > 0 && <span className="faint sampled" title="Each pixel shows the mean of its points, the band their least and largest">{formatCount(Math.max(...sampled.map((line) => line.total ?? 0)))} points</span>}
          {view.range && <IconButton icon="zoomOut" label={`Show all of ${plan.title}`} onClick={() => onZoom(null)} />}
          <IconButton icon="table" label={asTable ? `${plan.title}: show the chart` : `${plan.title}: show as a table`} active={asTable} onClick={() => setAsTable(!asTable)} disabled={!lines.length} />
          <IconButton icon="download" label={`Save ${plan.title} as CSV`} onClick={() => saveText(tableCsv(table), `${plan.key}.csv`, "text/csv")} disabled={!lines.length} />
          <IconButton icon="expand" label={`${wide ? "Shrink" : "Enlarge"} ${plan.title}`} active={wide} onClick={() => setWide(!wide)} />
        </div>
      </header>
      <div className="chart-body">
        {query.error ? <Failed error={query.error} retry={query.reload} /> : !query.data ? <Loading /> : !lines.length ? (
          <div className="state empty">{problem ?? "No points here."}</div>
        ) : asTable ? (
          <Numbers table={table} label={plan.title} />
        ) : lines.every((line) => line.x.length === 1) && !view.range ? (
          <div className="single-values">{lines.map((line) => <div key={line.key}><span className="faint">{line.label}</span><b>{formatNumber(line.y[0]!)}</b></div>)}</div>
        ) : (
          <Chart
            lines={lines} label={`${plan.title} by ${X_LABEL[view.x]}`} height={wide ? 420 : height} sync={sync} onZoom={onZoom}
            xKind={X_KIND[view.x]} logY={view.logY} xRange={view.range ?? whole}
          />
        )}
      </div>
      {plan.lines.length > 1 && (
        <div className="chart-legend">
          {plan.lines.slice(0, 12).map((line) => <span key={line.label}><i style={{ background: line.color }} />{line.label}</span>)}
        </div>
      )}
    </section>
  );
}

/** True once the element has been near the screen. */
function useSeen(root: { current: HTMLElement | null }): boolean {
  const [seen, setSeen] = useState(false);
  useEffect(() => {
    if (seen || !root.current) return;
    const observer = new IntersectionObserver((entries) => {
      if (entries.some((entry) => entry.isIntersecting)) setSeen(true);
    }, { rootMargin: "300px" });
    observer.observe(root.current);
    return () => observer.disconnect();
  }, [seen, root]);
  return seen;
}
