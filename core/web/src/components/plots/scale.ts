// From values to pixels of a plot: the axes of charts, and the normal-deviate axis that error tradeoffs are read on.
import { formatNumber } from "../../base/format";
import { numericScale } from "../../chart/scale";

export type ScaleKind = "linear" | "log" | "probit";

export interface PlotScale {
  kind: ScaleKind;
  domain: [number, number];
  /** Pixel of a value; NaN where the axis has no place for it. */
  at: (value: number) => number;
  ticks: { at: number; label: string }[];
}

const PROBIT_TICKS = [0.0001, 0.001, 0.01, 0.05, 0.2, 0.5, 0.8, 0.95, 0.99, 0.999, 0.9999];
const PROBIT_EDGE = 1e-3;

/** `range`: pixels of the domain's low and high end; `count`: about so many ticks; `percent`: labels in percent. */
export function plotScale(kind: ScaleKind, domain: [number, number], range: [number, number], count = 5, percent = false): PlotScale {
  const [p, q] = range;
  const pixel = (share: number) => p + share * (q - p);
  if (kind === "probit") return probitScale(domain, pixel);
  const axis = numericScale(domain, kind);
  const ticks = axis.ticks(count).map((tick) => ({
    at: pixel(tick.at),
    label: percent ? `${formatNumber(Number((axis.invert(tick.at) * 100).toPrecision(6)))} %` : tick.label,
  }));
  return { kind, domain: axis.domain, ticks, at: (value) => pixel(axis.place(value) ?? NaN) };
}

function probitScale([from, to]: [number, number], pixel: (share: number) => number): PlotScale {
  const low = Math.max(Math.min(from, 0.4), PROBIT_EDGE);
  const high = Math.min(Math.max(to, 0.6), 1 - PROBIT_EDGE);
  const [a, b] = [probit(low), probit(high)];
  const at = (value: number) => pixel((probit(Math.min(Math.max(value, low), high)) - a) / (b - a));
  const shown = PROBIT_TICKS.filter((tick) => tick >= low && tick <= high);
  return {
    kind: "probit",
    domain: [low, high],
    at,
    ticks: shown.map((tick) => ({ at: at(tick), label: `${formatNumber(Number((tick * 100).toPrecision(6)))} %` })),
  };
}

/** Inverse of the normal distribution function (Acklam 2003, relative error below 1.2e-9). */
export function probit(p: number): number {
  const a = [-39.69683028665376, 220.9460984245205, -275.9285104469687, 138.357751867269, -30.66479806614716, 2.506628277459239];
  const b = [-54.47609879822406, 161.5858368580409, -155.6989798598866, 66.80131188771972, -13.28068155288572, 1];
  const c = [-0.007784894002430293, -0.3223964580411365, -2.400758277161838, -2.549732539343734, 4.374664141464968, 2.938163982698783];
  const d = [0.007784695709041462, 0.3224671290700398, 2.445134137142996, 3.754408661907416, 1];
  const poly = (coefficients: number[], x: number) => coefficients.reduce((sum, each) => sum * x + each, 0);
  if (p <= 0) return -Infinity;
  if (p >= 1) return Infinity;
  if (p < 0.02425 || p > 0.97575) {
    const q = Math.sqrt(-2 * Math.log(Math.min(p, 1 - p)));
    const value = poly(c, q) / poly(d, q);
    return p < 0.5 ? value : -value;
  }
  const q = p - 0.5;
  const r = q * q;
  return (poly(a, r) * q) / poly(b, r);
}

/** Lowest and highest finite number of several lists; [0, 1] if there is none. */
export function bounds(lists: Iterable<readonly number[]>): [number, number] {
  let low = Infinity;
  let high = -Infinity;
  for (const values of lists) {
    for (const value of values) {
      if (!Number.isFinite(value)) continue;
      if (value < low) low = value;
      if (value > high) high = value;
    }
  }
  return low <= high ? [low, high] : [0, 1];
}

/** A range with some air at both ends. */
export function roomy([low, high]: [number, number], share = 0.04): [number, number] {
  const pad = (high - low) * share || Math.abs(high) * 0.1 || 1;
  return [low - pad, high + pad];
}
