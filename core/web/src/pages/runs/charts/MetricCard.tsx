// The chart of one metric: loads when it comes into sight, follows runs that go on, saves itself.
import { useEffect, useMemo, useRef, useState } from "react";
import { api, ApiError } from "../../../api";
import { useDark } from "../../../app/theme";
import { saveText } from "../../../base/files";
import { formatCount } from "../../../base/format";
import { useLive } from "../../../base/useLive";
import type { LineChart } from "../../../chart/linechart";
import type { ChartLine } from "../../../chart/model";
import type { SyncGroup } from "../../../chart/sync";
import { linesTable, tableCsv } from "../../../chart/table";
import { IconButton } from "../../../components/Button";
import { MenuItem, Popover } from "../../../components/Popover";
import type { Frame } from "../../../wire/frame";
import type { Plotted } from "../plotted";
import type { View } from "../view";
import { BarCard } from "./BarCard";
import { Gate } from "./gate";
import { axisOf, request, toLines } from "./lines";
import type { Look } from "./look";
import { PlotNumbers, Plots } from "./Plots";
import { savePng } from "./saving";
import type { Metric } from "./sections";

const gate = new Gate(4);
const LIVE_MS = 1000;
const NO_LINES: ChartLine[] = [];

export interface CardProps {
  metric: Metric;
  plotted: readonly Plotted[];
  /** Values, if no run has more than one. */
  single: ReadonlyMap<string, number> | undefined;
  view: View;
  look: Look;
  sync: SyncGroup;
  highlight: string | null;
  onHover: (key: string | null) => void;
  onZoom: (range: [number, number] | null) => void;
}

export function MetricCard(props: CardProps) {
  const { metric, single, look } = props;
  const root = useRef<HTMLElement>(null);
  const near = useNear(root);
  const [big, setBig] = useState(false);
  return (
    <article ref={root} className={`card ${big ? "big" : ""} ${look.facets ? "parted" : ""}`} data-metric={metric.name}>
      {near && (single ? <Single {...props} single={single} big={big} setBig={setBig} /> : <Curves {...props} big={big} setBig={setBig} />)}
    </article>
  );
}

type Sized = CardProps & { big: boolean; setBig: (big: boolean) => void };

function Single({ metric, plotted, single, look, highlight, onHover, big, setBig }: Sized & { single: ReadonlyMap<string, number> }) {
  return (
    <>
      <header>
        <h3 title={metric.name}>{metric.name}</h3>
        <IconButton icon="expand" label={big ? "Smaller" : "Larger"} active={big} onClick={() => setBig(!big)} />
      </header>
      <BarCard plotted={plotted} values={single} look={look} highlight={highlight} onHover={onHover} />
    </>
  );
}

function Curves({ metric, plotted, view, look, sync, highlight, onHover, onZoom, big, setBig }: Sized) {
  const dark = useDark();
  const chart = useRef<LineChart | null>(null);
  const [logY, setLogY] = useState<boolean | null>(null);
  const [asTable, setAsTable] = useState(false);
  const { frame, of, error, loading } = useSeries(metric, plotted, view, big);
  const drawn = useMemo(() => (frame ? toLines(frame, of, look, dark) : null), [frame, of, look, dark]);
  const axis = axisOf(view);
  const log = logY ?? view.logY;
  const nothing = drawn && drawn.lines.length === 0;
  return (
    <>
      <header>
        <h3 title={metric.name}>{metric.name}</h3>
        {drawn && drawn.sampled > 0 && (
          <span className="note" title={`${formatCount(drawn.points)} points; where several share a pixel, the line is their mean and the band reaches from the lowest to the highest. Zoom in to see each.`}>
            ≈ {formatCount(drawn.points)}
          </span>
        )}
        {loading && <span className="spinner small" aria-label="Loading" />}
        <button type="button" className={`log ${log ? "active" : ""}`} aria-pressed={log} title="Logarithmic y axis" onClick={() => setLogY(!log)}>log</button>
        <IconButton icon="table" label={asTable ? `${metric.name}: show the chart` : `${metric.name}: show as a table`} active={asTable} onClick={() => setAsTable(!asTable)} />
        <Popover label={`Save ${metric.name}`} icon="download" align="right">
          {(close) => (
            <>
              <MenuItem icon="table" onPick={() => { if (drawn) saveText(tableCsv(linesTable(drawn.lines, axis, metric.name)), `${metric.name}.csv`, "text/csv"); close(); }}>Numbers as CSV</MenuItem>
              {!asTable && !look.facets && <MenuItem icon="chart" onPick={() => { const picture = chart.current?.canvas(); if (drawn && picture) savePng(metric.name, picture, drawn.lines, dark); close(); }}>Picture as PNG</MenuItem>}
            </>
          )}
        </Popover>
        <IconButton icon="expand" label={big ? "Smaller" : "Larger"} active={big} onClick={() => setBig(!big)} />
      </header>
      {error ? (
        <div className="state failed small" role="alert">{error.message}</div>
      ) : nothing ? (
        <div className="state empty small">{drawn.problems[0] ?? "No points in this range."}</div>
      ) : asTable && drawn ? (
        <PlotNumbers name={metric.name} lines={drawn.lines} axis={axis} />
      ) : (
        <Plots
          name={metric.name} lines={drawn?.lines ?? NO_LINES} view={view} logY={log} axis={axis} facets={look.facets} height={big ? 440 : 196}
          sync={sync} chart={chart} highlight={highlight} onHover={onHover} onZoom={onZoom}
        />
      )}
    </>
  );
}

function useSeries(metric: Metric, plotted: readonly Plotted[], view: View, big: boolean) {
  const [state, setState] = useState<{ frame?: Frame; of: readonly Plotted[]; error?: ApiError }>({ of: plotted });
  const [loading, setLoading] = useState(false);
  const [turn, setTurn] = useState(0);
  const ref = { key: metric.name, context: null, kind: metric.kind };
  const body = request(plotted, ref, view, big ? 1400 : 700);
  const key = JSON.stringify(body);
  useEffect(() => {
    const abort = new AbortController();
    setLoading(true);
    gate
      .through(() => api.series(body, abort.signal), abort.signal)
      .then((frame) => setState({ frame, of: plotted }))
      .catch((error: unknown) => {
        if (!abort.signal.aborted) setState((old) => ({ ...old, error: ApiError.of(error) }));
      })
      .finally(() => {
        if (!abort.signal.aborted) setLoading(false);
      });
    return () => abort.abort();
  }, [key, turn]);
  const last = useRef(0);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useLive(plotted.filter((each) => each.running).flatMap((each) => each.runs), false, () => {
    clearTimeout(timer.current);
    const wait = Math.max(0, last.current + LIVE_MS - Date.now());
    timer.current = setTimeout(() => {
      last.current = Date.now();
      setTurn((n) => n + 1);
    }, wait);
  });
  useEffect(() => () => clearTimeout(timer.current), []);
  return { ...state, loading: loading && (turn === 0 || !state.frame) };
}

/** Whether an element is in sight or nearly so. */
function useNear(root: { current: HTMLElement | null }): boolean {
  const [near, setNear] = useState(false);
  useEffect(() => {
    const observer = new IntersectionObserver(([entry]) => setNear(entry!.isIntersecting), { rootMargin: "250px" });
    observer.observe(root.current!);
    return () => observer.disconnect();
  }, []);
  return near;
}
