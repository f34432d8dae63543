// Params against the objective: parallel coordinates that filter trials, slices, a contour of two params.
import { useMemo } from "react";
import { api } from "../../api";
import { href, route, useRoute } from "../../app/router";
import { useDark } from "../../app/theme";
import { asNumber } from "../../base/format";
import { useQuery } from "../../base/useQuery";
import { inkAt } from "../../chart/colormap";
import { Contour, type ContourPoint } from "../../chart/Contour";
import { Figure } from "../../chart/Figure";
import { Parallel, type ParallelAxis, type ParallelRow } from "../../chart/Parallel";
import { scaleFor, type ScaleKind } from "../../chart/scale";
import { WhenSeen } from "../../chart/WhenSeen";
import { XYPlot, type XYPoint } from "../../chart/XYPlot";
import { Empty, Loaded } from "../../components/Panel";
import type { ParamAxis, StudyImportance, StudyParallel, StudyTrial } from "../../wire/types";
import { paramField } from "../compare/fields";
import { brushesOf, filterOf, replaced } from "../compare/filter";
import { brushOf, rangesOf } from "../compare/ranges";
import { ranked } from "../compare/ranked";
import { aim, factsOf, labelOf, lookOf, objectiveField, valueOf } from "./model";
import { openTrial } from "./OverviewTab";
import type { StudyProps } from "./StudyPage";

export function ParamsTab(props: StudyProps) {
  const { id, summary, objective, version } = props;
  const key = `${id} ${objective} ${version}`;
  const query = useQuery(key, (signal) => api.study<StudyParallel>(id, "parallel", { objective }, signal));
  const importance = useQuery(key, (signal) => api.study<StudyImportance>(id, "importance", { objective }, signal));
  if (!summary.params.length) return <Empty>No trial suggested a param.</Empty>;
  return (
    <div className="page-body">
      <Loaded query={query} isEmpty={(data) => !data.axes.length} empty="No trial is complete yet.">
        {(data) => {
          const weights = importance.data?.importances ?? {};
          const axes = [...data.axes].sort((a, b) => (weights[b.name] ?? 0) - (weights[a.name] ?? 0));
          return (
            <div className="study-params">
              <ParallelFigure {...props} axes={data.axes} />
              {axes.length > 1 && <ContourFigure {...props} axes={axes} />}
              <h2>Slices</h2>
              <p className="muted">{summary.objectives[objective]} over each param, the most important first. Early trials are dark, late ones light.</p>
              <div className="chart-wall">
                {axes.map((axis) => <WhenSeen key={axis.name} height={260}>{() => <Slice {...props} axis={axis} />}</WhenSeen>)}
              </div>
            </div>
          );
        }}
      </Loaded>
    </div>
  );
}

type Props = StudyProps & { axes: ParamAxis[] };

function kindOf(axis: ParamAxis): ScaleKind {
  return !axis.numeric ? "category" : axis.log ? "log" : "linear";
}

/** Trials with a finite value: the others have no place in these pictures. */
function useValued({ summary, objective }: StudyProps): StudyTrial[] {
  return useMemo(
    () => summary.trials.filter((trial) => Number.isFinite(asNumber(valueOf(trial, objective)) ?? NaN)),
    [summary, objective],
  );
}

function ParallelFigure(props: Props) {
  const { summary, objective, axes: params } = props;
  const expression = useRoute().params.get("where") ?? "";
  const brushes = useMemo(() => brushesOf(expression) ?? [], [expression]);
  const trials = useValued(props);
  const dark = useDark();
  const name = summary.objectives[objective]!;
  const axes = useMemo<ParallelAxis[]>(
    () => [
      ...params.map((axis) => ({ id: paramField(axis.name), name: axis.name, scale: scaleFor(trials.map((trial) => trial.params[axis.name]), { kind: kindOf(axis) }) })),
      { id: objectiveField(objective), name, scale: scaleFor(trials.map((trial) => valueOf(trial, objective))) },
    ],
    [params, trials, objective, name],
  );
  const rows = useMemo<ParallelRow[]>(() => {
    const share = ranked(trials.map((trial) => valueOf(trial, objective)));
    const sign = summary.directions[objective] === "maximize" ? 1 : -1;
    // The best trials are drawn last, on top.
    return [...trials]
      .sort((a, b) => sign * (asNumber(valueOf(a, objective))! - asNumber(valueOf(b, objective))!))
      .map((trial) => ({
        key: String(trial.number), label: labelOf(trial), color: inkAt(share(valueOf(trial, objective)), dark), dash: trial.state === "PRUNED",
        cells: [...params.map((axis) => trial.params[axis.name]), valueOf(trial, objective)],
      }));
  }, [trials, params, objective, summary, dark]);
  return (
    <section className="panel padded">
      <Figure
        title="Parallel coordinates"
        caption={`Colour by rank of ${name} (${aim(summary, objective)}); dashed: pruned. Drag along an axis to keep trials in that range; the table of trials follows.`}
        table={{ columns: ["trial", ...axes.map((axis) => axis.name)], rows: () => rows.map((row) => ({ cells: [Number(row.key), ...row.cells] })) }}
      >
        <Parallel
          label={`Parallel coordinates of ${rows.length} trials`}
          axes={axes}
          rows={rows}
          ranges={rangesOf(axes, brushes)}
          onRange={(axis, range) => route.patch({ where: filterOf(replaced(brushes, axis.id, range && brushOf(axis.id, axis.scale, range))) })}
          onPick={(number) => openTrial(summary, number)}
          axisWidth={110}
        />
      </Figure>
    </section>
  );
}

function Slice(props: StudyProps & { axis: ParamAxis }) {
  const { summary, objective, axis, kept } = props;
  const trials = useValued(props);
  const dark = useDark();
  const name = summary.objectives[objective]!;
  const points = useMemo<XYPoint[]>(() => {
    const last = Math.max(summary.trials.length - 1, 1);
    return trials.flatMap((trial) => {
      const cell = trial.params[axis.name];
      if (cell === undefined) return [];
      const look = lookOf(trial);
      return [{
        key: String(trial.number), x: cell, y: valueOf(trial, objective), label: labelOf(trial), facts: factsOf(trial, summary),
        color: look.name === "complete" ? inkAt(trial.number / last, dark) : look.color, shape: look.shape, faint: !kept.has(trial.number) || look.name === "infeasible",
      }];
    });
  }, [trials, axis, objective, summary, kept.size, dark]);
  return (
    <section className="panel padded">
      <Figure
        title={axis.name}
        table={{ columns: ["trial", axis.name, name], rows: () => trials.map((trial) => ({ cells: [trial.number, trial.params[axis.name], valueOf(trial, objective)], href: href("run", trial.run) })) }}
      >
        <XYPlot label={`${name} against ${axis.name}, ${points.length} trials`} points={points} x={{ name: axis.name, kind: kindOf(axis) }} y={{ name }} height={230} onPick={(point) => openTrial(summary, point.key)} />
      </Figure>
    </section>
  );
}

function ContourFigure(props: Props) {
  const { summary, objective, axes } = props;
  const { params } = useRoute();
  const trials = useValued(props);
  const find = (name: string, usual: ParamAxis) => axes.find((axis) => axis.name === params.get(name)) ?? usual;
  const numeric = axes.filter((axis) => axis.numeric);
  const x = find("cx", numeric[0] ?? axes[0]!);
  const y = find("cy", [...numeric, ...axes].find((axis) => axis !== x)!);
  const name = summary.objectives[objective]!;
  const points = useMemo<ContourPoint[]>(
    () => trials.flatMap((trial) => {
      const [a, b] = [trial.params[x.name], trial.params[y.name]];
      return a === undefined || b === undefined ? [] : [{ key: String(trial.number), x: a, y: b, value: valueOf(trial, objective), label: labelOf(trial), faint: lookOf(trial).name === "infeasible" }];
    }),
    [trials, x, y, objective],
  );
  return (
    <section className="panel padded">
      <Figure
        title={`${name} over two params`}
        caption="Colours by rank; between the trials they are an estimate from the nearest ones."
        actions={([["cx", x, "Horizontal param"], ["cy", y, "Vertical param"]] as const).map(([key, axis, label]) => (
          <select key={key} aria-label={label} value={axis.name} onChange={(event) => route.patch({ [key]: event.target.value }, true)}>
            {axes.map((each) => <option key={each.name} value={each.name}>{each.name.slice(0, 80)}</option>)}
          </select>
        ))}
        table={{ columns: ["trial", x.name, y.name, name], rows: () => points.map((point) => ({ cells: [Number(point.key), point.x, point.y, point.value] })) }}
      >
        <Contour label={`${name} over ${x.name} and ${y.name}, ${points.length} trials`} points={points} x={{ name: x.name, kind: kindOf(x) }} y={{ name: y.name, kind: kindOf(y) }} valueName={name} height={340} onPick={(point) => openTrial(summary, point.key)} />
      </Figure>
    </section>
  );
}
