// Rows of a comparison as fields of the filter language, and back.
import { asNumber, isSpecial } from "../../base/format";
import { quoted } from "../../base/where";
import type { Cell, ComparedRow, FieldId } from "../../wire/types";

/** Words that Python keeps for itself: a name that is one of them needs quotes. */
const KEYWORDS = new Set(
  ("False None True and as assert async await break class continue def del elif else except finally for from global if import in is " +
    "lambda nonlocal not or pass raise return try while with yield").split(" "),
);
const STATISTICS = ["first", "last", "min", "max", "best", "mean", "sum", "count", "nan_count", "step"];

function plain(name: string, reserved: readonly string[] = []): boolean {
  const parts = name.split(".");
  return parts.every((part) => /^[A-Za-z_][A-Za-z0-9_]*$/.test(part) && !KEYWORDS.has(part)) && !parts.some((part) => reserved.includes(part));
}

/** "params.lr", 'params["a/b"]'. */
export function paramField(name: string): FieldId {
  return plain(name) ? `params.${name}` : `params[${quoted(name)}]`;
}

/** 'metrics["val/loss"].min'; the statistic is always said. */
export function metricField(key: string, statistic: string, context = ""): FieldId {
  const name = context ? `metrics[${quoted(key)}, ${quoted(context)}]` : plain(key, STATISTICS) ? `metrics.${key}` : `metrics[${quoted(key)}]`;
  return `${name}.${statistic}`;
}

/** A metric's row is called "val/loss.min", of a context "loss [rank=1].min". */
export function metricOf(name: string): { key: string; statistic: string; context: string } | null {
  const cut = name.lastIndexOf(".");
  if (cut < 0) return null;
  const statistic = name.slice(cut + 1);
  const label = name.slice(0, cut);
  const inside = /^(.*) \[([^\]]*)\]$/.exec(label);
  return inside ? { key: inside[1]!, statistic, context: inside[2]! } : { key: label, statistic, context: "" };
}

/** What a row is called in a filter; null: filters don't know it. */
export function fieldOf(row: Pick<ComparedRow, "section" | "name">): FieldId | null {
  if (row.section === "params") return paramField(row.name);
  if (row.section === "metrics") {
    const metric = metricOf(row.name);
    return metric && metricField(metric.key, metric.statistic, metric.context);
  }
  if (row.section !== "run") return null;
  return { duration_s: "duration", status: "status", kind: "kind", source: "source", experiment: "experiment", user: "user", host: "host" }[row.name] ?? null;
}

export interface Variable {
  field: FieldId;
  name: string;
  section: string;
  numeric: boolean;
  /** One per run. */
  cells: Cell[];
}

const CATEGORIES_MAX = 30;

/** Rows that can be an axis: those that differ, as numbers or as a few distinct texts. */
export function variablesOf(rows: readonly ComparedRow[]): Variable[] {
  const found: Variable[] = [];
  for (const row of rows) {
    const field = row.differs ? fieldOf(row) : null;
    if (!field) continue;
    const there = row.values.filter((cell) => cell !== null && !(isSpecial(cell) && cell.$ === "none"));
    if (!there.length) continue;
    const numeric = there.every((cell) => asNumber(cell) !== null);
    if (!numeric && new Set(there.map((cell) => JSON.stringify(cell))).size > CATEGORIES_MAX) continue;
    found.push({ field, name: row.name, section: row.section, numeric, cells: row.values });
  }
  return found;
}

/** The metric that most people mean: validation before training, the best value before the last. */
export function usualMetric(variables: readonly Variable[]): Variable | null {
  const metrics = variables.filter((each) => each.section === "metrics" && each.numeric);
  const rank = ({ name, cells }: Variable): number => {
    const split = /^(val|valid|validation|dev)\b/.test(name) ? 0 : /^(cv|test|eval)\b/.test(name) ? 1 : /^best\b/.test(name) ? 2 : 3;
    const statistic = name.endsWith(".best") ? 0 : name.endsWith(".last") ? 1 : 2;
    const there = cells.filter((cell) => cell !== null).length / Math.max(cells.length, 1);
    return (there < 0.5 ? 100 : 0) + split * 10 + statistic;
  };
  return metrics.reduce<Variable | null>((best, each) => (best && rank(best) <= rank(each) ? best : each), null);
}
