// Curves of the compared runs over one another, a chart for each metric, all zoomed and hovered together.
import { useMemo, useState } from "react";
import { api } from "../../api";
import { route, useRoute } from "../../app/router";
import { useDark } from "../../app/theme";
import { colorBook } from "../../base/colors";
import { useQuery } from "../../base/useQuery";
import { useLive } from "../../base/useLive";
import type { XKind } from "../../chart/model";
import { SyncGroup } from "../../chart/sync";
import { Choice } from "../../components/Button";
import { Chart } from "../../components/Chart";
import { Empty, Loaded, Panel } from "../../components/Panel";
import type { MetricRef, XAxis } from "../../wire/types";
import { metricOf } from "./fields";
import { chartLines, type LineStyle } from "./lines";
import type { CompareState } from "./state";
import { WhenSeen } from "../../chart/WhenSeen";

const AXES = [
  { value: "step", label: "Step" },
  { value: "epoch", label: "Epoch" },
  { value: "relative", label: "Time" },
] as const;
const KINDS: Record<string, XKind> = { step: "number", epoch: "number", relative: "duration" };
const HEIGHT = 230;

/** Names of the metrics of a comparison, validation first. */
export function metricKeys(rows: CompareState["data"]["rows"]): string[] {
  const keys = new Set(rows.flatMap((row) => (row.section === "metrics" ? [metricOf(row.name)?.key ?? ""] : [])));
  keys.delete("");
  const rank = (key: string) => (/^(val|valid|validation|dev)\//.test(key) ? 0 : /^(test|cv|eval)\//.test(key) ? 1 : /^train\//.test(key) ? 2 : 3);
  return [...keys].sort((a, b) => rank(a) - rank(b) || a.localeCompare(b, "en", { numeric: true }));
}

export function CurvesTab({ data, shown }: CompareState) {
  const { params } = useRoute();
  const asked = params.get("x") ?? "step";
  const x = (asked in KINDS ? asked : "step") as XAxis;
  const weight = Math.min(Math.max(Number(params.get("smooth")) || 0, 0), 0.99);
  const logY = params.get("log") === "1";
  const search = (params.get("metric_search") ?? "").toLowerCase();
  const keys = useMemo(() => metricKeys(data.rows), [data]);
  const found = keys.filter((key) => key.toLowerCase().includes(search));
  const [zoom, setZoom] = useState<[number, number] | null>(null);
  const sync = useMemo(() => new SyncGroup(), []);
  if (!keys.length) return <Empty>None of these runs logged a metric that differs.</Empty>;
  return (
    <div className="page-body">
      <div className="compare-tools flat">
        <input type="search" placeholder="Find metrics" aria-label="Find metrics by name" value={params.get("metric_search") ?? ""} onChange={(event) => route.patch({ metric_search: event.target.value }, true)} />
        <Choice label="Horizontal axis" value={x} options={AXES} onChange={(value) => { setZoom(null); route.patch({ x: value === "step" ? null : value }, true); }} />
        <label className="check">
          Smoothing
          <input type="range" min={0} max={0.99} step={0.01} value={weight} onChange={(event) => route.patch({ smooth: Number(event.target.value) || null }, true)} />
          <output>{weight.toFixed(2)}</output>
        </label>
        <label className="check"><input type="checkbox" checked={logY} onChange={(event) => route.patch({ log: event.target.checked }, true)} /> Log scale</label>
        {zoom && <button type="button" className="button quiet" onClick={() => setZoom(null)}>Whole axis</button>}
      </div>
      {!found.length && <Empty>No metric has such a name.</Empty>}
      <div className="chart-wall">
        {found.map((key) => (
          <WhenSeen key={key} height={HEIGHT + 50}>
            {() => <Curve name={key} data={data} shown={shown} x={x} weight={weight} logY={logY} zoom={zoom} onZoom={setZoom} sync={sync} />}
          </WhenSeen>
        ))}
      </div>
    </div>
  );
}

function Curve({ name, data, shown, x, weight, logY, zoom, onZoom, sync }: {
  name: string;
  data: CompareState["data"];
  shown: number[];
  x: XAxis;
  weight: number;
  logY: boolean;
  zoom: [number, number] | null;
  onZoom: (range: [number, number] | null) => void;
  sync: SyncGroup;
}) {
  const dark = useDark();
  const runs = shown.map((place) => data.runs[place]!);
  const metrics: MetricRef[] = [{ key: name, context: null }];
  const request = {
    runs: runs.map((run) => run.id), metrics, x, buckets: 600, range: zoom ?? undefined,
    smooth: weight ? { method: "ema" as const, weight } : undefined,
  };
  const query = useQuery(JSON.stringify(request), (signal) => api.series(request, signal).then((frame) => ({ frame, of: runs })));
  useLive(request.runs, false, query.reload);
  const lines = useMemo(() => {
    if (!query.data) return [];
    const styles: LineStyle[] = query.data.of.map((run) => ({ id: run.id, name: run.name, color: colorBook.color(run.id, dark) }));
    return chartLines(query.data.frame, styles);
  }, [query.data, dark]);
  const problem = query.data?.frame.header.lines.find((line) => line.problem)?.problem;
  return (
    <Panel title={name}>
      <Loaded query={query} isEmpty={() => lines.length === 0 && !query.loading} empty={problem ?? "No values."}>
        {() => <Chart lines={lines} height={HEIGHT} label={`${name} of ${runs.length} runs`} xKind={KINDS[x]} xLabel={x} logY={logY} xRange={zoom} onZoom={onZoom} sync={sync} />}
      </Loaded>
    </Panel>
  );
}
