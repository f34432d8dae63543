// The columns a table begins with: a few that tell runs apart, never all there are.
import type { Column, FieldId } from "../../wire/types";

const OWN: FieldId[] = ["status", "started", "duration", "tags"];
const METRICS_MAX = 5;
const PARAMS_MAX = 6;

/** What people look at first in a metric's name; smaller is earlier. */
function rank(name: string): number {
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

function best(columns: Column[], most: number, order: (name: string) => number): FieldId[] {
  const rare = Math.max(1, ...columns.map((each) => each.runs ?? 0)) * 0.05;
  return columns
    .filter((each) => (each.runs ?? 0) >= rare)
    .sort((a, b) => order(a.name) - order(b.name) || (b.runs ?? 0) - (a.runs ?? 0) || a.name.localeCompare(b.name))
    .slice(0, most)
    .map((each) => each.id);
}

export function usualColumns(columns: Column[]): FieldId[] {
  const metrics = columns.filter((each) => each.kind === "metric");
  const params = columns.filter((each) => each.kind === "param");
  return [...OWN, ...best(metrics, METRICS_MAX, rank), ...best(params, PARAMS_MAX, paramRank)];
}
