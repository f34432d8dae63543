// What a line chart is given: plain arrays and how to show them; nothing here knows of the server or of React.

export interface ChartLine {
  /** Stable identity, e.g. run id + metric. */
  key: string;
  label: string;
  /** "#rrggbb" */
  color: string;
  dash?: number[];
  x: Float64Array;
  /** The line itself: smoothed, mean of a bucket, or the points. */
  y: Float64Array;
  /** A band around it: min and max of each bucket, or mean ± deviation of a group. */
  lo?: Float64Array;
  hi?: Float64Array;
  /** The line before smoothing, drawn faintly. */
  raw?: Float64Array;
  /** Where values are NaN, +∞, −∞. */
  nan?: Float64Array;
  inf?: Float64Array;
  ninf?: Float64Array;
  /** Points that exist, and whether fewer are shown. */
  total?: number;
  sampled?: boolean;
  /** Dots at every point; default: if there are few. */
  dots?: boolean;
  /** More for the tooltip, e.g. "9 runs". */
  detail?: string;
}

export type XKind = "number" | "time" | "duration";

export interface ChartOptions {
  xKind?: XKind;
  xLabel?: string;
  yLabel?: string;
  logX?: boolean;
  logY?: boolean;
  /** Shown part of the x axis; null: all of it. */
  xRange?: [number, number] | null;
  /** Fixed part of the y axis. */
  yRange?: [number, number] | null;
  /** Leave the highest and lowest 1 % of values out of the shown y range. */
  clipOutliers?: boolean;
  /** Draw x = y, e.g. below a ROC curve. */
  diagonal?: boolean;
  /** Lines are steps, as of an EDF. */
  steps?: boolean;
  dark: boolean;
  /** Key of the line to bring to the front. */
  highlight?: string | null;
}

/** Lines by what is below the pointer, e.g. for hovering a row of the table. */
export interface ChartEvents {
  /** The reader dragged a range, or asked for all of it with a double click (null). */
  onZoom?: (range: [number, number] | null) => void;
  onHover?: (x: number | null, key: string | null) => void;
  onPick?: (key: string) => void;
}

/** Lowest and highest finite number, null if there is none. */
export function extent(arrays: Iterable<Float64Array | undefined>, positive = false): [number, number] | null {
  let low = Infinity;
  let high = -Infinity;
  for (const array of arrays) {
    if (!array) continue;
    for (let i = 0; i < array.length; i++) {
      const value = array[i]!;
      if (!Number.isFinite(value) || (positive && value <= 0)) continue;
      if (value < low) low = value;
      if (value > high) high = value;
    }
  }
  return low <= high ? [low, high] : null;
}

/** The place of the x nearest to `at` in a rising array; -1 if it is empty. */
export function nearest(x: Float64Array, at: number): number {
  let low = 0;
  let high = x.length - 1;
  if (high < 0) return -1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (x[middle]! < at) low = middle;
    else high = middle;
  }
  return Math.abs(x[low]! - at) <= Math.abs(x[high]! - at) ? low : high;
}

/** A shown range with some air; log axes get it in decades. */
export function padded([low, high]: [number, number], log: boolean, share = 0.05): [number, number] {
  if (log) {
    const span = Math.log10(high / low);
    const factor = 10 ** (span > 0 ? span * share : 0.3);
    return [low / factor, high * factor];
  }
  const span = high - low;
  if (span === 0 && low === 0) return [-share, 1];
  const pad = span > 0 ? span * share : Math.abs(high) * 0.1;
  return [low - pad, high + pad];
}

/** The range that holds the middle 98 % of finite values. */
export function clipped(arrays: Iterable<Float64Array>): [number, number] | null {
  const values: number[] = [];
  for (const array of arrays) for (const value of array) if (Number.isFinite(value)) values.push(value);
  if (values.length < 20) return null;
  values.sort((a, b) => a - b);
  return [values[Math.floor(values.length * 0.01)]!, values[Math.ceil(values.length * 0.99) - 1]!];
}
