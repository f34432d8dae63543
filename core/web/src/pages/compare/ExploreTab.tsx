// Params against metrics: parallel coordinates that filter the runs, a scatter plot of any two, importance.
import { useMemo, useState } from "react";
import { route, useRoute } from "../../app/router";
import { Empty } from "../../components/Panel";
import type { Variable } from "./fields";
import { usualMetric } from "./fields";
import { ImportancePanel } from "./ImportancePanel";
import { ParallelPanel } from "./ParallelPanel";
import { ScatterPanel } from "./ScatterPanel";
import type { CompareState } from "./state";

export interface ExploreState extends CompareState {
  /** What is to be explained. */
  metric: Variable | null;
  hovered: string | null;
  setHovered: (run: string | null) => void;
}

export function ExploreTab(state: CompareState) {
  const { params } = useRoute();
  const [hovered, setHovered] = useState<string | null>(null);
  const { variables } = state;
  const metric = useMemo(
    () => variables.find((each) => each.field === params.get("metric")) ?? usualMetric(variables) ?? variables.find((each) => each.numeric) ?? null,
    [variables, params.get("metric")],
  );
  if (!variables.length) return <Empty>These runs differ in no param and in no metric that could be an axis.</Empty>;
  const explore: ExploreState = { ...state, metric, hovered, setHovered };
  return (
    <div className="page-body">
      <div className="compare-tools flat">
        <label className="check">
          Metric
          <VariableSelect label="Metric to explain" variables={variables.filter((each) => each.numeric)} value={metric?.field ?? ""} onChange={(field) => route.patch({ metric: field }, true)} />
        </label>
      </div>
      <ParallelPanel {...explore} />
      <div className="chart-wall wide">
        <ScatterPanel {...explore} />
        <ImportancePanel {...explore} />
      </div>
    </div>
  );
}

/** A choice of one param or metric. */
export function VariableSelect({ label, variables, value, onChange, none }: {
  label: string;
  variables: readonly Variable[];
  value: string;
  onChange: (field: string) => void;
  /** What choosing nothing is called; without it, one must be chosen. */
  none?: string;
}) {
  const sections = [...new Set(variables.map((each) => each.section))];
  return (
    <select aria-label={label} value={value} onChange={(event) => onChange(event.target.value)}>
      {none !== undefined && <option value="">{none}</option>}
      {sections.map((section) => (
        <optgroup key={section} label={section}>
          {variables.filter((each) => each.section === section).map((each) => <option key={each.field} value={each.field}>{each.name.slice(0, 120)}</option>)}
        </optgroup>
      ))}
    </select>
  );
}
