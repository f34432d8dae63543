// How the study went: history, importance, Pareto front, intermediate values, distribution, timeline.
import { useMemo } from "react";
import { api } from "../../api";
import { href, route } from "../../app/router";
import { asNumber } from "../../base/format";
import { useQuery } from "../../base/useQuery";
import { Bars } from "../../chart/Bars";
import { Figure } from "../../chart/Figure";
import { Timeline, type TimeBar } from "../../chart/Timeline";
import { WhenSeen } from "../../chart/WhenSeen";
import { XYPlot, type XYLine, type XYPoint } from "../../chart/XYPlot";
import { Empty, Loaded } from "../../components/Panel";
import type { StudyEdf, StudyHistory, StudyImportance, StudyIntermediate } from "../../wire/types";
import { aim, factsOf, labelOf, lookOf, percent, valueOf } from "./model";
import { ParetoFigure } from "./ParetoFigure";
import type { StudyProps } from "./StudyPage";

const HEIGHT = 280;

export function OverviewTab(props: StudyProps) {
  const { summary } = props;
  return (
    <div className="page-body">
      <div className="chart-wall wide">
        {summary.objectives.length > 1 && <section className="panel padded"><ParetoFigure {...props} /></section>}
        <section className="panel padded"><History {...props} /></section>
        <section className="panel padded"><Importance {...props} /></section>
        <section className="panel padded"><WhenSeen height={HEIGHT}>{() => <Intermediate {...props} />}</WhenSeen></section>
        <section className="panel padded"><WhenSeen height={HEIGHT}>{() => <Edf {...props} />}</WhenSeen></section>
        <section className="panel padded"><Times {...props} /></section>
      </div>
    </div>
  );
}

/** Opens the run of a trial whose number is a point's key. */
export function openTrial(summary: StudyProps["summary"], number: string): void {
  const trial = summary.trials.find((each) => String(each.number) === number);
  if (trial) route.go(href("run", trial.run));
}

function History({ id, summary, objective, version }: StudyProps) {
  const query = useQuery(`${id} ${objective} ${version}`, (signal) => api.study<StudyHistory>(id, "history", { objective }, signal));
  const name = summary.objectives[objective]!;
  const points = useMemo<XYPoint[]>(
    () => summary.trials.map((trial) => {
      const look = lookOf(trial);
      return { key: String(trial.number), x: trial.number, y: valueOf(trial, objective), label: labelOf(trial), color: look.color, shape: look.shape, edge: true, faint: look.name === "infeasible", facts: factsOf(trial, summary) };
    }),
    [summary, objective],
  );
  const lines = useMemo<XYLine[]>(
    () => (query.data ? [{ key: "best", x: query.data.numbers, y: query.data.best.map((cell) => asNumber(cell)), steps: true, color: { theme: "good" }, width: 2 }] : []),
    [query.data],
  );
  return (
    <Figure
      title={`History of ${name}`}
      caption={`The line is the best value so far (${aim(summary, objective)}). Trials that reached no value lie at the bottom.`}
      table={{ columns: ["trial", "state", name], rows: () => summary.trials.map((trial) => ({ cells: [trial.number, lookOf(trial).name, valueOf(trial, objective)], href: href("run", trial.run) })) }}
    >
      <XYPlot label={`History of ${name} over ${points.length} trials`} points={points} lines={lines} x={{ name: "trial", kind: "linear" }} y={{ name }} height={HEIGHT} onPick={(point) => openTrial(summary, point.key)} />
    </Figure>
  );
}

function Importance({ id, summary, objective, version }: StudyProps) {
  const query = useQuery(`${id} ${objective} ${version}`, (signal) => api.study<StudyImportance>(id, "importance", { objective }, signal));
  const names = Object.keys(query.data?.importances ?? {}).sort((a, b) => query.data!.importances[b]! - query.data!.importances[a]!);
  return (
    <Figure
      title={`Importance of params for ${summary.objectives[objective]}`}
      caption={query.data && `By ${query.data.method}: what each param alone explains of the differences. A click shows its slice.`}
      table={{ columns: ["param", "importance", "explained"], rows: () => names.map((name) => ({ cells: [name, query.data!.importances[name], query.data!.explained[name]] })) }}
    >
      <Loaded query={query} isEmpty={() => !names.length} empty="Too few complete trials to tell.">
        {(data) => (
          <Bars
            label="Importance of params"
            bars={names.map((name) => ({ name, value: data.importances[name] ?? 0, detail: `${name} explains ${percent(data.explained[name] ?? 0)} alone` }))}
            onPick={() => route.patch({ tab: "params" })}
          />
        )}
      </Loaded>
    </Figure>
  );
}

function Intermediate({ id, summary, version }: StudyProps) {
  const query = useQuery(`${id} ${version}`, (signal) => api.study<StudyIntermediate>(id, "intermediate", {}, signal));
  const lines = useMemo<XYLine[]>(
    () => (query.data?.curves ?? []).map((curve) => {
      const look = lookOf({ state: curve.state, feasible: true });
      return { key: String(curve.number), x: curve.steps, y: curve.values.map((cell) => asNumber(cell)), color: look.color, width: 1.3, faint: look.name === "complete", dash: look.name === "pruned" ? [4, 3] : undefined };
    }),
    [query.data],
  );
  return (
    <Figure
      title="Intermediate values"
      caption="What trials reported on their way; dashed: pruned."
      table={{ columns: ["trial", "step", "value"], rows: () => (query.data?.curves ?? []).flatMap((curve) => curve.steps.map((step, i) => ({ cells: [curve.number, step, curve.values[i]] }))) }}
    >
      <Loaded query={query} isEmpty={(data) => !data.curves.length} empty="No trial reported intermediate values.">
        {() => <XYPlot label={`Intermediate values of ${lines.length} trials`} points={NONE} lines={lines} x={{ name: "step", kind: "linear" }} y={{ name: summary.objectives[0]! }} height={HEIGHT} />}
      </Loaded>
    </Figure>
  );
}

const NONE: XYPoint[] = [];

function Edf({ id, summary, objective, version }: StudyProps) {
  const query = useQuery(`${id} ${objective} ${version}`, (signal) => api.study<StudyEdf>(id, "edf", { objective }, signal));
  const name = summary.objectives[objective]!;
  const lines = useMemo<XYLine[]>(() => {
    if (!query.data?.x.length) return [];
    const x = query.data.x.map((cell) => asNumber(cell));
    return [{ key: "edf", x: [x[0]!, ...x], y: [0, ...query.data.y], steps: true, width: 2 }];
  }, [query.data]);
  return (
    <Figure
      title={`Distribution of ${name}`}
      caption="The share of complete trials that reached at most a value."
      table={{ columns: [name, "share"], rows: () => (query.data?.x ?? []).map((x, i) => ({ cells: [x, query.data!.y[i]] })) }}
    >
      <Loaded query={query} isEmpty={(data) => !data.x.length} empty="No trial is complete.">
        {() => <XYPlot label={`Share of trials by ${name}`} points={NONE} lines={lines} x={{ name }} y={{ name: "share of trials", kind: "linear", include: [0, 1] }} height={HEIGHT} />}
      </Loaded>
    </Figure>
  );
}

function Times({ summary }: StudyProps) {
  const now = useMemo(() => Date.now() * 1000, [summary]);
  const bars = useMemo<TimeBar[]>(
    () => summary.trials.flatMap((trial) => {
      if (trial.started === null) return [];
      const look = lookOf(trial);
      return [{ key: String(trial.number), label: labelOf(trial), from: trial.started, to: trial.ended, color: look.color, hollow: look.name !== "complete" && look.name !== "running", state: look.name }];
    }),
    [summary],
  );
  return (
    <Figure
      title="Timeline"
      table={{ columns: ["trial", "state", "seconds"], rows: () => summary.trials.map((trial) => ({ cells: [trial.number, lookOf(trial).name, trial.duration_s], href: href("run", trial.run) })) }}
    >
      {bars.length
        ? <Timeline label={`When ${bars.length} trials ran`} bars={bars} now={now} name="trial" onPick={(bar) => openTrial(summary, bar.key)} />
        : <Empty>No trial has started.</Empty>}
    </Figure>
  );
}
