// A frame with axes in which lines, steps and dots of one figure are drawn; the nearest point is read out.
import { useId, useMemo, useRef, useState, type KeyboardEvent, type PointerEvent } from "react";
import { clip, formatNumber } from "../../base/format";
import { bandPath, dotsPath, linePath, nearestPoint, stepPath } from "./paths";
import { bounds, plotScale, roomy, type PlotScale } from "./scale";
import type { Axis, Figure, Series } from "./series";
import { useWidth } from "./useWidth";

const LEGEND_MAX = 30;
const MARGIN = { top: 10, right: 14, bottom: 38, left: 54 };

export function FigureView({ figure, label, height }: { figure: Figure; label: string; height?: number }) {
  const [ref, width] = useWidth();
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const [front, setFront] = useState<string | null>(null);
  const shown = useMemo(() => figure.series.filter((each) => !hidden.has(each.key)), [figure, hidden]);
  const tall = height ?? Math.round(Math.min(Math.max(width * 0.66, 220), 380));
  const toggle = (key: string) => {
    const next = new Set(hidden);
    if (!next.delete(key)) next.add(key);
    setHidden(next);
  };
  return (
    <div className="figure" ref={ref}>
      <Drawing figure={figure} series={shown} width={width} height={tall} label={label} front={front} />
      {(figure.series.length > 1 || figure.named) && <Legend series={figure.series} hidden={hidden} onToggle={toggle} onFront={setFront} />}
    </div>
  );
}

function Legend({ series, hidden, onToggle, onFront }: {
  series: readonly Series[];
  hidden: ReadonlySet<string>;
  onToggle: (key: string) => void;
  onFront: (key: string | null) => void;
}) {
  return (
    <div className="figure-legend" role="group" aria-label="Lines">
      {series.slice(0, LEGEND_MAX).map((each) => (
        <button
          key={each.key}
          type="button"
          aria-pressed={!hidden.has(each.key)}
          title={each.label}
          onClick={() => onToggle(each.key)}
          onPointerEnter={() => onFront(each.key)}
          onPointerLeave={() => onFront(null)}
        >
          <svg width="18" height="8" aria-hidden="true">
            {each.form === "dots" ? <circle cx="9" cy="4" r="3" fill={each.color} /> : <path d="M0 4H18" stroke={each.color} strokeWidth="2" strokeDasharray={each.dash || undefined} />}
          </svg>
          {clip(each.label, 48)}
        </button>
      ))}
      {series.length > LEGEND_MAX && <span className="more">and {series.length - LEGEND_MAX} more</span>}
    </div>
  );
}

function domainOf(axis: Axis, lists: Iterable<readonly number[]>): [number, number] {
  if (axis.domain) return axis.domain;
  const found = bounds(lists);
  return axis.kind && axis.kind !== "linear" ? found : roomy(found);
}

interface Place {
  series: number;
  point: number;
}

function Drawing({ figure, series, width, height, label, front }: {
  figure: Figure;
  series: readonly Series[];
  width: number;
  height: number;
  label: string;
  front: string | null;
}) {
  const clipId = useId();
  const svg = useRef<SVGSVGElement>(null);
  const [place, setPlace] = useState<Place | null>(null);
  const narrow = width < 380;
  const left = narrow ? 42 : MARGIN.left;
  const [x, y] = useMemo(() => {
    const outlined = series.flatMap((each) => (each.lo && each.hi ? [each.y, each.lo, each.hi] : [each.y]));
    const inX = domainOf(figure.x, series.map((each) => each.x));
    const inY = domainOf(figure.y, outlined);
    // Bars stand on the axis.
    if (!figure.y.domain && series.length && series.every((each) => each.form === "steps" && each.lo)) inY[0] = 0;
    return [
      plotScale(figure.x.kind ?? "linear", inX, [left, width - MARGIN.right], narrow ? 4 : 6, figure.x.percent),
      plotScale(figure.y.kind ?? "linear", inY, [height - MARGIN.bottom, MARGIN.top], 5, figure.y.percent),
    ];
  }, [figure, series, width, height, left, narrow]);
  const paths = useMemo(() => series.map((each) => pathsOf(each, x, y)), [series, x, y]);
  const move = (event: PointerEvent) => {
    const box = svg.current!.getBoundingClientRect();
    const found = nearestPoint(series, x.at, y.at, event.clientX - box.left, event.clientY - box.top);
    setPlace(found && { series: found[0], point: found[1] });
  };
  const key = (event: KeyboardEvent) => {
    const next = moved(event.key, place, series);
    if (next === undefined) return;
    event.preventDefault();
    setPlace(next);
  };
  const current = place && series[place.series];
  return (
    <div className="figure-drawing">
      <svg
        ref={svg} width={width} height={height} role="img" tabIndex={0}
        aria-label={`${label}. Arrow keys read the points.`}
        onPointerMove={move} onPointerLeave={() => setPlace(null)} onKeyDown={key} onBlur={() => setPlace(null)}
      >
        <clipPath id={clipId}>
          <rect x={left} y={MARGIN.top - 4} width={Math.max(width - left - MARGIN.right + 4, 0)} height={Math.max(height - MARGIN.top - MARGIN.bottom + 8, 0)} />
        </clipPath>
        <Axes figure={figure} x={x} y={y} width={width} height={height} left={left} />
        <g clipPath={`url(#${clipId})`}>
          {figure.diagonal && <Diagonal x={x} y={y} />}
          <Marks figure={figure} x={x} y={y} width={width} height={height} left={left} />
          {series.map((each, i) => (
            <g key={each.key} className={front === null ? "" : front === each.key ? "front" : "back"}>
              {paths[i]!.band && <path d={paths[i]!.band} fill={each.color} fillOpacity={series.length > 1 ? 0.12 : 0.3} stroke="none" />}
              {paths[i]!.line && <path d={paths[i]!.line} className="curve" stroke={each.color} strokeDasharray={each.dash || undefined} />}
              {paths[i]!.dots && <path d={paths[i]!.dots} className={each.form === "dots" ? "cloud" : "points"} stroke={each.color} />}
            </g>
          ))}
        </g>
        {current && <circle className="cursor" cx={x.at(current.x[place.point]!)} cy={y.at(current.y[place.point]!)} r="4.5" stroke={current.color} />}
      </svg>
      <div aria-live="polite">{current && <Readout figure={figure} series={current} point={place.point} x={x} width={width} />}</div>
    </div>
  );
}

function pathsOf(each: Series, x: PlotScale, y: PlotScale): { line?: string; dots?: string; band?: string } {
  const steps = each.form === "steps";
  return {
    band: each.lo && each.hi && bandPath(each.x, each.lo, each.hi, x.at, y.at, steps),
    line: each.form === "dots" ? undefined : (steps ? stepPath : linePath)(each.x, each.y, x.at, y.at),
    dots: each.form === "dots" || each.form === "line+dots" ? dotsPath(each.x, each.y, x.at, y.at) : undefined,
  };
}

/** Where a key leads: left and right along a line, up and down to another; undefined if it means nothing here. */
export function moved(key: string, place: Place | null, series: readonly { x: readonly number[] }[]): Place | null | undefined {
  if (key === "Escape") return null;
  const step = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[key];
  if (!step || !series.length) return undefined;
  if (!place) return { series: 0, point: 0 };
  const line = (place.series + step[0]! + series.length) % series.length;
  const last = Math.max(series[line]!.x.length - 1, 0);
  return { series: line, point: Math.min(Math.max(place.point + step[1]!, 0), last) };
}

function Readout({ figure, series, point, x, width }: { figure: Figure; series: Series; point: number; x: PlotScale; width: number }) {
  const onRight = x.at(series.x[point]!) < width / 2;
  const rows: [string, number][] = [[figure.x.label, series.x[point]!], [figure.y.label, series.y[point]!]];
  for (const [name, values] of Object.entries(series.extra ?? {})) rows.push([name, values[point]!]);
  return (
    <div className={`figure-readout ${onRight ? "right" : "left"}`}>
      <b style={{ color: series.color }}>{clip(series.label, 60)}</b>
      {rows.map(([name, value]) => <span key={name}>{name} <i>{formatNumber(value)}</i></span>)}
    </div>
  );
}

function Axes({ figure, x, y, width, height, left }: { figure: Figure; x: PlotScale; y: PlotScale; width: number; height: number; left: number }) {
  const bottom = height - MARGIN.bottom;
  return (
    <g className="axes">
      {x.ticks.map((tick) => (
        <g key={tick.at}>
          <path className="grid" d={`M${tick.at} ${MARGIN.top}V${bottom}`} />
          <text x={tick.at} y={bottom + 14} textAnchor="middle">{tick.label}</text>
        </g>
      ))}
      {y.ticks.map((tick) => (
        <g key={tick.at}>
          <path className="grid" d={`M${left} ${tick.at}H${width - MARGIN.right}`} />
          <text x={left - 6} y={tick.at + 3.5} textAnchor="end">{tick.label}</text>
        </g>
      ))}
      <text className="axis-label" x={(left + width - MARGIN.right) / 2} y={height - 6} textAnchor="middle">{figure.x.label}</text>
      <text className="axis-label" transform={`translate(11 ${(MARGIN.top + bottom) / 2}) rotate(-90)`} textAnchor="middle">{figure.y.label}</text>
    </g>
  );
}

function Diagonal({ x, y }: { x: PlotScale; y: PlotScale }) {
  const low = Math.max(x.domain[0], y.domain[0]);
  const high = Math.min(x.domain[1], y.domain[1]);
  if (!(low < high)) return null;
  return <path className="reference" d={`M${x.at(low)} ${y.at(low)}L${x.at(high)} ${y.at(high)}`} />;
}

function Marks({ figure, x, y, width, height, left }: { figure: Figure; x: PlotScale; y: PlotScale; width: number; height: number; left: number }) {
  return (
    <>
      {figure.marks?.map((mark) => {
        const at = (mark.axis === "x" ? x : y).at(mark.at);
        if (!Number.isFinite(at)) return null;
        const d = mark.axis === "x" ? `M${at} ${MARGIN.top}V${height - MARGIN.bottom}` : `M${left} ${at}H${width - MARGIN.right}`;
        const text = mark.label && `${mark.label} ${formatNumber(mark.at, 3)}`;
        return (
          <g key={`${mark.axis}${mark.at}`}>
            <path className="reference" d={d} />
            {text && (mark.axis === "x"
              ? <text x={at > width / 2 ? at - 4 : at + 4} y={MARGIN.top + 10} textAnchor={at > width / 2 ? "end" : "start"}>{text}</text>
              : <text x={width - MARGIN.right - 4} y={at - 4} textAnchor="end">{text}</text>)}
          </g>
        );
      })}
    </>
  );
}
