// The numbers of a chart as text that spreadsheets read.
import { formatCell } from "../base/format";
import type { Cell } from "../wire/types";

export interface FigureTable {
  columns: string[];
  rows: () => { cells: (Cell | undefined)[]; href?: string }[];
}

/** Numbers with all their digits; texts quoted where needed, and never taken for a formula by a spreadsheet. */
export function csv(table: FigureTable): string {
  const quoted = (cell: Cell | undefined): string => {
    if (cell === null || cell === undefined) return "";
    if (typeof cell === "number") return String(cell);
    let text = formatCell(cell);
    if (/^[=+\-@\t\r]/.test(text)) text = `'${text}`;
    return /[",\n\r]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text;
  };
  return [table.columns, ...table.rows().map((row) => row.cells)].map((row) => row.map(quoted).join(",")).join("\n") + "\n";
}
