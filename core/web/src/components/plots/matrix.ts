// Confusion matrices as numbers: shares by row, column or of all, and the difference of two on common labels.
import { list, record, texts, toNumber, PlotError, type PlotOfRun } from "./data";

export type Share = "count" | "row" | "column" | "all";

export interface Matrix {
  labels: string[];
  /** True class by predicted class. */
  cells: number[][];
}

export function readMatrix(run: PlotOfRun): Matrix {
  const data = record(run.data);
  const labels = texts(data, "labels");
  const cells = list(data, "matrix").map((row) => {
    if (!Array.isArray(row)) throw new PlotError("a row of the matrix is no list");
    return row.map(toNumber);
  });
  if (cells.length !== labels.length || cells.some((row) => row.length !== labels.length)) {
    throw new PlotError(`the matrix does not fit its ${labels.length} labels`);
  }
  return { labels, cells };
}

const sum = (values: readonly number[]) => values.reduce((total, each) => total + (Number.isFinite(each) ? each : 0), 0);

/** Each cell as a share (0 … 1) of its true class, of its predicted class or of all; count leaves it as it is. */
export function shares({ labels, cells }: Matrix, of: Share): number[][] {
  if (of === "count") return cells;
  const rows = cells.map(sum);
  const columns = labels.map((_, j) => sum(cells.map((row) => row[j]!)));
  const all = sum(rows);
  return cells.map((row, i) => row.map((cell, j) => {
    const whole = of === "row" ? rows[i]! : of === "column" ? columns[j]! : all;
    return whole ? cell / whole : 0;
  }));
}

/** The matrix with its labels in another order; classes that it has not are rows of zeros. */
export function arranged(matrix: Matrix, labels: readonly string[]): Matrix {
  const places = labels.map((label) => matrix.labels.indexOf(label));
  const cells = places.map((i) => places.map((j) => (i < 0 || j < 0 ? 0 : matrix.cells[i]![j]!)));
  return { labels: [...labels], cells };
}

/** Right answers and all rows. */
export function accuracy({ cells }: Matrix): number {
  const all = sum(cells.map(sum));
  return all ? sum(cells.map((row, i) => row[i]!)) / all : NaN;
}

/** The most frequent mistakes: [true, predicted, count], largest first. */
export function mistakes({ labels, cells }: Matrix, limit: number): [string, string, number][] {
  const found: [string, string, number][] = [];
  cells.forEach((row, i) => row.forEach((cell, j) => {
    if (i !== j && cell > 0) found.push([labels[i]!, labels[j]!, cell]);
  }));
  return found.sort((a, b) => b[2] - a[2]).slice(0, limit);
}
