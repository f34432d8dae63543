// The pointer over a chart: crosshair, the line below it in front, and a tooltip with the values of the nearest lines.
import { withAlpha } from "../base/colors";
import { formatNumber } from "../base/format";
import { formatX } from "./axes";
import { drawLine, scales, type Plot } from "./draw";
import { nearest, type ChartLine } from "./model";

const ROWS_MAX = 8;
const NEAR_PX = 36;

export interface PointerEvents {
  onHover: (x: number | null, key: string | null) => void;
  onPick: (key: string) => void;
}

interface Hit {
  line: ChartLine;
  index: number;
  /** Distance to the pointer in device pixels. */
  away: number;
}

export class Pointer {
  private canvas = document.createElement("canvas");
  private tip = document.createElement("div");
  private plot: Plot | null = null;
  private lines: readonly ChartLine[] = [];
  private cursor: number | null = null;
  private front: string | null = null;
  private mouse: { x: number; y: number } | null = null;
  private frame = 0;

  constructor(private root: HTMLElement, private events: PointerEvents) {
    this.canvas.className = "pointer-layer";
    this.tip.className = "chart-tip";
    this.tip.hidden = true;
    root.append(this.canvas, this.tip);
  }

  /** Listens on the plot's area; called again whenever that is made anew. */
  attach(over: HTMLElement, reset: () => void): void {
    this.root.append(this.canvas, this.tip);
    over.addEventListener("pointermove", (event) => {
      const box = this.root.getBoundingClientRect();
      this.mouse = { x: event.clientX - box.left, y: event.clientY - box.top };
      this.plan();
    });
    over.addEventListener("pointerleave", () => {
      this.mouse = null;
      this.plan();
    });
    over.addEventListener("dblclick", reset);
    over.addEventListener("click", () => {
      if (this.front) this.events.onPick(this.front);
    });
  }

  /** After each drawing: where the plot is now, and what is in it. */
  place(plot: Plot, lines: readonly ChartLine[]): void {
    this.plot = plot;
    this.lines = lines;
    const [width, height] = [this.root.clientWidth, this.root.clientHeight];
    const [w, h] = [Math.round(width * plot.ratio), Math.round(height * plot.ratio)];
    if (this.canvas.width !== w || this.canvas.height !== h) {
      this.canvas.width = w;
      this.canvas.height = h;
      this.canvas.style.width = `${width}px`;
      this.canvas.style.height = `${height}px`;
    }
    this.plan();
  }

  showCursor(x: number | null): void {
    if (this.mouse) return;
    this.cursor = x;
    this.plan();
  }

  highlight(key: string | null): void {
    if (this.mouse) return;
    this.front = key;
    this.plan();
  }

  destroy(): void {
    cancelAnimationFrame(this.frame);
    this.canvas.remove();
    this.tip.remove();
  }

  private plan(): void {
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(() => this.show());
  }

  private show(): void {
    const { plot } = this;
    const ctx = this.canvas.getContext("2d");
    if (!plot || !ctx) return;
    ctx.clearRect(0, 0, this.canvas.width, this.canvas.height);
    const hits = this.mouse ? this.find(plot, this.mouse) : null;
    if (this.mouse && hits) this.hovered(plot, hits);
    else this.left();
    this.drawFront(ctx, plot);
    if (this.cursor !== null) this.drawCursor(ctx, plot, hits?.[0] ?? null);
  }

  private hovered(plot: Plot, hits: Hit[]): void {
    const near = hits[0] && hits[0].away < NEAR_PX * plot.ratio ? hits[0] : null;
    this.cursor = near ? near.line.x[near.index]! : this.xAt(plot, this.mouse!.x);
    this.front = near && this.lines.length > 1 ? near.line.key : null;
    this.events.onHover(this.cursor, near?.line.key ?? null);
    this.fill(hits, near);
  }

  private left(): void {
    if (!this.tip.hidden) {
      this.tip.hidden = true;
      this.cursor = null;
      this.front = null;
      this.events.onHover(null, null);
    }
  }

  private xAt(plot: Plot, x: number): number {
    const share = (x * plot.ratio - plot.left) / plot.width;
    const [low, high] = plot.x;
    return plot.options.logX ? low * (high / low) ** share : low + share * (high - low);
  }

  private find(plot: Plot, mouse: { x: number; y: number }): Hit[] {
    const { toX, toY } = scales(plot);
    const [mx, my] = [mouse.x * plot.ratio, mouse.y * plot.ratio];
    const at = this.xAt(plot, mouse.x);
    const hits: Hit[] = [];
    for (const line of this.lines) {
      const index = nearest(line.x, at);
      if (index < 0) continue;
      const y = toY(line.y[index]!);
      const away = Number.isFinite(y) ? Math.hypot((toX(line.x[index]!) - mx) / 2, y - my) : Infinity;
      hits.push({ line, index, away });
    }
    return hits.sort((a, b) => a.away - b.away);
  }

  private drawFront(ctx: CanvasRenderingContext2D, plot: Plot): void {
    const line = this.front === null ? undefined : this.lines.find((each) => each.key === this.front);
    if (!line) return;
    ctx.save();
    ctx.beginPath();
    ctx.rect(plot.left, plot.top, plot.width, plot.height);
    ctx.clip();
    ctx.fillStyle = withAlpha(plot.ink.back, 0.55);
    ctx.fillRect(plot.left, plot.top, plot.width, plot.height);
    drawLine(ctx, plot, line, 2.2);
    ctx.restore();
  }

  private drawCursor(ctx: CanvasRenderingContext2D, plot: Plot, hit: Hit | null): void {
    const { toX, toY } = scales(plot);
    const x = Math.round(toX(this.cursor!)) + 0.5;
    if (x < plot.left || x > plot.left + plot.width) return;
    ctx.strokeStyle = withAlpha(plot.ink.text, 0.5);
    ctx.lineWidth = plot.ratio;
    ctx.beginPath();
    ctx.moveTo(x, plot.top);
    ctx.lineTo(x, plot.top + plot.height);
    ctx.stroke();
    if (!hit || hit.away > NEAR_PX * plot.ratio) return;
    ctx.fillStyle = hit.line.color;
    ctx.strokeStyle = plot.ink.back;
    ctx.beginPath();
    ctx.arc(toX(hit.line.x[hit.index]!), toY(hit.line.y[hit.index]!), 4 * plot.ratio, 0, 2 * Math.PI);
    ctx.fill();
    ctx.stroke();
  }

  private fill(hits: Hit[], near: Hit | null): void {
    const kind = this.plot!.options.xKind ?? "number";
    const head = document.createElement("div");
    head.className = "tip-x";
    head.textContent = `${this.plot!.options.xLabel ?? "x"} ${formatX(this.cursor!, kind)}`;
    const shown = hits.slice(0, ROWS_MAX).sort((a, b) => b.line.y[b.index]! - a.line.y[a.index]!);
    const rows = shown.map((hit) => tipRow(hit, hit === near));
    if (hits.length > ROWS_MAX) {
      const more = document.createElement("div");
      more.className = "tip-more";
      more.textContent = `+ ${hits.length - ROWS_MAX} more`;
      rows.push(more);
    }
    this.tip.replaceChildren(head, ...rows);
    this.tip.hidden = false;
    const { clientWidth: width, clientHeight: height } = this.root;
    const [w, h] = [this.tip.offsetWidth, this.tip.offsetHeight];
    const left = this.mouse!.x + 16 + w > width ? this.mouse!.x - 16 - w : this.mouse!.x + 16;
    this.tip.style.left = `${Math.max(Math.min(left, width - w), Math.min(0, width - w))}px`;
    this.tip.style.top = `${Math.max(0, Math.min(this.mouse!.y - h / 2, height - h))}px`;
  }
}

function tipRow(hit: Hit, near: boolean): HTMLElement {
  const row = document.createElement("div");
  row.className = near ? "tip-row near" : "tip-row";
  const swatch = document.createElement("i");
  swatch.style.background = hit.line.color;
  const label = document.createElement("span");
  label.textContent = hit.line.label;
  const value = document.createElement("b");
  value.textContent = formatNumber(hit.line.y[hit.index]!);
  if (hit.line.lo && hit.line.hi) {
    value.title = `${formatNumber(hit.line.lo[hit.index]!)} … ${formatNumber(hit.line.hi[hit.index]!)}`;
  }
  row.append(swatch, label, value);
  return row;
}
