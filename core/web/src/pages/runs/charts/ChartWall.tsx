// The charts of the plotted runs: one card a metric, in sections, all with the same x axis and pointer.
import { useEffect, useMemo, useRef, type RefObject } from "react";
import { useDark } from "../../../app/theme";
import { useLive } from "../../../base/useLive";
import { SyncGroup } from "../../../chart/sync";
import { Icon } from "../../../components/Icon";
import { Empty, Failed, Loading } from "../../../components/Panel";
import type { Plotted } from "../plotted";
import { eyed } from "../plotted";
import type { View } from "../view";
import { useCatalog, type Known } from "./catalog";
import type { Look } from "./look";
import { LookLegend } from "./LookMenu";
import { MetricCard } from "./MetricCard";
import { sectionsOf, type Section } from "./sections";
import { Settings } from "./Settings";

interface Props {
  plotted: readonly Plotted[];
  /** Which runs these are is not known yet. */
  loading?: boolean;
  view: View;
  look: Look;
  change: (change: Partial<View>, replace?: boolean) => void;
  highlight: string | null;
  onHover: (key: string | null) => void;
  find: RefObject<HTMLInputElement | null>;
}

/** Closed until somebody opens them: the address then says "!system". */
const CLOSED = ["system"];

export function isClosed(section: string, marked: readonly string[]): boolean {
  return CLOSED.includes(section) ? !marked.includes(`!${section}`) : marked.includes(section);
}

export function ChartWall({ plotted, loading = false, view, look, change, highlight, onHover, find }: Props) {
  const { known, query } = useCatalog(plotted, view.project);
  const sync = useMemo(() => new SyncGroup(), [view.x, view.xMetric]);
  const { sections, problem } = useMemo(() => sectionsOf(known?.columns ?? [], view.find, (id) => known?.single.has(id) ?? false), [known, view.find]);
  useNewMetrics(plotted, known, query.reload);
  const total = sections.reduce((sum, section) => sum + section.metrics.length, 0);
  const toggle = (section: Section) => {
    const mark = CLOSED.includes(section.name) ? `!${section.name}` : section.name;
    change({ closed: view.closed.includes(mark) ? view.closed.filter((each) => each !== mark) : [...view.closed, mark] }, true);
  };
  return (
    <div className="chart-side">
      <Settings view={view} change={change} metrics={known?.columns ?? []} find={find} problem={problem} total={total} />
      <div className="wall" onPointerLeave={() => onHover(null)}>
        <LookLegend look={look} />
        {view.layout === "charts" && <Legend plotted={plotted} view={view} look={look} change={change} highlight={highlight} onHover={onHover} />}
        {query.error && !known && <Failed error={query.error} retry={query.reload} />}
        {plotted.length === 0 && loading && <Loading what="Looking for runs" />}
        {plotted.length === 0 && !loading && <Empty>No runs in the charts. Switch some on with the coloured disc before their names.</Empty>}
        {plotted.length > 0 && !known && !query.error && <Loading what="Looking for metrics" />}
        {known && plotted.length > 0 && total === 0 && <Empty>{view.find ? "No metric has such a name." : "These runs logged no metrics."}</Empty>}
        <div className="wall-sections">
        {plotted.length > 0 && sections.map((section) => {
          const closed = isClosed(section.name, view.closed);
          return (
            <section key={section.name} className="wall-section" style={room(closed ? 0 : section.metrics.length, look.facets !== null)}>
              <h2>
                <button type="button" aria-expanded={!closed} onClick={() => toggle(section)}>
                  <Icon name={closed ? "right" : "down"} size={12} />
                  {section.name || "metrics"}
                  <span className="count">{section.metrics.length}</span>
                </button>
              </h2>
              {!closed && (
                <div className="cards">
                  {section.metrics.map((metric) => (
                    <MetricCard
                      key={metric.id} metric={metric} plotted={plotted} single={known!.single.get(metric.id)} view={view} look={look} sync={sync}
                      highlight={highlight} onHover={onHover} onZoom={(range) => change({ range })}
                    />
                  ))}
                </div>
              )}
            </section>
          );
        })}
        </div>
      </div>
    </div>
  );
}

const CARD_PX = 300;

/** Sections of few charts share a row, others have rows of their own. */
function room(cards: number, parted: boolean): { flexBasis: string; maxWidth?: number } {
  if (parted || cards === 0 || cards > 3) return { flexBasis: "100%" };
  return { flexBasis: `min(100%, ${cards * CARD_PX}px)`, maxWidth: cards * 1.8 * CARD_PX };
}

const NEWS_MS = 3000;
const NEWS_MAX_MS = 30_000;

/** Runs that go on may log metrics that nobody has seen yet: asked for the less often, the longer none came. */
function useNewMetrics(plotted: readonly Plotted[], known: Known | undefined, reload: () => void): void {
  const state = useRef({ last: 0, wait: NEWS_MS, seen: "" }).current;
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const running = plotted.filter((each) => each.running).flatMap((each) => each.runs);
  useEffect(() => {
    const seen = known ? JSON.stringify([known.columns.map(({ id }) => id), [...known.single].map(([id, values]) => [id, ...values])]) : "";
    state.wait = seen === state.seen ? Math.min(2 * state.wait, NEWS_MAX_MS) : NEWS_MS;
    state.seen = seen;
  }, [known]);
  useLive(running, false, () => {
    timer.current ??= setTimeout(() => {
      timer.current = undefined;
      state.last = Date.now();
      reload();
    }, Math.max(0, state.last + state.wait - Date.now()));
  });
  const before = useRef(running);
  useEffect(() => {
    if (before.current.some((id) => !running.includes(id))) reload(); // What a run logs last comes with its end.
    before.current = running;
  }, [running.join()]);
  useEffect(() => () => clearTimeout(timer.current), []);
}

function Legend({ plotted, view, look, change, highlight, onHover }: Omit<Props, "find">) {
  const dark = useDark();
  return (
    <ul className="legend">
      {plotted.map((each) => (
        <li key={each.key} className={highlight === each.key ? "lit" : ""} onPointerEnter={() => onHover(each.key)}>
          <button type="button" title="Hide" onClick={() => change(eyed(each.key, true, view), true)}>
            <i style={{ background: look.color(each.key, dark) }} />
            {each.label.slice(0, 120)}
          </button>
        </li>
      ))}
    </ul>
  );
}
