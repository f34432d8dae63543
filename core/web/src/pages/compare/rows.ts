// Lines of the table of a comparison: rows below their sections.
import type { ComparedRow, Comparison } from "../../wire/types";

export type TableLine =
  | { type: "section"; section: string; open: boolean; all: number; differing: number; rows: number }
  | { type: "row"; row: ComparedRow };

/** Rows below their sections, as the reader opened and searched them. */
export function linesOf(data: Comparison, search: string, closed: ReadonlySet<string>): TableLine[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const found: TableLine[] = [];
  const sections = new Map<string, ComparedRow[]>(Object.keys(data.counts).map((name) => [name, []]));
  for (const row of data.rows) {
    const name = row.name.toLowerCase();
    if (words.length && !words.every((word) => name.includes(word))) continue;
    const rows = sections.get(row.section);
    if (rows) rows.push(row);
    else sections.set(row.section, [row]);
  }
  for (const [section, rows] of sections) {
    const count = data.counts[section];
    if (!rows.length && (words.length || !count?.all)) continue;
    const open = !closed.has(section);
    found.push({ type: "section", section, open, all: count?.all ?? rows.length, differing: count?.differing ?? rows.length, rows: rows.length });
    if (open) for (const row of rows) found.push({ type: "row", row });
  }
  return found;
}
