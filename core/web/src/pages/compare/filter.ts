// Chosen ranges as an expression of the filter language, so that a link, the runs table and the CLI understand them.
import { asNumber } from "../../base/format";
import { cellKey } from "../../chart/scale";
import type { Cell, FieldId } from "../../wire/types";
import { quoted } from "../../base/where";

export type Brush =
  | { field: FieldId; low: number; high: number }
  | { field: FieldId; values: (string | number | boolean)[] };

/** 'params.lr >= 0.001 and params.lr <= 0.1 and params.optimizer in ["adam", "sgd"]' */
export function filterOf(brushes: readonly Brush[]): string {
  return brushes
    .map((brush) =>
      "values" in brush
        ? `${brush.field} in [${brush.values.map(literal).join(", ")}]`
        : `${brush.field} >= ${brush.low} and ${brush.field} <= ${brush.high}`,
    )
    .join(" and ");
}

function literal(value: string | number | boolean): string {
  return typeof value === "string" ? quoted(value) : typeof value === "boolean" ? (value ? "True" : "False") : String(value);
}

const NUMBER = String.raw`-?\d+(?:\.\d+)?(?:e[+-]?\d+)?`;
const TEXT = String.raw`"(?:[^"\\]|\\.)*"`;
const FIELD = String.raw`[A-Za-z_]\w*(?:\.[A-Za-z_]\w*|\[${TEXT}(?:, ?${TEXT})?\])*`;
const RANGE = new RegExp(String.raw`^(${FIELD}) >= (${NUMBER}) and (${FIELD}) <= (${NUMBER})`, "i");
const VALUE = String.raw`(?:${TEXT}|True|False|${NUMBER})`;
const CHOICE = new RegExp(String.raw`^(${FIELD}) in \[(${VALUE}(?:, ?${VALUE})*)\]`);

/** What `filterOf` wrote; null for any other expression. */
export function brushesOf(filter: string): Brush[] | null {
  const found: Brush[] = [];
  let rest = filter.trim();
  while (rest) {
    const range = RANGE.exec(rest);
    const choice = range ? null : CHOICE.exec(rest);
    if (range && range[1] === range[3]) found.push({ field: range[1]!, low: Number(range[2]), high: Number(range[4]) });
    else if (choice) found.push({ field: choice[1]!, values: valuesOf(choice[2]!) });
    else return null;
    rest = rest.slice((range ?? choice)![0].length);
    if (!rest) break;
    if (!rest.startsWith(" and ")) return null;
    rest = rest.slice(5);
  }
  return found;
}

function valuesOf(list: string): (string | number | boolean)[] {
  return [...list.matchAll(new RegExp(VALUE, "g"))].map(([text]) => {
    if (text === "True" || text === "False") return text === "True";
    return text.startsWith('"') ? (JSON.parse(text) as string) : Number(text);
  });
}

/** Whether a run's value is in the chosen range; what is missing never is. */
export function passes(brush: Brush, cell: Cell | undefined): boolean {
  if ("values" in brush) return cell !== null && cell !== undefined && brush.values.some((value) => cellKey(value) === cellKey(cell));
  const value = asNumber(cell);
  return value !== null && value >= brush.low && value <= brush.high;
}

/** The brushes with one axis chosen anew, or taken back. */
export function replaced(brushes: readonly Brush[], field: FieldId, brush: Brush | null): Brush[] {
  const others = brushes.filter((each) => each.field !== field);
  return brush ? [...others, brush] : others;
}
