// One picture: bands, raw lines, lines, dots and the marks of NaN and infinities, clipped to the plot's area.
import { withAlpha } from "../base/colors";
import type { Ink } from "./axes";
import type { ChartLine, ChartOptions } from "./model";
import { finiteCount, peaks, scaler, traceBand, traceLine, visible } from "./paths";

export interface Plot {
  /** In device pixels. */
  left: number;
  top: number;
  width: number;
  height: number;
  ratio: number;
  x: [number, number];
  y: [number, number];
  options: ChartOptions;
  ink: Ink;
}

const DOTS_MAX = 40;
/** Pixels by which a peak must stand out to be drawn as one. */
const PEAK_MIN = 8;

export function scales(plot: Plot): { toX: (x: number) => number; toY: (y: number) => number } {
  const { left, top, width, height, x, y, options } = plot;
  return {
    toX: scaler(x[0], x[1], left, left + width, options.logX),
    toY: scaler(y[0], y[1], top + height, top, options.logY),
  };
}

export function drawLines(ctx: CanvasRenderingContext2D, plot: Plot, lines: readonly ChartLine[]): void {
  ctx.save();
  ctx.beginPath();
  ctx.rect(plot.left, plot.top, plot.width, plot.height);
  ctx.clip();
  ctx.lineJoin = "round";
  if (plot.options.diagonal) drawDiagonal(ctx, plot);
  const crowd = lines.length > 40;
  for (const line of lines) drawBand(ctx, plot, line, crowd);
  for (const line of lines) drawLine(ctx, plot, line, crowd ? 1 : 1.5);
  ctx.restore();
  for (const line of lines) drawMarks(ctx, plot, line);
}

function drawBand(ctx: CanvasRenderingContext2D, plot: Plot, line: ChartLine, crowd: boolean): void {
  const { toX, toY } = scales(plot);
  const [from, to] = visible(line.x, plot.x[0], plot.x[1]);
  if (line.lo && line.hi) {
    ctx.beginPath();
    traceBand(ctx, { x: line.x, lo: line.lo, hi: line.hi, from, to, toX, toY });
    ctx.fillStyle = withAlpha(line.color, crowd ? 0.08 : 0.16);
    ctx.fill();
    if (line.sampled) drawPeaks(ctx, plot, line, from, to);
  }
  if (line.raw) {
    ctx.beginPath();
    traceLine(ctx, { x: line.x, y: line.raw, from, to, toX, toY }, plot.options.steps);
    ctx.strokeStyle = withAlpha(line.color, crowd ? 0.15 : 0.28);
    ctx.lineWidth = plot.ratio;
    ctx.stroke();
  }
}

/** Lone peaks and dips, as strokes: of a band as thin as a pixel the tip is too faint to see. */
function drawPeaks(ctx: CanvasRenderingContext2D, plot: Plot, line: ChartLine, from: number, to: number): void {
  const { toX, toY } = scales(plot);
  ctx.beginPath();
  for (const edge of [line.hi!, line.lo!]) {
    const way = edge === line.hi ? 1 : -1;
    for (const [at, base] of peaks(edge, from, to, way)) {
      const [tip, foot] = [toY(edge[at]!), toY(base)];
      if (!(Math.abs(tip - foot) > PEAK_MIN * plot.ratio) || !Number.isFinite(foot)) continue;
      const x = Math.round(toX(line.x[at]!)) + 0.5;
      ctx.moveTo(x, tip);
      ctx.lineTo(x, foot);
    }
  }
  ctx.strokeStyle = withAlpha(line.color, 0.75);
  ctx.lineWidth = plot.ratio;
  ctx.stroke();
}

/** One line with its dots; also used to bring a line to the front. */
export function drawLine(ctx: CanvasRenderingContext2D, plot: Plot, line: ChartLine, width: number): void {
  const { toX, toY } = scales(plot);
  const [from, to] = visible(line.x, plot.x[0], plot.x[1]);
  ctx.strokeStyle = line.color;
  ctx.lineWidth = width * plot.ratio;
  ctx.setLineDash((line.dash ?? []).map((length) => length * plot.ratio));
  ctx.beginPath();
  traceLine(ctx, { x: line.x, y: line.y, from, to, toX, toY }, plot.options.steps);
  ctx.stroke();
  ctx.setLineDash([]);
  const few = finiteCount(line.y, from, to, DOTS_MAX) <= Math.min(DOTS_MAX, plot.width / plot.ratio / 12);
  if (line.dots ?? few) drawDots(ctx, plot, line, from, to, width);
}

function drawDots(ctx: CanvasRenderingContext2D, plot: Plot, line: ChartLine, from: number, to: number, width: number): void {
  const { toX, toY } = scales(plot);
  const radius = (width + 0.7) * plot.ratio;
  ctx.fillStyle = line.color;
  ctx.beginPath();
  for (let i = from; i < to; i++) {
    const y = toY(line.y[i]!);
    if (!Number.isFinite(y)) continue;
    const x = toX(line.x[i]!);
    ctx.moveTo(x + radius, y);
    ctx.arc(x, y, radius, 0, 2 * Math.PI);
  }
  ctx.fill();
}

function drawDiagonal(ctx: CanvasRenderingContext2D, plot: Plot): void {
  const { toX, toY } = scales(plot);
  ctx.strokeStyle = plot.ink.faint;
  ctx.lineWidth = plot.ratio;
  ctx.setLineDash([4 * plot.ratio, 4 * plot.ratio]);
  ctx.beginPath();
  ctx.moveTo(toX(0), toY(0));
  ctx.lineTo(toX(1), toY(1));
  ctx.stroke();
  ctx.setLineDash([]);
}

/** ✕ at the bottom where values are NaN, ▲ at the top for +∞, ▼ at the bottom for −∞. */
function drawMarks(ctx: CanvasRenderingContext2D, plot: Plot, line: ChartLine): void {
  if (!line.nan?.length && !line.inf?.length && !line.ninf?.length) return;
  const { toX } = scales(plot);
  const size = 3.5 * plot.ratio;
  const bottom = plot.top + plot.height - size - plot.ratio;
  const top = plot.top + size + plot.ratio;
  ctx.save();
  ctx.strokeStyle = ctx.fillStyle = line.color;
  ctx.lineWidth = 1.5 * plot.ratio;
  // Marks that would lie on one another are one, or they would look like none of them.
  let last = -Infinity;
  const inside = (x: number) => {
    if (x < plot.left || x > plot.left + plot.width || Math.abs(x - last) < 2.2 * size) return false;
    last = x;
    return true;
  };
  for (const at of line.nan ?? []) {
    const x = toX(at);
    if (!inside(x)) continue;
    ctx.beginPath();
    ctx.moveTo(x - size, bottom - size);
    ctx.lineTo(x + size, bottom + size);
    ctx.moveTo(x + size, bottom - size);
    ctx.lineTo(x - size, bottom + size);
    ctx.stroke();
  }
  const triangle = (at: number, y: number, up: number) => {
    const x = toX(at);
    if (!inside(x)) return;
    ctx.beginPath();
    ctx.moveTo(x - size, y + up * size);
    ctx.lineTo(x + size, y + up * size);
    ctx.lineTo(x, y - up * size);
    ctx.fill();
  };
  last = -Infinity;
  for (const at of line.inf ?? []) triangle(at, top, 1);
  last = -Infinity;
  for (const at of line.ninf ?? []) triangle(at, bottom, -1);
  ctx.restore();
}
