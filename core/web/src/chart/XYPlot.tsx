// Points and lines on a plane: scatter, slice, history, Pareto front, EDF.
import { useCallback, useMemo, useRef, useState } from "react";
import { formatCell } from "../base/format";
import type { Cell } from "../wire/types";
import type { Stage } from "./Canvas";
import { drawFrame, frameOf, nearestMark, type Frame } from "./frame";
import { Marked } from "./Marked";
import { mark, oneLine, type Shape } from "./marks";
import { scaleFor, type Scale, type ScaleKind } from "./scale";
import type { Theme } from "./theme";
import { TipFacts } from "./Tip";

/** A colour, or the part of the theme that it is. */
export type Paint = string | { theme: keyof Theme };

export interface XYPoint {
  key: string;
  x: Cell;
  y: Cell;
  label: string;
  color?: Paint;
  shape?: Shape;
  size?: number;
  /** Drawn faintly, below the others. */
  faint?: boolean;
  /** Without a y of its own it lies on the lower edge, instead of nowhere. */
  edge?: boolean;
  facts?: readonly [string, string][];
}

export interface XYLine {
  key: string;
  x: readonly (number | null)[];
  y: readonly (number | null)[];
  color?: Paint;
  steps?: boolean;
  width?: number;
  dash?: number[];
  faint?: boolean;
}

export interface Axis {
  name: string;
  kind?: ScaleKind;
  include?: number[];
}

const NOTHING: XYLine[] = [];

export function paint(color: Paint | undefined, theme: Theme): string {
  return color === undefined ? theme.accent : typeof color === "string" ? color : theme[color.theme];
}

export function XYPlot({ label, points, lines = NOTHING, x, y, height = 280, highlight, onPick, onHover }: {
  label: string;
  points: readonly XYPoint[];
  lines?: readonly XYLine[];
  x: Axis;
  y: Axis;
  height?: number;
  /** Key of a point to bring out. */
  highlight?: string | null;
  onPick?: (point: XYPoint) => void;
  onHover?: (point: XYPoint | null) => void;
}) {
  const places = useRef<([number, number] | null)[]>([]);
  const [hovered, setHovered] = useState<string | null>(null);
  const scales = useMemo(() => scalesOf(points, lines, x, y), [points, lines, x.kind, y.kind, x.name, y.name]);
  const shown = hovered ?? highlight ?? null;
  const draw = useCallback((stage: Stage) => {
    const names = { x: x.name, y: y.name };
    const frame = frameOf(stage, scales.x, scales.y, names);
    drawFrame(stage, frame, scales.x, scales.y, names);
    for (const each of lines) drawLine(stage, frame, scales.x, scales.y, each);
    places.current = points.map((each) => {
      const [px, py] = [scales.x.place(each.x), scales.y.place(each.y)];
      if (px === null || (py === null && !each.edge)) return null;
      return [frame.toX(px + jitter(each.key, scales.x)), py === null ? frame.top + frame.height - 6 : frame.toY(py)];
    });
    for (const faint of [true, false]) {
      stage.g.globalAlpha = faint ? 0.3 : points.length > 400 ? 0.6 : 0.9;
      points.forEach((each, i) => {
        const at = places.current[i];
        if (at && !!each.faint === faint) mark(stage.g, each.shape ?? "dot", at[0], at[1], each.size ?? 3.5, paint(each.color, stage.theme));
      });
    }
    stage.g.globalAlpha = 1;
    const i = shown === null ? -1 : points.findIndex((each) => each.key === shown);
    const at = i >= 0 ? places.current[i] : null;
    if (at) mark(stage.g, "ring", at[0], at[1], (points[i]!.size ?? 3.5) + 4, stage.theme.text);
  }, [points, lines, scales, x.name, y.name, shown]);
  return (
    <Marked
      items={points} height={height} draw={draw} label={label} marks={points.length + lines.length} onPick={onPick}
      find={(at) => nearestMark(places.current, at)}
      onHover={(point) => {
        setHovered(point?.key ?? null);
        onHover?.(point);
      }}
      tip={(point) => <TipFacts name={oneLine(point.label)} facts={point.facts ?? [[x.name, formatCell(point.x)], [y.name, formatCell(point.y)]]} />}
    />
  );
}

function scalesOf(points: readonly XYPoint[], lines: readonly XYLine[], x: Axis, y: Axis): { x: Scale; y: Scale } {
  const xs = [...points.map((p) => p.x), ...lines.flatMap((l) => [...l.x])];
  const ys = [...points.map((p) => p.y), ...lines.flatMap((l) => [...l.y])];
  return { x: scaleFor(xs, { pad: 0.03, ...x }), y: scaleFor(ys, { pad: 0.05, ...y }) };
}

/** Points of one category beside one another, each always at the same place. */
function jitter(key: string, scale: Scale): number {
  if (scale.kind !== "category") return 0;
  let value = 7;
  for (let i = 0; i < key.length; i++) value = (value * 31 + key.charCodeAt(i)) >>> 0;
  return ((value % 1000) / 1000 - 0.5) * (0.6 / Math.max(scale.categories.length, 1));
}

function drawLine({ g, theme }: Stage, frame: Frame, x: Scale, y: Scale, each: XYLine): void {
  g.strokeStyle = paint(each.color, theme);
  g.lineWidth = each.width ?? 1.8;
  g.globalAlpha = each.faint ? 0.35 : 1;
  g.setLineDash(each.dash ?? []);
  g.lineJoin = "round";
  g.beginPath();
  let before: [number, number] | null = null;
  for (let i = 0; i < each.x.length; i++) {
    const [px, py] = [x.place(each.x[i]), y.place(each.y[i])];
    if (px === null || py === null) {
      before = null;
      continue;
    }
    const at: [number, number] = [frame.toX(px), frame.toY(py)];
    if (!before) g.moveTo(...at);
    else {
      if (each.steps) g.lineTo(at[0], before[1]);
      g.lineTo(...at);
    }
    before = at;
  }
  g.stroke();
  g.setLineDash([]);
  g.globalAlpha = 1;
}
