// Every plot that the run logged, drawn by its kind; plots of one key at several steps have a slider.
import { useMemo, useState } from "react";
import { api } from "../../api";
import { href, route, useRoute } from "../../app/router";
import { useDark } from "../../app/theme";
import { colorBook } from "../../base/colors";
import { formatCount, formatNumber } from "../../base/format";
import { useQuery } from "../../base/useQuery";
import { Empty, Loaded, Panel } from "../../components/Panel";
import { KINDS, kindTitle } from "../../components/plots/kinds";
import { PlotView } from "../../components/plots/PlotView";
import type { PlotLink, RunDetail } from "../../wire/types";
import { HistogramsOverSteps } from "./HistogramsOverSteps";
import type { PartProps } from "./RunPage";

interface PlotGroup {
  key: string;
  kind: string;
  /** In the order in which they were logged. */
  plots: PlotLink[];
}

export function plotGroups(plots: readonly PlotLink[]): PlotGroup[] {
  const found = new Map<string, PlotGroup>();
  for (const plot of plots) {
    const id = `${plot.key}\n${plot.kind}`;
    const group = found.get(id) ?? { key: plot.key, kind: plot.kind, plots: [] };
    group.plots.push(plot);
    found.set(id, group);
  }
  return [...found.values()];
}

export default function Evaluation({ run }: PartProps) {
  const { params } = useRoute();
  const search = params.get("search") ?? "";
  const groups = useMemo(() => plotGroups(run.plots), [run.plots]);
  const shown = groups.filter((group) => `${group.key} ${group.kind} ${kindTitle(group.kind)}`.toLowerCase().includes(search.toLowerCase()));
  if (!groups.length) return <Empty>{emptyText(run)}</Empty>;
  const sections = new Map<string, PlotGroup[]>();
  for (const group of shown) {
    const at = group.key.indexOf("/");
    const name = at < 0 ? "" : group.key.slice(0, at);
    sections.set(name, [...(sections.get(name) ?? []), group]);
  }
  // One split and a few others need no headings; what has no section comes last.
  const named = [...sections].sort(([a], [b]) => Number(a === "") - Number(b === ""));
  const shownSections: [string, PlotGroup[]][] = named.filter(([name]) => name).length > 1 ? named : [["", named.flatMap(([, all]) => all)]];
  return (
    <>
      <div className="chart-tools">
        <input type="search" placeholder="Plot" aria-label="Search plots" value={search} onChange={(event) => route.patch({ search: event.target.value }, true)} />
        <nav className="plot-jumps" aria-label="Plots">
          {shown.length > 2 && shown.slice(0, 24).map((group) => (
            <button key={`${group.key}${group.kind}`} type="button" onClick={() => document.getElementById(anchor(group))?.scrollIntoView({ block: "start" })}>{group.key}</button>
          ))}
        </nav>
      </div>
      {!shown.length && <Empty>No plot fits “{search}”.</Empty>}
      {shownSections.map(([name, all]) => (
        <section key={name} className="plot-section" aria-label={name || "Plots"}>
          {shownSections.length > 1 && <h2>{name || "Others"}</h2>}
          <div className="plot-grid">{all.map((group) => <PlotPanel key={`${group.key}${group.kind}`} run={run} group={group} />)}</div>
        </section>
      ))}
    </>
  );
}

function anchor(group: PlotGroup): string {
  return `plot-${group.key}-${group.kind}`;
}

function emptyText(run: RunDetail) {
  const inside = Object.keys(run.children_kinds).length > 0;
  return (
    <span>
      {run.status === "running" ? "No plots yet: they come when something was evaluated." : "No plots were logged."}
      {inside && <> Look into <a href={href("run", run.id)}>the runs inside</a>.</>}
    </span>
  );
}

function PlotPanel({ run, group }: { run: RunDetail; group: PlotGroup }) {
  const [at, setAt] = useState<number | null>(null);
  const [over, setOver] = useState(group.kind === "histogram" && group.plots.length > 1);
  const place = Math.min(at ?? group.plots.length - 1, group.plots.length - 1);
  const link = group.plots[place]!;
  const color = colorBook.color(run.id, useDark());
  const query = useQuery(over ? null : `plot/${run.id}/${link.index}`, (signal) => api.plot(run.id, { index: link.index }, signal));
  const runs = useMemo(() => (query.data ? [{ run: run.id, label: run.name, color, data: query.data.data }] : []), [query.data, run.id, run.name, color]);
  const several = group.plots.length > 1;
  return (
    <Panel
      className={`plot-panel ${KINDS[group.kind]?.wide || over ? "wide" : ""}`}
      title={<span id={anchor(group)} title={`${group.key}: ${kindTitle(group.kind)}`}>{group.key} <span className="faint kind">{kindTitle(group.kind)}</span></span>}
      actions={group.kind === "histogram" && several && (
        <label className="check"><input type="checkbox" checked={over} onChange={(event) => setOver(event.target.checked)} />over steps</label>
      )}
    >
      {over ? <HistogramsOverSteps run={run} plots={group.plots} name={group.key} color={color} /> : (
        <>
          <Loaded query={query}>{(plot) => <PlotView plot={plot} runs={runs} />}</Loaded>
          {several && (
            <label className="step-slider">
              <span className="faint">{link.step === null ? `${place + 1} of ${formatCount(group.plots.length)}` : `step ${formatNumber(link.step)}`}</span>
              <input type="range" min="0" max={group.plots.length - 1} value={place} aria-label={`Step of ${group.key}`} onChange={(event) => setAt(Number(event.target.value))} />
              {link.step !== null && <span className="faint">{formatCount(group.plots.length)} steps</span>}
            </label>
          )}
        </>
      )}
    </Panel>
  );
}
