// Histograms of one quantity over the steps of a run: a map of steps by values, darker where more values are.
import { useEffect, useMemo, useRef, useState } from "react";
import { api } from "../../api";
import { useDark } from "../../app/theme";
import { formatNumber } from "../../base/format";
import { useQuery } from "../../base/useQuery";
import { Loaded } from "../../components/Panel";
import { PlotView } from "../../components/plots/PlotView";
import { numbers, record } from "../../components/plots/data";
import { bounds, plotScale } from "../../components/plots/scale";
import { useWidth } from "../../components/plots/useWidth";
import type { Plot, PlotLink, RunDetail } from "../../wire/types";

const STEPS_MAX = 80;
const BINS = 72;
const HEIGHT = 360;
const AT_ONCE = 6;
const MARGIN = { left: 54, right: 12, top: 8, bottom: 34 };

export interface StepMap {
  low: number;
  high: number;
  /** Share of all values of the step in each of BINS bins, by step. */
  columns: Float64Array[];
  most: number;
}

/** Histograms with own edges brought onto common bins: each count is spread over the bins that it covers. */
export function stepMap(histograms: readonly { edges: readonly number[]; counts: readonly number[] }[], bins = BINS): StepMap {
  const [low, high] = bounds(histograms.map((each) => each.edges));
  const width = (high - low) / bins || 1;
  let most = 0;
  const columns = histograms.map(({ edges, counts }) => {
    const column = new Float64Array(bins);
    const total = counts.reduce((sum, each) => sum + each, 0) || 1;
    counts.forEach((count, i) => {
      const [from, to] = [edges[i]!, edges[i + 1]!];
      const first = Math.min(Math.max(Math.floor((from - low) / width), 0), bins - 1);
      const last = Math.min(Math.max(Math.ceil((to - low) / width) - 1, first), bins - 1);
      for (let bin = first; bin <= last; bin++) {
        const overlap = Math.min(to, low + (bin + 1) * width) - Math.max(from, low + bin * width);
        column[bin]! += (count / total) * (to > from ? Math.max(overlap, 0) / (to - from) : 1 / (last - first + 1));
      }
    });
    for (const share of column) most = Math.max(most, share);
    return column;
  });
  return { low, high, columns, most };
}

/** At most so many, evenly spread, the first and the last among them. */
export function thinned<T>(all: readonly T[], most: number): T[] {
  if (all.length <= most) return [...all];
  return Array.from({ length: most }, (_, i) => all[Math.round((i * (all.length - 1)) / (most - 1))]!);
}

async function fetchAll(run: string, plots: readonly PlotLink[], signal: AbortSignal): Promise<Plot[]> {
  const found: Plot[] = new Array(plots.length);
  let next = 0;
  const work = async () => {
    while (next < plots.length) {
      const place = next++;
      found[place] = await api.plot(run, { index: plots[place]!.index }, signal);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return found;
}

export function HistogramsOverSteps({ run, plots, name, color }: { run: RunDetail; plots: readonly PlotLink[]; name: string; color: string }) {
  const shown = useMemo(() => thinned(plots, STEPS_MAX), [plots]);
  const query = useQuery(`steps/${run.id}/${name}/${shown.map((plot) => plot.index).join()}`, (signal) => fetchAll(run.id, shown, signal));
  return (
    <Loaded query={query}>
      {(all) => <StepMapView plots={all} name={name} color={color} run={run} left={plots.length - shown.length} />}
    </Loaded>
  );
}

function StepMapView({ plots, name, color, run, left }: { plots: readonly Plot[]; name: string; color: string; run: RunDetail; left: number }) {
  const dark = useDark();
  const [ref, width] = useWidth(520);
  const canvas = useRef<HTMLCanvasElement>(null);
  const [place, setPlace] = useState<number | null>(null);
  const map = useMemo(() => stepMap(plots.map((plot) => ({ edges: numbers(record(plot.data), "edges"), counts: numbers(record(plot.data), "counts") }))), [plots]);
  const steps = plots.map((plot, i) => plot.step ?? i);
  const inner = Math.max(width - MARGIN.left - MARGIN.right, 40);
  const tall = HEIGHT - MARGIN.top - MARGIN.bottom;
  const y = plotScale("linear", [map.low, map.high], [HEIGHT - MARGIN.bottom, MARGIN.top], 5);
  useEffect(() => paint(canvas.current, map, inner, tall, color, dark), [map, inner, tall, color, dark]);
  const every = Math.max(1, Math.ceil(plots.length / Math.max(inner / 60, 1)));
  const chosen = plots[place ?? plots.length - 1]!;
  const move = (next: number) => setPlace(Math.min(Math.max(next, 0), plots.length - 1));
  return (
    <div className="step-map">
      <div
        ref={ref} className="step-map-frame figure" role="slider" tabIndex={0}
        aria-label={`${name} over steps`} aria-valuemin={0} aria-valuemax={plots.length - 1} aria-valuenow={place ?? plots.length - 1} aria-valuetext={`step ${formatNumber(steps[place ?? plots.length - 1]!)}`}
        onPointerMove={(event) => move(Math.floor(((event.clientX - event.currentTarget.getBoundingClientRect().left - MARGIN.left) / inner) * plots.length))}
        onKeyDown={(event) => {
          const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
          if (!step) return;
          event.preventDefault();
          move((place ?? plots.length - 1) + step);
        }}
      >
        <canvas ref={canvas} style={{ left: MARGIN.left, top: MARGIN.top, width: inner, height: tall }} />
        <svg width={width} height={HEIGHT} aria-hidden="true">
          {y.ticks.map((tick) => <text key={tick.at} x={MARGIN.left - 6} y={tick.at + 3.5} textAnchor="end">{tick.label}</text>)}
          {steps.map((step, i) => i % every === 0 && <text key={i} x={MARGIN.left + ((i + 0.5) * inner) / plots.length} y={HEIGHT - MARGIN.bottom + 14} textAnchor="middle">{formatNumber(step)}</text>)}
          <text className="axis-label" x={MARGIN.left + inner / 2} y={HEIGHT - 4} textAnchor="middle">step</text>
          {place !== null && <rect className="step-mark" x={MARGIN.left + (place * inner) / plots.length} y={MARGIN.top} width={inner / plots.length} height={tall} />}
        </svg>
      </div>
      <div className="step-map-one">
        <p className="plot-note">step {formatNumber(steps[place ?? plots.length - 1]!)}{left > 0 && `; ${left} steps between are not shown`}</p>
        <PlotView plot={chosen} runs={useMemo(() => [{ run: run.id, label: run.name, color, data: chosen.data }], [chosen, run.id, run.name, color])} />
      </div>
    </div>
  );
}

/** One pixel a cell, scaled up by the style sheet; shades by the square root, so that thin tails are seen. */
function paint(canvas: HTMLCanvasElement | null, map: StepMap, width: number, height: number, color: string, dark: boolean): void {
  const context = canvas?.getContext("2d");
  if (!canvas || !context || !width || !height) return;
  canvas.width = Math.max(map.columns.length, 1);
  canvas.height = map.columns[0]?.length ?? 1;
  const image = context.createImageData(canvas.width, canvas.height);
  const [r, g, b] = [1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16));
  map.columns.forEach((column, x) => column.forEach((share, bin) => {
    const at = ((column.length - 1 - bin) * canvas.width + x) * 4;
    image.data.set([r!, g!, b!, Math.round(255 * Math.sqrt(share / (map.most || 1)) * (dark ? 1 : 0.95))], at);
  }));
  context.putImageData(image, 0, 0);
}
