// Lines and bands on a canvas: values to pixels, and never more strokes than the chart has pixels.

export interface Scale {
  /** Pixels per value, or per decade. */
  toPixel: (value: number) => number;
}

/** From [low, high] to [begin, end] in pixels. */
export function scaler(low: number, high: number, begin: number, end: number, log = false): (value: number) => number {
  if (log) {
    const from = Math.log10(low);
    const factor = (end - begin) / (Math.log10(high) - from || 1);
    return (value) => (value > 0 ? begin + (Math.log10(value) - from) * factor : NaN);
  }
  const factor = (end - begin) / (high - low || 1);
  return (value) => begin + (value - low) * factor;
}

type ToPixel = (value: number) => number;
type Pen = Pick<CanvasRenderingContext2D, "moveTo" | "lineTo" | "closePath">;

/** Places [from, to) of a rising array that lie in [low, high], with one neighbour at each side. */
export function visible(x: Float64Array, low: number, high: number): [number, number] {
  let from = lowerBound(x, low);
  let to = lowerBound(x, high);
  while (to < x.length && x[to] === high) to++;
  if (from > 0) from--;
  if (to < x.length) to++;
  return [from, to];
}

function lowerBound(x: Float64Array, at: number): number {
  let low = 0;
  let high = x.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (x[middle]! < at) low = middle + 1;
    else high = middle;
  }
  return low;
}

export interface Trace {
  x: Float64Array;
  y: Float64Array;
  from: number;
  to: number;
  toX: ToPixel;
  toY: ToPixel;
}

/**
 * Draws a line with gaps where values are not finite.
 *
 * Where many points share a pixel column, only its first, lowest, highest and last are drawn: the same picture.
 */
export function traceLine(pen: Pen, trace: Trace, steps = false): number {
  const { x, y, from, to, toX, toY } = trace;
  let strokes = 0;
  let open = false;
  let column = NaN;
  let low = 0;
  let high = 0;
  let last = 0;
  const flush = () => {
    if (low !== high) {
      pen.lineTo(column, low);
      pen.lineTo(column, high);
      pen.lineTo(column, last);
      strokes += 3;
    }
  };
  const dense = to - from > 2000;
  for (let i = from; i < to; i++) {
    const py = toY(y[i]!);
    if (!Number.isFinite(py)) {
      if (open && dense) flush();
      open = false;
      continue;
    }
    const px = dense ? Math.round(toX(x[i]!) * 2) / 2 : toX(x[i]!);
    if (open && dense && px === column) {
      if (py < low) low = py;
      if (py > high) high = py;
      last = py;
      continue;
    }
    if (open && dense) flush();
    if (!open) pen.moveTo(px, py);
    else {
      if (steps) pen.lineTo(px, last);
      pen.lineTo(px, py);
    }
    strokes++;
    open = true;
    column = px;
    low = high = last = py;
  }
  if (open && dense) flush();
  return strokes;
}

/** Draws the area between two lines, each run of finite values by itself. */
export function traceBand(pen: Pen, trace: Omit<Trace, "y"> & { lo: Float64Array; hi: Float64Array }): void {
  const { x, lo, hi, toX, toY } = trace;
  let begin = -1;
  for (let i = trace.from; i <= trace.to; i++) {
    const solid = i < trace.to && Number.isFinite(toY(lo[i]!)) && Number.isFinite(toY(hi[i]!));
    if (solid && begin < 0) begin = i;
    if (solid || begin < 0) continue;
    for (let j = begin; j < i; j++) {
      if (j === begin) pen.moveTo(toX(x[j]!), toY(hi[j]!));
      else pen.lineTo(toX(x[j]!), toY(hi[j]!));
    }
    for (let j = i - 1; j >= begin; j--) pen.lineTo(toX(x[j]!), toY(lo[j]!));
    pen.closePath();
    begin = -1;
  }
}

/** How many of the places are finite; few of them get dots. */
export function finiteCount(y: Float64Array, from: number, to: number, enough: number): number {
  let count = 0;
  for (let i = from; i < to && count <= enough; i++) if (Number.isFinite(y[i]!)) count++;
  return count;
}

/** Places that stand out from what is on both sides of them, at most two wide, and the value from which on they do. */
export function* peaks(edge: Float64Array, from: number, to: number, way: 1 | -1): Generator<[number, number]> {
  const at = (i: number) => way * edge[Math.min(Math.max(i, from), to - 1)]!;
  for (let i = from; i < to; i++) {
    const left = i > from ? Math.min(at(i - 1), at(i - 2)) : -Infinity;
    const right = i < to - 1 ? Math.min(at(i + 1), at(i + 2)) : -Infinity;
    const base = Math.max(left, right);
    if (at(i) > base) yield [i, way * base];
  }
}
