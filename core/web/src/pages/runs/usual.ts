// The columns a table begins with: a few that tell its runs apart, never all there are.
import { useMemo } from "react";
import { api } from "../../api";
import { useQuery } from "../../base/useQuery";
import type { Column, FieldId, RunsWindow, Selection } from "../../wire/types";

const BEFORE: FieldId[] = ["status", "started"];
const AFTER: FieldId[] = ["duration", "tags"];
export const OWN: FieldId[] = [...BEFORE, ...AFTER];
const METRICS_MAX = 5;
const PARAMS_MAX = 6;
const CANDIDATES_MAX = 120;
const ROWS = 50;
const NAMES_MAX = 2000;

/** What people look at first in a metric's name; smaller is earlier. */
function metricRank(name: string): number {
  if (/^(best\/)?(test|val)\/(loss|accuracy|rmse|mse|mae|f1|roc_auc|r2|log_loss)$/.test(name)) return 0;
  if (/^(best|test)\//.test(name)) return 1;
  if (/^(val|cv)\//.test(name)) return 2;
  if (/^train\//.test(name)) return 3;
  return 4;
}

function paramRank(name: string): number {
  if (/^(learning_rate|lr|batch_size|max_depth|n_estimators|hidden|dropout|optimizer|model_class|seed)$/.test(name)) return 0;
  if (/(learning_rate|\.lr)$/.test(name)) return 1;
  return name.includes(".") ? 3 : 2;
}

function rank(column: Column): number {
  return column.kind === "metric" ? metricRank(column.name) : paramRank(column.name);
}

/** Columns worth a look, by name. */
export function candidates(columns: readonly Column[]): Column[] {
  const of = (kind: string) =>
    columns
      .filter((each) => each.kind === kind && !each.alias)
      .sort((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name))
      .slice(0, CANDIDATES_MAX);
  return [...of("metric"), ...of("param")];
}

/** Of these, those that most of the runs have; params that are the same everywhere tell nothing. */
export function choose(columns: readonly Column[], window: Pick<RunsWindow, "rows">): FieldId[] {
  const facts = columns.map((column, at) => {
    const values = window.rows.map((row) => JSON.stringify(row.cells[at] ?? null)).filter((text) => text !== "null");
    return { column, runs: values.length, varies: new Set(values).size > 1 };
  });
  const best = (kind: string, most: number) =>
    facts
      .filter((each) => each.column.kind === kind && each.runs >= Math.max(1, window.rows.length * 0.04))
      .sort((a, b) => rank(a.column) - rank(b.column) || Number(b.varies) - Number(a.varies) || b.runs - a.runs)
      .slice(0, most)
      .map((each) => each.column.id);
  return [...BEFORE, ...best("metric", METRICS_MAX), ...best("param", PARAMS_MAX), ...AFTER];
}

export function useUsualColumns(selection: Selection, wanted: boolean): FieldId[] {
  const { order: _order, ...which } = selection;
  const key = wanted ? `usual/${JSON.stringify({ project: which.project, experiment: which.experiment, nested: which.nested })}` : null;
  const query = useQuery(key, async (signal) => {
    const names = await api.columns({ project: which.project, limit: NAMES_MAX, counts: "0" }, signal);
    const found = candidates(names.columns);
    if (!found.length) return OWN;
    const body = { project: which.project, experiment: which.experiment, nested: which.nested, columns: found.map((each) => each.id), offset: 0, limit: ROWS };
    return choose(found, await api.runs(body, signal));
  });
  return useMemo(() => query.data ?? OWN, [query.data]);
}
