// Which drawing belongs to which kind of plot; kinds that nobody knows are shown as data.
import type { ReactNode } from "react";
import { Clusters, Importance } from "./Bars";
import { Confusion } from "./Confusion";
import { Curves, LearningCurve, Threshold, type KindProps } from "./Curves";
import { JsonTree } from "./JsonTree";
import { Picture } from "./Picture";
import { ErrorDistribution, Histogram, Residuals } from "./Regression";
import { ClassReport, LoggedTable, Predictions } from "./Tables";

interface Kind {
  title: string;
  draw: (props: KindProps) => ReactNode;
  /** Needs the whole width of the page. */
  wide?: boolean;
}

const curve = (kind: string) => (props: KindProps) => <Curves kind={kind} {...props} />;

/** As core/epochlog/evaluation/kinds.py has them; "table" and "figure" are of users and search integrations. */
export const KINDS: Record<string, Kind> = {
  roc: { title: "ROC curve", draw: curve("roc") },
  precision_recall: { title: "Precision-recall curve", draw: curve("precision_recall") },
  det: { title: "Detection error tradeoff", draw: curve("det") },
  calibration: { title: "Calibration", draw: curve("calibration") },
  gain: { title: "Cumulative gain and lift", draw: curve("gain") },
  threshold: { title: "Choice of a threshold", draw: (props) => <Threshold {...props} /> },
  confusion_matrix: { title: "Confusion matrix", draw: (props) => <Confusion {...props} /> },
  classification_report: { title: "Report by class", draw: (props) => <ClassReport {...props} /> },
  residuals: { title: "Residuals", draw: (props) => <Residuals {...props} /> },
  error_distribution: { title: "Distribution of errors", draw: (props) => <ErrorDistribution {...props} /> },
  predictions: { title: "Predictions", draw: (props) => <Predictions {...props} /> },
  importance: { title: "Importance of features", draw: (props) => <Importance {...props} /> },
  learning_curve: { title: "Learning curve", draw: (props) => <LearningCurve {...props} /> },
  clusters: { title: "Clusters", draw: (props) => <Clusters {...props} /> },
  histogram: { title: "Histogram", draw: (props) => <Histogram {...props} /> },
  table: { title: "Table", draw: (props) => <LoggedTable {...props} />, wide: true },
  figure: { title: "Figure", draw: (props) => <Picture {...props} /> },
};

export function kindTitle(kind: string): string {
  return KINDS[kind]?.title ?? kind.replaceAll("_", " ");
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
