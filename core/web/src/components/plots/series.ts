// Lines, dots and steps to draw in one frame, made from the data of each kind of curve; nothing here knows React.
import { curves, distinct, maybeNumber, maybeNumbers, numbers, record, toText, type PlotOfRun, type Record_ } from "./data";
import type { ScaleKind } from "./scale";

export interface Series {
  key: string;
  /** Of the run. */
  run: string;
  label: string;
  color: string;
  dash?: string;
  x: number[];
  y: number[];
  /** A band around the line. */
  lo?: number[];
  hi?: number[];
  form: "line" | "steps" | "line+dots" | "dots";
  /** More columns for the readout. */
  extra?: Record<string, number[]>;
  faint?: boolean;
}

export interface Axis {
  label: string;
  kind?: ScaleKind;
  /** Fixed part; else what the data covers. */
  domain?: [number, number];
  percent?: boolean;
}

export interface Figure {
  series: Series[];
  x: Axis;
  y: Axis;
  diagonal?: boolean;
  /** Name the lines even if there is only one, e.g. because its name says a score. */
  named?: boolean;
  /** Horizontal or vertical lines with a word. */
  marks?: { axis: "x" | "y"; at: number; label: string; color?: string }[];
}

export const DASHES = ["", "7 4", "2 3", "9 3 2 3", "4 2 1 2", "12 4"];
/** Of one run, so many classes are drawn without being asked for. */
export const CLASSES_DRAWN = 12;
const SHARE: [number, number] = [-0.02, 1.02];

/** How the kinds with `curves` are drawn. */
const CURVES: Record<string, { x: string; y: string; xLabel: string; yLabel: string; form: Series["form"]; diagonal?: boolean; score?: [string, string]; extra: string[]; axis?: ScaleKind }> = {
  roc: { x: "fpr", y: "tpr", xLabel: "false positive rate", yLabel: "true positive rate", form: "line", diagonal: true, score: ["auc", "AUC"], extra: ["thresholds"] },
  precision_recall: { x: "recall", y: "precision", xLabel: "recall", yLabel: "precision", form: "steps", score: ["average_precision", "AP"], extra: ["thresholds"] },
  det: { x: "fpr", y: "fnr", xLabel: "false positive rate", yLabel: "false negative rate", form: "line", extra: ["thresholds"], axis: "probit" },
  calibration: { x: "predicted", y: "observed", xLabel: "predicted probability", yLabel: "observed share of positives", form: "line+dots", diagonal: true, score: ["ece", "ECE"], extra: ["count"] },
  gain: { x: "share", y: "gain", xLabel: "share of rows, highest scores first", yLabel: "share of positives found", form: "line", diagonal: true, extra: ["lift"] },
  lift: { x: "share", y: "lift", xLabel: "share of rows, highest scores first", yLabel: "lift over chance", form: "line", extra: ["gain"] },
};

/** Whether a kind holds curves per class. */
export function hasClasses(kind: string): boolean {
  return kind in CURVES;
}

/** The classes that plots have curves for: the common one first. */
export function classesOf(runs: readonly PlotOfRun[]): string[] {
  const found = distinct(runs.flatMap((run) => curves(run.data).map((curve) => toText(curve.label))));
  return [...found.filter((label) => label === "micro"), ...found.filter((label) => label !== "micro")];
}

/** "" stands for all classes: right for one run; of several, one class at a time can be compared. */
export function usualClass(classes: readonly string[], runs: number): string {
  return runs === 1 || classes.length === 1 ? "" : classes[0]!;
}

/**
 * Lines of roc, precision_recall, det, calibration, gain and lift.
 *
 * One run: a colour for each class. Several: the runs' colours, and a dash for each class.
 */
export function curveFigure(kind: string, runs: readonly PlotOfRun[], chosen: string, palette: readonly string[]): Figure {
  const how = CURVES[kind]!;
  const classes = classesOf(runs);
  const several = classes.length > 1;
  const series: Series[] = [];
  const guesses = new Map<number, string>();
  for (const run of runs) {
    for (const curve of curves(run.data)) {
      const label = toText(curve.label);
      const place = classes.indexOf(label);
      if (chosen ? label !== chosen : place >= CLASSES_DRAWN) continue;
      const one = runs.length === 1;
      const score = how.score ? maybeNumber(curve, how.score[0]) : undefined;
      const name = one ? (several ? label : run.label) : several && !chosen ? `${run.label}: ${label}` : run.label;
      const guess = kind === "precision_recall" ? maybeNumber(curve, "positive_share") : undefined;
      if (guess !== undefined) guesses.set(guess, label);
      const column = numbers(curve, how.x);
      series.push({
        key: `${run.run}/${label}`,
        run: run.run,
        label: score === undefined ? name : `${name} (${how.score![1]} ${score.toFixed(3)})`,
        color: one && several && !chosen ? palette[place % palette.length]! : run.color,
        dash: one || !several || chosen ? "" : DASHES[place % DASHES.length]!,
        x: column,
        y: numbers(curve, how.y),
        form: how.form,
        extra: extraColumns(curve, how.extra, column.length),
      });
    }
  }
  const axis = how.axis;
  const marks: Figure["marks"] = guesses.size === 1 ? [{ axis: "y", at: [...guesses.keys()][0]!, label: "guessing" }] : [];
  if (kind === "lift") marks.push({ axis: "y", at: 1, label: "chance" });
  return {
    series,
    x: { label: how.xLabel, kind: axis, domain: axis ? [0, 1] : SHARE, percent: axis === "probit" },
    y: { label: how.yLabel, kind: axis, domain: axis ? [0, 1] : kind === "lift" ? undefined : SHARE, percent: axis === "probit" },
    diagonal: how.diagonal,
    named: how.score !== undefined,
    marks,
  };
}

function extraColumns(data: Record_, names: readonly string[], length: number): Record<string, number[]> {
  const found: Record<string, number[]> = {};
  for (const name of names) {
    const values = maybeNumbers(data, name);
    if (values && values.length === length) found[name === "thresholds" ? "threshold" : name] = values;
  }
  return found;
}

export const THRESHOLD_COLUMNS = ["f1", "precision", "recall", "f_beta", "cost", "predicted_positive_share"] as const;

/** Lines over the threshold; colour says the run, dash the column (of one run: colour the column). */
export function thresholdFigure(runs: readonly PlotOfRun[], columns: readonly string[], palette: readonly string[]): Figure {
  const series: Series[] = [];
  const marks: NonNullable<Figure["marks"]> = [];
  for (const run of runs) {
    const data = record(run.data);
    const x = numbers(data, "thresholds");
    columns.forEach((column, place) => {
      const y = maybeNumbers(data, column);
      if (!y) return;
      const one = runs.length === 1;
      const word = column.replaceAll("_", " ");
      series.push({
        key: `${run.run}/${column}`, run: run.run, label: one ? word : `${run.label}: ${word}`, form: "line", x, y,
        color: one ? palette[THRESHOLD_COLUMNS.indexOf(column as never) % palette.length]! : run.color,
        dash: one ? "" : DASHES[place % DASHES.length]!,
      });
      if (one && place === 0) {
        const best = bestPlace(y, column === "cost");
        if (best >= 0) marks.push({ axis: "x", at: x[best]!, label: `best ${word}` });
      }
    });
  }
  return { series, x: { label: "threshold" }, y: { label: columns.length === 1 ? columns[0]!.replaceAll("_", " ") : "value at the threshold" }, marks };
}

/** Place of the largest (or least) finite number; -1 if there is none. */
export function bestPlace(values: readonly number[], least: boolean): number {
  let best = -1;
  values.forEach((value, i) => {
    if (!Number.isFinite(value)) return;
    if (best < 0 || (least ? value < values[best]! : value > values[best]!)) best = i;
  });
  return best;
}

/** Mean scores over training set sizes (or a parameter's values) with their spread. */
export function learningFigure(runs: readonly PlotOfRun[], palette: readonly string[]): Figure {
  const series: Series[] = [];
  for (const run of runs) {
    const data = record(run.data);
    ["test", "train"].forEach((split, place) => {
      const y = maybeNumbers(data, split);
      if (!y) return;
      const spread = maybeNumbers(data, `${split}_std`);
      const one = runs.length === 1;
      series.push({
        key: `${run.run}/${split}`, run: run.run, form: "line+dots", x: numbers(data, "x"), y,
        label: one ? split : `${run.label}: ${split}`,
        color: one ? palette[place]! : run.color,
        dash: one ? "" : DASHES[place]!,
        lo: spread && y.map((value, i) => value - spread[i]!),
        hi: spread && y.map((value, i) => value + spread[i]!),
      });
    });
  }
  const param = runs.length ? record(runs[0]!.data).param : undefined;
  return { series, x: { label: param === undefined || param === null ? "training rows" : toText(param) }, y: { label: "score" } };
}

/** Dots of a residuals plot: residual over prediction, or prediction over truth. */
export function residualFigure(runs: readonly PlotOfRun[], view: "residual" | "truth"): Figure {
  const series = runs.map((run): Series => {
    const data = record(run.data);
    const [x, y] = view === "residual" ? ["predicted", "residual"] : ["truth", "predicted"];
    const extra = extraColumns(data, ["row", "truth", "predicted", "residual"].filter((name) => name !== x && name !== y), list(data, "predicted"));
    return { key: run.run, run: run.run, label: run.label, color: run.color, form: "dots", x: numbers(data, x!), y: numbers(data, y!), extra };
  });
  return view === "residual"
    ? { series, x: { label: "predicted" }, y: { label: "truth − predicted" }, marks: [{ axis: "y", at: 0, label: "" }] }
    : { series, x: { label: "truth" }, y: { label: "predicted" }, diagonal: true };
}

function list(data: Record_, name: string): number {
  return Array.isArray(data[name]) ? (data[name] as unknown[]).length : 0;
}

/** Outlines of binned counts; `share` makes runs of different size comparable. */
export function binsFigure(runs: readonly PlotOfRun[], share: boolean): Figure {
  const series = runs.map((run): Series => {
    const data = record(run.data);
    const edges = numbers(data, "edges");
    const counts = numbers(data, "counts");
    const total = counts.reduce((sum, each) => sum + each, 0) || 1;
    const y = counts.map((count) => (share ? count / total : count));
    return { key: run.run, run: run.run, label: run.label, color: run.color, form: "steps", ...outline(edges, y) };
  });
  return { series, x: { label: "value" }, y: { label: share ? "share" : "count" } };
}

/** Corners of the outline of bins: from zero up, along the tops, down to zero. */
export function outline(edges: readonly number[], heights: readonly number[]): { x: number[]; y: number[]; lo: number[]; hi: number[] } {
  const x: number[] = [];
  const y: number[] = [];
  heights.forEach((height, i) => {
    x.push(edges[i]!);
    y.push(height);
  });
  if (heights.length) {
    x.push(edges[heights.length]!);
    y.push(heights.at(-1)!);
  }
  return { x, y, lo: y.map(() => 0), hi: y };
}
