// Names of columns as the filter language has them: what they are called, and orders made of them.
import { asNumber, clip, formatCell } from "../../base/format";
import type { Cell, FieldId } from "../../wire/types";

export interface Named {
  family: "" | "params" | "metrics" | "system_metrics";
  /** As logged. */
  name: string;
  /** Of a metric; "" = last. */
  stat: string;
}

const STATS = ["first", "last", "min", "max", "best", "count", "nan_count", "sum", "mean"];
const FIELD = /^(params|metrics|system_metrics)(?:\["((?:[^"\\]|\\.)*)"\]|\.(.+?))(?:\.(first|last|min|max|best|count|nan_count|sum|mean))?$/s;

export function parseField(id: FieldId): Named {
  const found = FIELD.exec(id);
  if (!found) return { family: "", name: id, stat: "" };
  const family = found[1] as Named["family"];
  const name = found[2] === undefined ? found[3]! : unescape(found[2]);
  if (family === "params") return { family, name: found[4] && found[2] === undefined ? `${name}.${found[4]}` : name, stat: "" };
  return { family, name, stat: found[4] ?? "" };
}

function unescape(text: string): string {
  try {
    return JSON.parse(`"${text}"`) as string;
  } catch {
    return text;
  }
}

/** The id of the same metric with another statistic. */
export function withStat(id: FieldId, stat: string): FieldId {
  const { family, stat: own } = parseField(id);
  if (family !== "metrics" && family !== "system_metrics") return id;
  const bare = own ? id.slice(0, -own.length - 1) : id;
  return stat === "" || stat === "last" ? bare : `${bare}.${stat}`;
}

/** Title of a column, and the small word before it. */
export function titleOf(id: FieldId): { title: string; group?: string } {
  const { family, name, stat } = parseField(id);
  if (family === "") return { title: OWN_TITLES[id] ?? id };
  return { title: name + (stat ? ` ${stat}` : ""), group: family === "params" ? "param" : family === "system_metrics" ? "system" : undefined };
}

const OWN_TITLES: Record<string, string> = {
  status: "Status", started: "Started", ended: "Ended", created: "Created", updated: "Updated", duration: "Duration",
  tags: "Tags", experiment: "Experiment", project: "Project", source: "Framework", kind: "Kind", user: "User", host: "Host",
  note: "Note", name: "Name", "children.count": "Children",
};

/** number | text | time | duration | bool | set | any: known without asking, for the fields of every run. */
export function typeOf(id: FieldId): string {
  const { family } = parseField(id);
  if (family === "metrics" || family === "system_metrics") return "number";
  if (family === "params") return "any";
  if (/(^|\.)(started|ended|created|updated)$/.test(id)) return "time";
  if (/(^|\.)duration$/.test(id)) return "duration";
  if (id === "tags" || id === "artifacts" || id === "datasets") return "set";
  return /(^|\.)(position|count)$/.test(id) ? "number" : "text";
}

export interface Term {
  id: FieldId;
  down: boolean;
}

/** An order as terms; commas inside of brackets and quotes don't part them. */
export function parseOrder(order: string): Term[] {
  const terms: string[] = [];
  let from = 0;
  let quoted = false;
  for (let i = 0; i <= order.length; i++) {
    if (order[i] === "\\") i++;
    else if (order[i] === '"') quoted = !quoted;
    else if (i === order.length || (order[i] === "," && !quoted)) {
      terms.push(order.slice(from, i).trim());
      from = i + 1;
    }
  }
  return terms.filter(Boolean).map((term) => (term.startsWith("-") ? { id: term.slice(1).trim(), down: true } : { id: term, down: false }));
}

export function formatOrder(terms: readonly Term[]): string {
  return terms.map((term) => (term.down ? "-" : "") + term.id).join(", ");
}

/** The order after a click on a title: one way, the other way, none; numbers and times begin with the largest. */
export function toggled(order: string, id: FieldId, add: boolean): string {
  const terms = parseOrder(order);
  const old = terms.find((term) => term.id === id);
  const downFirst = typeOf(id) !== "text" && typeOf(id) !== "any";
  const next = !old ? { id, down: downFirst } : old.down === downFirst ? { id, down: !downFirst } : null;
  if (!add) return next ? formatOrder([next]) : "";
  const rest = terms.map((term) => (term.id === id ? next : term)).filter((term) => term !== null);
  if (!old && next) rest.push(next);
  return formatOrder(rest);
}

/** A condition for a filter: this field has this value; null if the language can't say it. */
export function equals(id: FieldId, value: Cell): string | null {
  if (value === null) return `${id} is None`;
  if (typeof value === "number") return `${id} == ${value}`;
  if (typeof value === "boolean") return `${id} == ${value ? "True" : "False"}`;
  if (typeof value === "string") return value.length > 300 ? null : `${id} == ${JSON.stringify(value)}`;
  if (Array.isArray(value)) return value.map((each) => `${JSON.stringify(each)} in ${id}`).join(" and ") || null;
  return value.$ === "nan" ? `isnan(${id})` : null;
}

/** "lr = 0.01 · depth = 3": a group in words. */
export function groupLabel(fields: readonly FieldId[], values: readonly Cell[]): string {
  return fields.map((id, i) => groupPart(parseField(id).name, values[i] ?? null, typeOf(id))).join(" · ");
}

function groupPart(name: string, value: Cell, type: string): string {
  return value === null ? `no ${name}` : `${name} = ${clip(formatCell(value, type), 40)}`;
}

export function isNumeric(cell: Cell | undefined): boolean {
  return cell !== undefined && asNumber(cell) !== null;
}

export { STATS };
