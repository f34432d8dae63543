// Which drawing belongs to which kind of plot; kinds that nobody knows are shown as data.
import type { ReactNode } from "react";
import type { Json } from "../../wire/types";
import { Clusters, Importance } from "./Bars";
import { Confusion } from "./Confusion";
import { Curves, LearningCurve, Threshold, type KindProps } from "./Curves";
import { isRecord, PlotError, type PlotOfRun } from "./data";
import { JsonTree } from "./JsonTree";
import { readMatrix } from "./matrix";
import { Picture } from "./Picture";
import { ErrorDistribution, Histogram, Residuals } from "./Regression";
import { ClassReport, LoggedTable, Predictions, readTable } from "./Tables";

interface Kind {
  title: string;
  draw: (props: KindProps) => ReactNode;
  /** Lists that the data must have; of kinds with curves those of each curve. */
  lists?: readonly string[];
  curves?: boolean;
  /** Throws a PlotError where the data is not of this kind. */
  check?: (run: PlotOfRun) => unknown;
  /** Has no row of choices above the drawing. */
  bare?: boolean;
  /** Of several runs it needs the whole width: drawings beside one another, or columns for each run. */
  apart?: boolean;
  /** Needs the whole width of the page. */
  wide?: boolean;
}

const curve = (kind: string) => (props: KindProps) => <Curves kind={kind} {...props} />;

/** As core/epochlog/evaluation/kinds.py has them; "table" and "figure" are of users and search integrations. */
export const KINDS: Record<string, Kind> = {
  roc: { title: "ROC curve", curves: true, lists: ["fpr", "tpr"], draw: curve("roc") },
  precision_recall: { title: "Precision-recall curve", curves: true, lists: ["recall", "precision"], draw: curve("precision_recall") },
  det: { title: "Detection error tradeoff", curves: true, lists: ["fpr", "fnr"], draw: curve("det") },
  calibration: { title: "Calibration", curves: true, lists: ["predicted", "observed", "count"], draw: curve("calibration") },
  gain: { title: "Cumulative gain and lift", curves: true, lists: ["share", "gain", "lift"], draw: curve("gain") },
  threshold: { title: "Choice of a threshold", lists: ["thresholds"], draw: (props) => <Threshold {...props} /> },
  confusion_matrix: { apart: true, title: "Confusion matrix", check: readMatrix, draw: (props) => <Confusion {...props} /> },
  classification_report: { apart: true, bare: true, title: "Report by class", lists: ["labels", "precision", "recall", "f1", "support"], draw: (props) => <ClassReport {...props} /> },
  residuals: { title: "Residuals", lists: ["truth", "predicted", "residual"], draw: (props) => <Residuals {...props} /> },
  error_distribution: { title: "Distribution of errors", lists: ["edges", "counts"], draw: (props) => <ErrorDistribution {...props} /> },
  predictions: { apart: true, bare: true, title: "Predictions", lists: ["row", "truth", "predicted", "loss"], draw: (props) => <Predictions {...props} /> },
  importance: { title: "Importance of features", lists: ["features"], check: (run) => { if (!isRecord(run.data) || !isRecord(run.data.importance)) throw new PlotError("“importance” is missing"); }, draw: (props) => <Importance {...props} /> },
  learning_curve: { bare: true, title: "Learning curve", lists: ["x"], draw: (props) => <LearningCurve {...props} /> },
  clusters: { apart: true, bare: true, title: "Clusters", lists: ["labels", "sizes"], draw: (props) => <Clusters {...props} /> },
  histogram: { title: "Histogram", lists: ["edges", "counts"], draw: (props) => <Histogram {...props} /> },
  table: { apart: true, bare: true, title: "Table", check: (run) => readTable(run.data), draw: (props) => <LoggedTable {...props} />, wide: true },
  figure: { apart: true, bare: true, title: "Figure", draw: (props) => <Picture {...props} /> },
};

export function kindTitle(kind: string): string {
  return KINDS[kind]?.title ?? kind.replaceAll("_", " ");
}

/** What keeps the data from being drawn as its kind, as a sentence's end; "" if nothing does. */
export function problemOf(kind: string, runs: readonly PlotOfRun[]): string {
  const known = KINDS[kind];
  if (!known) return "";
  for (const run of runs) {
    const parts: (Json | undefined)[] = known.curves ? (isRecord(run.data) && Array.isArray(run.data.curves) ? run.data.curves : [undefined]) : [run.data];
    if (known.curves && parts[0] === undefined) return "“curves” is missing";
    for (const part of parts) {
      const absent = known.lists?.find((name) => !isRecord(part) || !Array.isArray(part[name]));
      if (absent) return `“${absent}” is missing`;
    }
    try {
      known.check?.(run);
    } catch (error) {
      return error instanceof PlotError ? error.message : "its data is not of that form";
    }
  }
  return "";
}

export function RawData({ runs }: Pick<KindProps, "runs">) {
  return (
    <>
      {runs.map((run) => (
        <div key={run.run}>
          {runs.length > 1 && <h4><span className="swatch" style={{ background: run.color }} />{run.label}</h4>}
          <JsonTree value={run.data} open={2} />
        </div>
      ))}
    </>
  );
}
