// Plots that are bars beside names: importance of features, sizes and silhouettes of clusters.
import { useMemo, useState } from "react";
import { formatCount, formatNumber } from "../../base/format";
import { Button } from "../Button";
import type { KindProps } from "./Curves";
import { distinct, isRecord, maybeNumbers, numbers, PlotError, record, texts, toNumber, toText } from "./data";

const ROWS_DRAWN = 20;

export interface Bar {
  name: string;
  /** One per run, NaN where it has none. */
  values: number[];
  spread?: (number | undefined)[];
}

/** Features by their largest importance in any run; shares of the run's sum if `share`. */
export function importanceBars(runs: KindProps["runs"], measure: string, share: boolean): Bar[] {
  const all = runs.map((run) => {
    const data = record(run.data);
    const importance = record(data.importance, "importance");
    const values = Array.isArray(importance[measure]) ? importance[measure].map(toNumber) : [];
    const stds = isRecord(data.std) && Array.isArray(data.std[measure]) ? data.std[measure].map(toNumber) : undefined;
    const whole = share ? values.reduce((sum, each) => sum + (Number.isFinite(each) ? Math.abs(each) : 0), 0) || 1 : 1;
    return new Map(texts(data, "features").map((feature, i) => [feature, { value: (values[i] ?? NaN) / whole, std: stds && stds[i]! / whole }]));
  });
  const bars = distinct(all.flatMap((map) => [...map.keys()])).map((name) => ({
    name,
    values: all.map((map) => map.get(name)?.value ?? NaN),
    spread: all.map((map) => map.get(name)?.std),
  }));
  const rank = (bar: Bar) => Math.max(...bar.values.map((value) => (Number.isFinite(value) ? Math.abs(value) : -1)));
  return bars.sort((a, b) => rank(b) - rank(a));
}

/** Ways of measuring, those that most runs share first. */
export function measuresOf(runs: KindProps["runs"]): string[] {
  const all = runs.flatMap((run) => Object.keys(record(record(run.data).importance, "importance")));
  const count = (measure: string) => all.filter((each) => each === measure).length;
  return distinct(all).sort((a, b) => count(b) - count(a));
}

export function Importance({ runs, name }: KindProps) {
  const measures = useMemo(() => measuresOf(runs), [runs]);
  if (!measures.length) throw new PlotError("“importance” has no way of measuring");
  const [wanted, setWanted] = useState("");
  const [all, setAll] = useState(false);
  const [search, setSearch] = useState("");
  const measure = measures.includes(wanted) ? wanted : measures[0]!;
  const share = runs.length > 1;
  const bars = useMemo(() => importanceBars(runs, measure, share), [runs, measure, share]);
  const found = search ? bars.filter((bar) => bar.name.toLowerCase().includes(search.toLowerCase())) : bars;
  const shown = all ? found.slice(0, 500) : found.slice(0, ROWS_DRAWN);
  return (
    <>
      <div className="plot-tools">
        {measures.length > 1 && (
          <label className="plot-select">
            measured by
            <select value={measure} onChange={(event) => setWanted(event.target.value)}>
              {measures.map((each) => <option key={each}>{each}</option>)}
            </select>
          </label>
        )}
        {bars.length > ROWS_DRAWN && <input type="search" placeholder="Feature" aria-label={`Search features of ${name}`} value={search} onChange={(event) => setSearch(event.target.value)} />}
      </div>
      <BarRows bars={shown} runs={runs} label={`${name}, ${share ? "share of all importance" : measure}`} ranked={bars} />
      <p className="plot-note">
        {share ? `share of all importance (${measure})` : measure}
        {found.length > ROWS_DRAWN && <Button kind="quiet" onClick={() => setAll(!all)}>{all ? `First ${ROWS_DRAWN}` : `All ${formatCount(found.length)} features`}</Button>}
        {!found.length && "no such feature"}
      </p>
    </>
  );
}

function BarRows({ bars, runs, label, ranked }: { bars: readonly Bar[]; runs: KindProps["runs"]; label: string; ranked: readonly Bar[] }) {
  const finite = ranked.flatMap((bar) => bar.values.map((value, i) => [value, Math.abs(bar.spread?.[i] ?? 0)] as const)).filter(([value]) => Number.isFinite(value));
  const low = Math.min(0, ...finite.map(([value, std]) => (value < 0 ? value - std : 0)));
  const high = Math.max(0, ...finite.map(([value, std]) => value + std)) || (low < 0 ? 0 : 1);
  const at = (value: number) => ((value - low) / (high - low)) * 100;
  return (
    <div className="bars" role="table" aria-label={label}>
      {bars.map((bar) => (
        <div key={bar.name} className="bar-row" role="row">
          <span className="bar-name" role="rowheader" title={bar.name}>{bar.name}</span>
          <span className="bar-tracks">
            {bar.values.map((value, i) => (
              <span key={runs[i]!.run} className="bar-track" role="cell" title={`${runs[i]!.label}: ${Number.isNaN(value) ? "none" : formatNumber(value)}`}>
                {Number.isFinite(value) && (
                  <span className="bar" style={{ left: `${at(Math.min(value, 0))}%`, width: `${Math.max(at(Math.max(value, 0)) - at(Math.min(value, 0)), 0.3)}%`, background: runs[i]!.color }} />
                )}
                {bar.spread?.[i] !== undefined && Number.isFinite(bar.spread[i]) && (
                  <span className="bar-spread" style={{ left: `${at(value - bar.spread[i]!)}%`, width: `${at(value + bar.spread[i]!) - at(value - bar.spread[i]!)}%` }} />
                )}
                <span className="bar-value">{Number.isNaN(value) ? "–" : formatNumber(value, 3)}</span>
              </span>
            ))}
          </span>
        </div>
      ))}
    </div>
  );
}

export function Clusters({ runs, name }: KindProps) {
  return (
    <div className="side-by-side">
      {runs.map((run) => <ClusterTable key={run.run} run={run} name={name} title={runs.length > 1} />)}
    </div>
  );
}

function ClusterTable({ run, name, title }: { run: KindProps["runs"][number]; name: string; title: boolean }) {
  const data = record(run.data);
  const labels = texts(data, "labels");
  const sizes = numbers(data, "sizes");
  const silhouette = maybeNumbers(data, "silhouette");
  const most = Math.max(...sizes.filter(Number.isFinite), 1);
  const all = sizes.reduce((sum, each) => sum + each, 0) || 1;
  return (
    <div className="plot-scroll">
      <table className="plot-table cluster-table" aria-label={`${name} of ${run.label}`}>
        {title && <caption><span className="swatch" style={{ background: run.color }} />{run.label}</caption>}
        <thead><tr><th scope="col">cluster</th><th scope="col">rows</th><th scope="col">share</th><th scope="col" className="wide" aria-label="size" />{silhouette && <th scope="col">silhouette</th>}</tr></thead>
        <tbody>
          {labels.map((label, i) => (
            <tr key={i}>
              <th scope="row">{label === "−1" || label === "-1" ? "noise" : label}</th>
              <td>{formatCount(sizes[i]!)}</td>
              <td>{formatNumber((sizes[i]! / all) * 100, 3)} %</td>
              <td className="wide"><span className="bar-track"><span className="bar" style={{ width: `${(sizes[i]! / most) * 100}%`, background: run.color }} /></span></td>
              {silhouette && <td className={silhouette[i]! < 0 ? "odd" : ""}>{formatNumber(silhouette[i]!, 3)}</td>}
            </tr>
          ))}
        </tbody>
      </table>
      {"evaluated" in data && <p className="plot-note">silhouettes of {toText(data.evaluated)} of {toText(data.n)} rows; 1 = far from other clusters, below 0 = nearer to another one</p>}
    </div>
  );
}
