// A chart of many lines, each with its own x: uPlot gives axes and zoom, lines and the pointer are drawn here.
import uPlot from "uplot";
import { axes, ink } from "./axes";
import { drawLines, type Plot } from "./draw";
import { clipped, extent, padded, type ChartEvents, type ChartLine, type ChartOptions } from "./model";
import { Pointer } from "./pointer";
import type { SyncGroup, Synced } from "./sync";

export class LineChart implements Synced {
  private plot: uPlot | null = null;
  private pointer: Pointer;
  private lines: ChartLine[] = [];
  private xShown: [number, number] = [0, 1];
  private yShown: [number, number] = [0, 1];
  private observer: ResizeObserver;
  private leave: () => void = () => {};
  private frame = 0;

  constructor(
    readonly root: HTMLElement,
    private options: ChartOptions,
    private events: ChartEvents = {},
    sync?: SyncGroup,
  ) {
    root.classList.add("line-chart");
    this.pointer = new Pointer(root, {
      onHover: (x, key) => {
        sync?.tell(x, this);
        this.events.onHover?.(x, key);
      },
      onPick: (key) => this.events.onPick?.(key),
    });
    if (sync) this.leave = sync.join(this);
    this.observer = new ResizeObserver(() => this.resize());
    this.observer.observe(root);
  }

  setEvents(events: ChartEvents): void {
    this.events = events;
  }

  /** Shows other lines, other options, or both. */
  update(lines: ChartLine[], options: ChartOptions): void {
    const old = this.options;
    const rebuild =
      !this.plot || old.dark !== options.dark || old.logX !== options.logX || old.logY !== options.logY || old.xKind !== options.xKind;
    const onlyHighlight = !rebuild && lines === this.lines && sameButHighlight(old, options);
    this.lines = lines;
    this.options = options;
    if (onlyHighlight) return this.pointer.highlight(options.highlight ?? null);
    this.rescale();
    if (rebuild) this.build();
    else this.plot!.redraw(false, true);
    if (this.plot && !rebuild) this.plot.setData([[0, 1], [null, null]], true);
  }

  /** Shows where the pointer of another chart is. */
  showCursor(x: number | null): void {
    this.pointer.showCursor(x);
  }

  /** The picture as it is, for saving. */
  canvas(): HTMLCanvasElement | null {
    return this.plot?.ctx.canvas ?? null;
  }

  destroy(): void {
    cancelAnimationFrame(this.frame);
    this.leave();
    this.observer.disconnect();
    this.pointer.destroy();
    this.plot?.destroy();
    this.plot = null;
  }

  private rescale(): void {
    const { logX = false, logY = false } = this.options;
    const x = this.options.xRange ?? extent(this.lines.map((line) => line.x), logX) ?? (logX ? [1, 10] : [0, 1]);
    this.xShown = x[0] === x[1] ? padded(x, logX) : this.options.xRange ? x : padded(x, logX, 0.01);
    const y = this.options.yRange ?? this.yExtent(logY) ?? (logY ? [0.1, 1] : [0, 1]);
    this.yShown = this.options.yRange ? y : padded(y, logY);
  }

  private yExtent(log: boolean): [number, number] | null {
    const inside = this.lines.map((line) => this.shownPart(line));
    const smooth = inside.map((part) => part.y);
    if (this.options.clipOutliers) {
      const range = clipped(smooth);
      if (range && (!log || range[0] > 0)) return range;
    }
    return extent(inside.flatMap((part) => [part.y, part.lo, part.hi, part.raw]), log);
  }

  private shownPart(line: ChartLine): { y: Float64Array; lo?: Float64Array; hi?: Float64Array; raw?: Float64Array } {
    const range = this.options.xRange;
    if (!range) return line;
    let from = 0;
    let to = line.x.length;
    while (from < to && line.x[from]! < range[0]) from++;
    while (to > from && line.x[to - 1]! > range[1]) to--;
    const cut = (array?: Float64Array) => array?.subarray(from, to);
    return { y: line.y.subarray(from, to), lo: cut(line.lo), hi: cut(line.hi), raw: cut(line.raw) };
  }

  private build(): void {
    this.plot?.destroy();
    this.plot = null;
    const { clientWidth: width, clientHeight: height } = this.root;
    if (width < 40 || height < 40) return;
    const { logX, logY, xKind } = this.options;
    const options: uPlot.Options = {
      width,
      height,
      legend: { show: false },
      padding: [6, 10, 0, 0],
      cursor: { x: false, y: false, points: { show: false }, drag: { x: true, y: false, setScale: false }, bind: { dblclick: () => () => null } },
      select: { show: true, left: 0, top: 0, width: 0, height: 0 },
      scales: {
        x: { time: xKind === "time", distr: logX ? 3 : 1, range: () => this.xShown },
        y: { distr: logY ? 3 : 1, range: () => this.yShown },
      },
      axes: axes(this.options),
      series: [{}, { paths: () => null, points: { show: false } }],
      hooks: { draw: [(u) => this.draw(u)], setSelect: [(u) => this.zoom(u)] },
    };
    this.plot = new uPlot(options, [[0, 1], [null, null]], this.root);
    this.pointer.attach(this.plot.over, () => this.events.onZoom?.(null));
  }

  private zoom(u: uPlot): void {
    const { left, width } = u.select;
    if (width < 4) return;
    u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
    this.events.onZoom?.([u.posToVal(left, "x"), u.posToVal(left + width, "x")]);
  }

  private draw(u: uPlot): void {
    const plot: Plot = {
      left: u.bbox.left, top: u.bbox.top, width: u.bbox.width, height: u.bbox.height,
      ratio: uPlot.pxRatio, x: this.xShown, y: this.yShown, options: this.options, ink: ink(this.options.dark),
    };
    drawLines(u.ctx, plot, this.lines);
    this.pointer.place(plot, this.lines);
    this.root.dataset.lines = String(this.lines.length);
  }

  private resize(): void {
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(() => {
      const { clientWidth: width, clientHeight: height } = this.root;
      if (width < 40 || height < 40) return;
      if (!this.plot) this.build();
      else if (width !== this.plot.width || height !== this.plot.height) this.plot.setSize({ width, height });
    });
  }
}

function sameButHighlight(a: ChartOptions, b: ChartOptions): boolean {
  const plain = (options: ChartOptions) => JSON.stringify({ ...options, highlight: null });
  return plain(a) === plain(b);
}
