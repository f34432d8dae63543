// A metric of which each run has one number: a bar for each, the longest first.
import { formatNumber } from "../../../base/format";
import { useDark } from "../../../app/theme";
import type { Plotted } from "../plotted";
import type { Look } from "./look";

const BARS_MAX = 100;

export interface Bar {
  key: string;
  label: string;
  value: number;
  spread: number;
  n: number;
}

/** One bar per run, or per group with the mean and deviation of its runs. */
export function bars(plotted: readonly Plotted[], values: ReadonlyMap<string, number>): Bar[] {
  const found: Bar[] = [];
  for (const each of plotted) {
    const own = each.runs.map((id) => values.get(id)).filter((value) => value !== undefined);
    if (!own.length) continue;
    const mean = own.reduce((sum, value) => sum + value, 0) / own.length;
    const square = own.reduce((sum, value) => sum + (value - mean) ** 2, 0);
    found.push({ key: each.key, label: each.label, value: mean, spread: own.length > 1 ? Math.sqrt(square / (own.length - 1)) : 0, n: own.length });
  }
  return found.sort((a, b) => (Number.isNaN(a.value) ? 1 : Number.isNaN(b.value) ? -1 : b.value - a.value));
}

/** Where bars begin and end: at 0, unless all values are close together far from it. */
export function reach(found: readonly Bar[]): [number, number] {
  const finite = found.map((bar) => bar.value).filter(Number.isFinite);
  const low = Math.min(0, ...finite);
  const high = Math.max(0, ...finite);
  return high > low ? [low, high] : [0, 1];
}

export interface BarCardProps {
  plotted: readonly Plotted[];
  values: ReadonlyMap<string, number>;
  look: Look;
  highlight: string | null;
  onHover: (key: string | null) => void;
}

export function BarCard({ plotted, values, look, highlight, onHover }: BarCardProps) {
  const dark = useDark();
  const found = bars(plotted, values).slice(0, BARS_MAX);
  const ends = reach(found);
  const row = (bar: Bar) => (
    <BarRow key={bar.key} bar={bar} ends={ends} color={look.color(bar.key, dark)} lit={highlight === bar.key} onHover={onHover} />
  );
  return (
    <ul className="scores" onPointerLeave={() => onHover(null)}>
      {look.facets
        ? look.facets.map(({ label, keys }) => {
            const own = found.filter((bar) => keys.has(bar.key));
            return own.length > 0 && <li key={label} className="score-facet">{label}<ul>{own.map(row)}</ul></li>;
          })
        : found.map(row)}
    </ul>
  );
}

function BarRow({ bar, ends: [low, high], color, lit, onHover }: { bar: Bar; ends: [number, number]; color: string; lit: boolean; onHover: BarCardProps["onHover"] }) {
  const share = (value: number) => (100 * (Math.min(Math.max(value, low), high) - low)) / (high - low);
  const ends = [share(0), share(Number.isFinite(bar.value) ? bar.value : 0)].sort((a, b) => a - b);
  return (
    <li className={`score-line ${lit ? "lit" : ""}`} onPointerEnter={() => onHover(bar.key)} title={bar.n > 1 ? `mean of ${bar.n} runs` : String(bar.value)}>
      <span className="score-label">{bar.label.slice(0, 200)}</span>
      <span className="score-track"><i style={{ left: `${ends[0]}%`, width: `${Math.max(ends[1]! - ends[0]!, 0.4)}%`, background: color }} /></span>
      <span className="score-value">{formatNumber(bar.value)}{bar.spread > 0 && <small> ± {formatNumber(bar.spread, 2)}</small>}</span>
    </li>
  );
}
