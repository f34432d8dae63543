// The numbers of a chart as a table: to read instead of the picture, and to save.
import { csv } from "../base/files";
import { formatDate } from "../base/format";
import type { Cell } from "../wire/types";
import type { ChartLine, XKind } from "./model";

export interface FigureTable {
  columns: string[];
  rows: () => { cells: (Cell | undefined)[]; href?: string }[];
}

export function tableCsv(table: FigureTable): string {
  return csv(table.columns, table.rows().map((row) => row.cells));
}

/** One row a point; columns that no line fills are left out. Times of day as people read them. */
export function linesTable(lines: readonly ChartLine[], x: { xLabel?: string; xKind?: XKind }, yName: string): FigureTable {
  const raw = lines.some((line) => line.raw);
  const band = lines.some((line) => line.lo && line.hi);
  const at = (value: number) => (x.xKind === "time" ? formatDate(value * 1e6) : value);
  const columns = ["line", x.xLabel || (x.xKind === "time" ? "time" : "x"), yName, ...(raw ? ["raw"] : []), ...(band ? ["low", "high"] : [])];
  const rows = () =>
    lines.flatMap((line) =>
      Array.from(line.x, (value, i) => ({
        cells: [line.label, at(value), line.y[i], ...(raw ? [line.raw?.[i]] : []), ...(band ? [line.lo?.[i], line.hi?.[i]] : [])],
      })),
    );
  return { columns, rows };
}
