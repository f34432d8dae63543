// Two objectives against one another: the front of trials that no other beats in both.
import { useMemo } from "react";
import { api } from "../../api";
import { href, route, useRoute } from "../../app/router";
import { asNumber } from "../../base/format";
import { useQuery } from "../../base/useQuery";
import { Figure } from "../../chart/Figure";
import { XYPlot, type XYLine, type XYPoint } from "../../chart/XYPlot";
import { Loaded } from "../../components/Panel";
import type { StudyPareto } from "../../wire/types";
import { aim, factsOf, labelOf, lookOf, looksIn, staircase, valueOf, type Look } from "./model";
import { openTrial } from "./OverviewTab";
import { StateLegend } from "./StateLegend";
import type { StudyProps } from "./StudyPage";

const FRONT: Look = { name: "on the front", shape: "star", color: { theme: "good" } };

export function ParetoFigure({ id, summary, version }: StudyProps) {
  const { params } = useRoute();
  const place = (name: string, usual: number) => Math.min(Math.max(Number(params.get(name) ?? usual) || 0, 0), summary.objectives.length - 1);
  const [a, b] = [place("px", 0), place("py", 1)];
  const query = useQuery(`${id} ${version}`, (signal) => api.study<StudyPareto>(id, "pareto", {}, signal));
  const best = useMemo(() => new Set(query.data?.best ?? []), [query.data]);
  const trials = useMemo(() => summary.trials.filter((trial) => trial.values !== null && trial.values.length > Math.max(a, b)), [summary, a, b]);
  const points = useMemo<XYPoint[]>(
    () => trials.map((trial) => {
      const look = best.has(trial.number) ? FRONT : lookOf(trial);
      return { key: String(trial.number), x: valueOf(trial, a), y: valueOf(trial, b), label: labelOf(trial), color: look.color, shape: look.shape, faint: look.name === "infeasible", facts: factsOf(trial, summary) };
    }),
    [trials, best, a, b, summary],
  );
  const lines = useMemo<XYLine[]>(() => {
    // With more than two objectives the front is no line in the picture of two of them.
    if (summary.objectives.length > 2) return [];
    const front = trials.filter((trial) => best.has(trial.number)).map((trial): [number, number] => [asNumber(valueOf(trial, a)) ?? NaN, asNumber(valueOf(trial, b)) ?? NaN]);
    return front.length > 1 ? [{ key: "front", ...staircase(front), color: { theme: "good" }, width: 1.2, dash: [4, 3] }] : [];
  }, [trials, best, a, b, summary]);
  return (
    <Figure
      title="Pareto front"
      caption={`No trial beats those on the front in all objectives: ${summary.objectives.map((name, i) => `${name}, ${aim(summary, i)}`).join("; ")}.`}
      table={{ columns: ["trial", "on the front", ...summary.objectives], rows: () => trials.map((trial) => ({ cells: [trial.number, best.has(trial.number), ...(trial.values ?? [])], href: href("run", trial.run) })) }}
      actions={summary.objectives.length > 2 && (
        <>
          {([["px", a, "Horizontal objective"], ["py", b, "Vertical objective"]] as const).map(([name, value, label]) => (
            <select key={name} aria-label={label} value={value} onChange={(event) => route.patch({ [name]: event.target.value }, true)}>
              {summary.objectives.map((each, i) => <option key={each} value={i}>{each}</option>)}
            </select>
          ))}
        </>
      )}
    >
      <Loaded query={query} isEmpty={() => !points.length} empty="No trial is complete.">
        {() => (
          <>
            <XYPlot label={`Pareto front of ${points.length} trials, ${best.size} on it`} points={points} lines={lines} x={{ name: summary.objectives[a]! }} y={{ name: summary.objectives[b]! }} height={300} onPick={(point) => openTrial(summary, point.key)} />
            <StateLegend looks={looksIn(trials.filter((trial) => !best.has(trial.number)))} more={best.size ? [{ ...FRONT, name: `${best.size} on the front` }] : []} />
          </>
        )}
      </Loaded>
    </Figure>
  );
}
