// Parallel coordinates: a line per run over its params and metrics; ranges chosen on the axes say which runs stay.
import { useCallback, useMemo, useRef, useState } from "react";
import { formatCell } from "../base/format";
import type { Cell } from "../wire/types";
import { Canvas, type Pointer, type Stage } from "./Canvas";
import { countFor } from "./frame";
import { fitted, oneLine } from "./marks";
import { kept, rangeText, stepped, type ParallelAxis, type Ranges } from "./ranges";
import { Tip, TipFacts } from "./Tip";
import { paint, type Paint } from "./XYPlot";
import "./parallel.css";

export type { ParallelAxis, Ranges } from "./ranges";

export interface ParallelRow {
  key: string;
  label: string;
  color: Paint;
  /** One per axis. */
  cells: readonly (Cell | undefined)[];
  dash?: boolean;
}

const TOP = 34;
const BOTTOM = 30;
const SIDE = 56;
const REACH = 16;
/** Where values that are missing go: below the axis. */
const MISSING_AT = -0.075;

export function Parallel({ label, axes, rows, ranges, onRange, height = 320, highlight, onHover, onPick, axisWidth = 104 }: {
  label: string;
  axes: readonly ParallelAxis[];
  rows: readonly ParallelRow[];
  ranges: Ranges;
  /** A range was chosen, or taken back (null). */
  onRange: (axis: ParallelAxis, range: [number, number] | null) => void;
  height?: number;
  highlight?: string | null;
  onHover?: (key: string | null) => void;
  onPick?: (key: string) => void;
  axisWidth?: number;
}) {
  const [drag, setDrag] = useState<{ axis: number; from: number; to: number } | null>(null);
  const [hovered, setHovered] = useState<{ row: number; x: number; y: number; width: number } | null>(null);
  const shown = useMemo<Ranges>(() => {
    const axis = drag && axes[drag.axis];
    return axis && Math.abs(drag.from - drag.to) > 0.005 ? { ...ranges, [axis.id]: ordered(drag.from, drag.to) } : ranges;
  }, [ranges, drag, axes]);
  const wide = Math.max((axes.length - 1) * axisWidth + 2 * SIDE, 0);
  const lines = useRef<Float64Array>(new Float64Array());
  const bright = hovered ? rows[hovered.row]?.key : highlight;
  const geometry = useCallback((width: number) => {
    const step = axes.length > 1 ? (width - 2 * SIDE) / (axes.length - 1) : 0;
    const room = height - TOP - BOTTOM;
    return { toX: (i: number) => SIDE + i * step, toY: (share: number) => TOP + (1 - share) * room, step, room };
  }, [axes.length, height]);
  const draw = useCallback((stage: Stage) => {
    const { toX, toY, step } = geometry(stage.width);
    lines.current = placed(rows, axes, toY);
    const chosen = rows.map((row) => kept(row, axes, shown));
    const stroke = (i: number) => path(stage.g, lines.current, axes.length, i, toX);
    stage.g.lineJoin = "round";
    rows.forEach((_, i) => {
      if (chosen[i]) return;
      stage.g.strokeStyle = stage.theme.grid;
      stage.g.lineWidth = 1;
      stroke(i);
    });
    rows.forEach((row, i) => {
      if (!chosen[i]) return;
      stage.g.globalAlpha = rows.length > 200 ? 0.45 : 0.85;
      stage.g.strokeStyle = paint(row.color, stage.theme);
      stage.g.lineWidth = 1.4;
      stage.g.setLineDash(row.dash ? [4, 3] : []);
      stroke(i);
    });
    stage.g.globalAlpha = 1;
    stage.g.setLineDash([]);
    const top = rows.findIndex((row) => row.key === bright);
    if (top >= 0) {
      stage.g.strokeStyle = stage.theme.text;
      stage.g.lineWidth = 3;
      stroke(top);
    }
    axes.forEach((axis, i) => drawAxis(stage, axis, toX(i), toY, Math.max(step - 14, 60), i === 0, shown[axis.id]));
  }, [axes, rows, shown, bright, geometry]);
  const axisAt = (at: Pointer, width: number): number => {
    const { toX } = geometry(width);
    return axes.findIndex((_, i) => Math.abs(toX(i) - at.x) <= REACH);
  };
  const share = (y: number, width: number) => {
    const { toY, room } = geometry(width);
    return Math.min(Math.max((toY(0) - y) / room, 0), 1);
  };
  const move = (at: Pointer, width: number) => {
    if (drag) return setDrag({ ...drag, to: share(at.y, width) });
    const { toX, step } = geometry(width);
    const row = nearestLine(lines.current, axes.length, rows.length, at, toX, step);
    setHovered(row < 0 ? null : { row, x: at.x, y: at.y, width });
    onHover?.(row < 0 ? null : rows[row]!.key);
  };
  const leave = () => {
    setHovered(null);
    onHover?.(null);
  };
  const up = () => {
    if (!drag) return;
    const axis = axes[drag.axis]!;
    onRange(axis, Math.abs(drag.from - drag.to) > 0.015 ? ordered(drag.from, drag.to) : null);
    setDrag(null);
  };
  const row = hovered ? rows[hovered.row] : undefined;
  return (
    <div className="parallel" role="group" aria-label={label}>
      <div className="parallel-scroll" style={{ minWidth: wide }}>
        <Canvas
          height={height}
          draw={draw}
          label={label}
          marks={rows.length}
          cursor="crosshair"
          onMove={move}
          onLeave={leave}
          onDown={(at, width) => {
            const axis = axisAt(at, width);
            if (axis >= 0) setDrag({ axis, from: share(at.y, width), to: share(at.y, width) });
          }}
          onUp={up}
          onPick={onPick && ((at, width) => {
            if (axisAt(at, width) >= 0 || !row) return;
            onPick(row.key);
          })}
        />
        {axes.map((axis, i) => (
          <AxisHandle
            key={axis.id}
            axis={axis}
            left={axes.length > 1 ? `calc(${SIDE}px + (100% - ${2 * SIDE}px) * ${i / (axes.length - 1)})` : `${SIDE}px`}
            height={height - TOP - BOTTOM}
            range={ranges[axis.id]}
            onRange={(range) => onRange(axis, range)}
          />
        ))}
        {row && !drag && (
          <Tip x={hovered!.x} y={hovered!.y} width={hovered!.width}>
            <TipFacts name={oneLine(row.label)} facts={axes.slice(0, 12).map((axis, i) => [axis.name, oneLine(formatCell(row.cells[i]), 60)])} />
          </Tip>
        )}
      </div>
    </div>
  );
}

/** What keyboards and screen readers hold instead of the mouse: arrows move the chosen range, with Shift they widen it. */
function AxisHandle({ axis, left, height, range, onRange }: {
  axis: ParallelAxis;
  left: string;
  height: number;
  range: readonly [number, number] | undefined;
  onRange: (range: [number, number] | null) => void;
}) {
  const [low, high] = range ?? [0, 1];
  const text = range ? rangeText(axis.scale, range) : "everything";
  return (
    <div
      className="parallel-axis"
      role="slider"
      tabIndex={0}
      aria-orientation="vertical"
      aria-label={`${axis.name}: chosen range`}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(((low + high) / 2) * 100)}
      aria-valuetext={text}
      title={`${axis.name}: ${text}. Drag to choose, click to take back; arrow keys move, Shift with arrows widens, Escape takes back.`}
      style={{ left, top: TOP, height }}
      onKeyDown={(event) => {
        if (event.key === "Escape" && range) return onRange(null);
        const way = event.key === "ArrowUp" ? 1 : event.key === "ArrowDown" ? -1 : 0;
        if (!way) return;
        event.preventDefault();
        onRange(stepped(axis.scale, range, way, event.shiftKey));
      }}
    />
  );
}

function ordered(a: number, b: number): [number, number] {
  return a < b ? [a, b] : [b, a];
}

/** y of every row on every axis; NaN never: what is missing lies below. */
function placed(rows: readonly ParallelRow[], axes: readonly ParallelAxis[], toY: (share: number) => number): Float64Array {
  const found = new Float64Array(rows.length * axes.length);
  rows.forEach((row, r) => axes.forEach((axis, a) => {
    found[r * axes.length + a] = toY(axis.scale.place(row.cells[a]) ?? MISSING_AT);
  }));
  return found;
}

function path(g: CanvasRenderingContext2D, ys: Float64Array, n: number, row: number, toX: (i: number) => number): void {
  g.beginPath();
  for (let i = 0; i < n; i++) {
    const x = toX(i);
    const y = ys[row * n + i]!;
    if (i === 0) {
      g.moveTo(x, y);
      continue;
    }
    // A gentle curve keeps lines that meet in one category apart.
    const middle = (toX(i - 1) + x) / 2;
    g.bezierCurveTo(middle, ys[row * n + i - 1]!, middle, y, x, y);
  }
  g.stroke();
}

function nearestLine(ys: Float64Array, axes: number, rows: number, at: Pointer, toX: (i: number) => number, step: number): number {
  if (axes < 2 || step <= 0) return -1;
  const i = Math.min(Math.max(Math.floor((at.x - toX(0)) / step), 0), axes - 2);
  const share = Math.min(Math.max((at.x - toX(i)) / step, 0), 1);
  const eased = share * share * (3 - 2 * share);
  let best = -1;
  let least = 10;
  for (let row = 0; row < rows; row++) {
    const a = ys[row * axes + i]!;
    const distance = Math.abs(a + (ys[row * axes + i + 1]! - a) * eased - at.y);
    if (distance < least) {
      least = distance;
      best = row;
    }
  }
  return best;
}

function drawAxis({ g, theme }: Stage, axis: ParallelAxis, x: number, toY: (share: number) => number, room: number, first: boolean, range?: readonly [number, number]): void {
  g.strokeStyle = theme.muted;
  g.lineWidth = 1;
  g.beginPath();
  g.moveTo(x, toY(0));
  g.lineTo(x, toY(1));
  g.stroke();
  g.textBaseline = "middle";
  // Beside the first axis there is room on its left, where no lines are.
  g.textAlign = first ? "right" : "left";
  g.lineJoin = "round";
  for (const tick of axis.scale.ticks(countFor(toY(0) - toY(1), axis.scale.kind === "category" ? 14 : 44))) {
    const y = toY(tick.at);
    g.fillStyle = theme.muted;
    g.fillRect(x - 3, y - 0.5, 6, 1);
    const text = fitted(g, tick.label, first ? SIDE - 10 : Math.min(room, 90));
    g.lineWidth = 4;
    g.strokeStyle = theme.surface;
    g.strokeText(text, x + (first ? -7 : 7), y);
    g.fillText(text, x + (first ? -7 : 7), y);
  }
  g.fillStyle = theme.text;
  g.textAlign = "center";
  g.textBaseline = "alphabetic";
  g.fillText(fitted(g, axis.name, room + 8), x, toY(1) - 12);
  if (!range) return;
  g.fillStyle = theme.accent;
  g.globalAlpha = 0.28;
  g.fillRect(x - 7, toY(range[1]), 14, toY(range[0]) - toY(range[1]));
  g.globalAlpha = 1;
  g.strokeStyle = theme.accent;
  g.lineWidth = 1.5;
  g.strokeRect(x - 7, toY(range[1]), 14, toY(range[0]) - toY(range[1]));
}
