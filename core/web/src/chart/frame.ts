// The frame of a chart on a plane: margins that fit the labels, grid lines, ticks and names of the axes.
import type { Stage } from "./Canvas";
import { fitted } from "./marks";
import type { Scale } from "./scale";

export interface Box {
  left: number;
  top: number;
  width: number;
  height: number;
}

export interface Frame extends Box {
  toX: (share: number) => number;
  toY: (share: number) => number;
}

const LABEL_MAX = 110;

/** Where marks go: what is left when the labels have their room. */
export function frameOf(stage: Stage, x: Scale, y: Scale, names: { x: string; y: string }): Frame {
  const { g, width, height } = stage;
  const wide = y.ticks(countFor(height, 40)).reduce((most, tick) => Math.max(most, g.measureText(tick.label).width), 0);
  const left = Math.min(wide, LABEL_MAX) + 12 + (names.y ? 18 : 0);
  const top = 8;
  const bottom = names.x ? 40 : 24;
  void x;
  return boxed({ left, top, width: Math.max(width - left - 14, 10), height: Math.max(height - top - bottom, 10) });
}

export function boxed(box: Box): Frame {
  return { ...box, toX: (share) => box.left + share * box.width, toY: (share) => box.top + (1 - share) * box.height };
}

export function countFor(pixels: number, each: number): number {
  return Math.max(2, Math.floor(pixels / each));
}

export function drawFrame(stage: Stage, frame: Frame, x: Scale, y: Scale, names: { x: string; y: string }): void {
  const { g, theme } = stage;
  g.lineWidth = 1;
  g.strokeStyle = theme.grid;
  g.fillStyle = theme.muted;
  g.textBaseline = "middle";
  g.textAlign = "right";
  for (const tick of y.ticks(countFor(frame.height, 40))) {
    const at = Math.round(frame.toY(tick.at)) + 0.5;
    line(g, frame.left, at, frame.left + frame.width, at);
    g.fillText(fitted(g, tick.label, LABEL_MAX), frame.left - 6, at);
  }
  g.textBaseline = "top";
  g.textAlign = "center";
  const ticks = x.ticks(countFor(frame.width, x.kind === "category" ? 48 : 72));
  const room = x.kind === "category" ? frame.width / Math.max(ticks.length, 1) - 6 : 90;
  let end = -Infinity;
  for (const tick of ticks) {
    const at = Math.round(frame.toX(tick.at)) + 0.5;
    line(g, at, frame.top, at, frame.top + frame.height);
    const label = fitted(g, tick.label, room);
    const half = g.measureText(label).width / 2;
    if (at - half < end) continue;
    g.fillText(label, Math.min(at, stage.width - half - 1), frame.top + frame.height + 6);
    end = at + half + 8;
  }
  g.fillStyle = theme.text;
  if (names.x) g.fillText(fitted(g, names.x, frame.width), frame.left + frame.width / 2, frame.top + frame.height + 23);
  if (names.y) {
    g.save();
    g.translate(4, frame.top + frame.height / 2);
    g.rotate(-Math.PI / 2);
    g.fillText(fitted(g, names.y, frame.height), 0, 0);
    g.restore();
  }
}

export function line(g: CanvasRenderingContext2D, x1: number, y1: number, x2: number, y2: number): void {
  g.beginPath();
  g.moveTo(x1, y1);
  g.lineTo(x2, y2);
  g.stroke();
}

/** The mark nearest to the pointer, at most `reach` pixels away. */
export function nearestMark(places: readonly ([number, number] | null)[], pointer: { x: number; y: number }, reach = 18): { index: number; x: number; y: number } | null {
  let best = null;
  let least = reach * reach;
  for (let index = 0; index < places.length; index++) {
    const place = places[index];
    if (!place) continue;
    const [x, y] = place;
    const distance = (x - pointer.x) ** 2 + (y - pointer.y) ** 2;
    if (distance <= least) {
      least = distance;
      best = { index, x, y };
    }
  }
  return best;
}
