// Plots that are lines: ROC, precision-recall, error tradeoff, calibration, gain and lift, thresholds, learning curves.
import { useMemo, useState } from "react";
import { useDark } from "../../app/theme";
import { DARK, LIGHT } from "../../base/colors";
import { Choice } from "../Button";
import { curves, numbers, toText, type PlotOfRun } from "./data";
import { FigureView } from "./FigureView";
import { classesOf, CLASSES_DRAWN, curveFigure, learningFigure, THRESHOLD_COLUMNS, thresholdFigure, usualClass } from "./series";

export interface KindProps {
  runs: readonly PlotOfRun[];
  /** Key of the plot, for accessible names. */
  name: string;
}

export function Curves({ kind, runs, name }: KindProps & { kind: string }) {
  const palette = useDark() ? DARK : LIGHT;
  const classes = useMemo(() => classesOf(runs), [runs]);
  const [wanted, setWanted] = useState<string | null>(null);
  const [lift, setLift] = useState<"gain" | "lift">("gain");
  const chosen = wanted ?? usualClass(classes, runs.length);
  const drawn = kind === "gain" ? lift : kind;
  const figure = useMemo(() => curveFigure(drawn, runs, chosen, palette), [drawn, runs, chosen, palette]);
  return (
    <>
      <div className="plot-tools">
        {kind === "gain" && (
          <Choice label="What is drawn" value={lift} onChange={setLift} options={[{ value: "gain", label: "Gain" }, { value: "lift", label: "Lift" }]} />
        )}
        {classes.length > 1 && <ClassSelect classes={classes} value={chosen} onChange={setWanted} />}
      </div>
      <FigureView figure={figure} label={`${name}: ${figure.series.length} lines, ${figure.y.label} by ${figure.x.label}`} />
      {kind === "calibration" && <BinCounts runs={runs} chosen={chosen || classes[0]!} />}
    </>
  );
}

function ClassSelect({ classes, value, onChange }: { classes: readonly string[]; value: string; onChange: (value: string) => void }) {
  return (
    <label className="plot-select">
      class
      <select value={value} onChange={(event) => onChange(event.target.value)}>
        <option value="">{classes.length > CLASSES_DRAWN ? `first ${CLASSES_DRAWN} of ${classes.length}` : `all ${classes.length}`}</option>
        {classes.map((label) => <option key={label} value={label}>{label}</option>)}
      </select>
    </label>
  );
}

/** How many rows stand behind each point of a calibration curve: points of few rows mean little. */
function BinCounts({ runs, chosen }: { runs: readonly PlotOfRun[]; chosen: string }) {
  const bars = runs.flatMap((run) => {
    const curve = curves(run.data).find((each) => toText(each.label) === chosen);
    if (!curve) return [];
    return [{ run, counts: numbers(curve, "count"), at: numbers(curve, "predicted") }];
  });
  const most = Math.max(1, ...bars.flatMap((bar) => bar.counts.filter(Number.isFinite)));
  if (runs.length > 4) return null;
  return (
    <div className="bin-counts" role="img" aria-label={`Rows behind each point${bars.length === 1 ? `: ${bars[0]!.counts.join(", ")}` : ""}`}>
      {bars.map(({ run, counts, at }) => (
        <svg key={run.run} viewBox="0 0 100 16" preserveAspectRatio="none" aria-hidden="true">
          {counts.map((count, i) => (
            <rect key={i} x={Math.min(Math.max(at[i]!, 0), 1) * 97} width="3" y={16 - (count / most) * 16} height={(count / most) * 16} fill={run.color} fillOpacity="0.55">
              <title>{`${count} rows`}</title>
            </rect>
          ))}
        </svg>
      ))}
      <span>rows behind each point, at most {most}</span>
    </div>
  );
}

export function Threshold({ runs, name }: KindProps) {
  const palette = useDark() ? DARK : LIGHT;
  const [wanted, setWanted] = useState<string>("");
  const columns = wanted ? [wanted] : runs.length > 2 ? ["f1"] : ["f1", "precision", "recall"];
  const key = columns.join();
  const figure = useMemo(() => thresholdFigure(runs, key.split(","), palette), [runs, key, palette]);
  return (
    <>
      <div className="plot-tools">
        <label className="plot-select">
          show
          <select value={wanted} onChange={(event) => setWanted(event.target.value)}>
            <option value="">{runs.length > 2 ? "f1" : "f1, precision, recall"}</option>
            {THRESHOLD_COLUMNS.map((column) => <option key={column} value={column}>{column.replaceAll("_", " ")}</option>)}
          </select>
        </label>
      </div>
      <FigureView figure={figure} label={`${name}: ${columns.join(", ")} by threshold`} />
    </>
  );
}

export function LearningCurve({ runs, name }: KindProps) {
  const palette = useDark() ? DARK : LIGHT;
  const figure = useMemo(() => learningFigure(runs, palette), [runs, palette]);
  return <FigureView figure={figure} label={`${name}: score by ${figure.x.label}`} />;
}
