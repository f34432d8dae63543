// A value over two params: a surface through the trials, its level lines, and the trials themselves.
import { useCallback, useMemo, useRef } from "react";
import { asNumber, formatCell, formatNumber } from "../base/format";
import type { Cell } from "../wire/types";
import type { Stage } from "./Canvas";
import { colorAt, rgbAt } from "./colormap";
import { drawFrame, frameOf, line, nearestMark, type Frame } from "./frame";
import { Marked } from "./Marked";
import { mark, oneLine } from "./marks";
import { scaleFor, type Scale } from "./scale";
import { isoline, quantile, surface } from "./surface";
import { TipFacts } from "./Tip";
import type { Axis } from "./XYPlot";

export interface ContourPoint {
  key: string;
  x: Cell;
  y: Cell;
  value: Cell;
  label: string;
  faint?: boolean;
}

const LEGEND = 64;

export function Contour({ label, points, x, y, valueName, height = 320, onPick }: {
  label: string;
  points: readonly ContourPoint[];
  x: Axis;
  y: Axis;
  valueName: string;
  height?: number;
  onPick?: (point: ContourPoint) => void;
}) {
  const places = useRef<([number, number] | null)[]>([]);
  const model = useMemo(() => modelOf(points, x, y), [points, x.kind, y.kind, x.name, y.name]);
  const draw = useCallback((stage: Stage) => {
    const names = { x: x.name, y: y.name };
    const inner = { ...stage, width: stage.width - LEGEND };
    const frame = frameOf(inner, model.x, model.y, names);
    drawFrame(inner, frame, model.x, model.y, names);
    if (model.grid) drawSurface(stage, frame, model);
    places.current = points.map((each) => {
      const [px, py] = [model.x.place(each.x), model.y.place(each.y)];
      return px === null || py === null ? null : [frame.toX(px), frame.toY(py)];
    });
    points.forEach((each, i) => {
      const at = places.current[i];
      const value = asNumber(each.value);
      if (!at || value === null || !Number.isFinite(value)) return;
      stage.g.globalAlpha = each.faint ? 0.35 : 1;
      mark(stage.g, "dot", at[0], at[1], 4.5, stage.theme.surface);
      mark(stage.g, "dot", at[0], at[1], 3.3, colorAt(model.share(value)));
      mark(stage.g, "ring", at[0], at[1], 4.5, stage.theme.text);
    });
    stage.g.globalAlpha = 1;
    drawLegend(stage, frame, model, valueName);
  }, [model, points, x.name, y.name, valueName]);
  return (
    <Marked
      items={points} height={height} draw={draw} label={label} onPick={onPick}
      find={(at) => nearestMark(places.current, at)}
      tip={(point) => <TipFacts name={oneLine(point.label)} facts={[[x.name, formatCell(point.x)], [y.name, formatCell(point.y)], [valueName, formatCell(point.value)]]} />}
    />
  );
}

interface Model {
  x: Scale;
  y: Scale;
  grid: ReturnType<typeof surface> | null;
  sorted: number[];
  /** Value -> place on the colour scale, by rank: one bad trial doesn't hide what lies between the others. */
  share: (value: number) => number;
}

function modelOf(points: readonly ContourPoint[], x: Axis, y: Axis): Model {
  const xs = scaleFor(points.map((p) => p.x), { pad: 0.05, ...x });
  const ys = scaleFor(points.map((p) => p.y), { pad: 0.05, ...y });
  const px: number[] = [];
  const py: number[] = [];
  const values: number[] = [];
  for (const point of points) {
    const [a, b, value] = [xs.place(point.x), ys.place(point.y), asNumber(point.value)];
    if (a === null || b === null || value === null || !Number.isFinite(value) || point.faint) continue;
    px.push(a);
    py.push(b);
    values.push(value);
  }
  const sorted = [...values].sort((a, b) => a - b);
  const share = (value: number) => {
    if (sorted.length < 2) return 0.5;
    let low = 0;
    let high = sorted.length - 1;
    if (value <= sorted[0]!) return 0;
    if (value >= sorted[high]!) return 1;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (sorted[middle]! <= value) low = middle;
      else high = middle;
    }
    const gap = sorted[high]! - sorted[low]!;
    return (low + (gap > 0 ? (value - sorted[low]!) / gap : 0)) / (sorted.length - 1);
  };
  const size = (scale: Scale) => (scale.kind === "category" ? Math.max(scale.categories.length, 1) : 44);
  const grid = values.length >= 3 ? surface(px, py, values, size(xs), size(ys)) : null;
  return { x: xs, y: ys, grid, sorted, share };
}

function drawSurface({ g, theme }: Stage, frame: Frame, { grid, share, sorted, x, y }: Model): void {
  const { columns, rows, values } = grid!;
  const picture = document.createElement("canvas");
  picture.width = columns;
  picture.height = rows;
  const pen = picture.getContext("2d")!;
  const image = pen.createImageData(columns, rows);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const [r, gr, b] = rgbAt(share(values[row * columns + column]!));
      image.data.set([r, gr, b, 255], ((rows - 1 - row) * columns + column) * 4);
    }
  }
  pen.putImageData(image, 0, 0);
  const plain = x.kind === "category" || y.kind === "category";
  g.imageSmoothingEnabled = !plain;
  g.globalAlpha = 1;
  g.drawImage(picture, frame.left, frame.top, frame.width, frame.height);
  g.globalAlpha = 0.5;
  g.strokeStyle = theme.surface;
  g.lineWidth = 1;
  if (!plain) {
    for (let i = 1; i < 8; i++) {
      for (const each of isoline(grid!, quantile(sorted, i / 8))) line(g, frame.toX(each.x1), frame.toY(each.y1), frame.toX(each.x2), frame.toY(each.y2));
    }
  }
  g.globalAlpha = 1;
}

function drawLegend({ g, theme, width }: Stage, frame: Frame, { sorted }: Model, name: string): void {
  if (!sorted.length) return;
  const left = width - LEGEND + 4;
  for (let i = 0; i < frame.height; i++) {
    g.fillStyle = colorAt(1 - i / frame.height);
    g.fillRect(left, frame.top + i, 10, 1.5);
  }
  g.fillStyle = theme.muted;
  g.textAlign = "left";
  g.textBaseline = "middle";
  for (const share of [0, 0.25, 0.5, 0.75, 1]) g.fillText(formatNumber(quantile(sorted, share), 3), left + 14, frame.toY(share) + (share === 1 ? 5 : share === 0 ? -5 : 0));
  g.textAlign = "right";
  g.textBaseline = "top";
  g.fillText(name.slice(0, 24), width - 2, frame.top + frame.height + 8);
}
