// A table of plain values: sorted by a click on a column, a page at a time.
import { useMemo, useState, type ReactNode } from "react";
import { clip, formatCount, formatNumber } from "../../base/format";
import { Button } from "../Button";
import { isNumeric, toNumber, toText } from "./data";
import { nextOrder, sorted, type Order } from "./sort";
import type { Json } from "../../wire/types";

const PAGE = 50;

export interface TableColumn {
  title: string;
  /** Colour of the run that it belongs to. */
  color?: string;
  /** Shade of a value, 0 … 1. */
  shade?: (value: number) => number;
  render?: (value: Json, row: number) => ReactNode;
}

export function DataTable({ columns, rows, label, page = PAGE }: { columns: readonly TableColumn[]; rows: readonly (readonly Json[])[]; label: string; page?: number }) {
  const [order, setOrder] = useState<Order | null>(null);
  const [shown, setShown] = useState(page);
  const places = useMemo(() => sorted(rows, order), [rows, order]);
  return (
    <>
      <div className="plot-scroll">
        <table className="plot-table data-table" aria-label={label}>
          <thead>
            <tr>
              {columns.map((column, c) => (
                <th key={c} scope="col" className={words(rows, c) ? "text" : ""} aria-sort={order?.column === c ? (order.descending ? "descending" : "ascending") : undefined}>
                  <button type="button" onClick={() => setOrder(nextOrder(order, c))} title={`Sort by ${column.title}`}>
                    {column.color && <span className="swatch" style={{ background: column.color }} />}
                    {clip(column.title, 40)}
                    <span className="arrow" aria-hidden="true">{order?.column === c ? (order.descending ? "↓" : "↑") : ""}</span>
                  </button>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {places.slice(0, shown).map((place) => (
              <tr key={place}>{columns.map((column, c) => <Value key={c} column={column} value={rows[place]![c] ?? null} row={place} />)}</tr>
            ))}
          </tbody>
        </table>
      </div>
      {rows.length > page && (
        <p className="plot-note">
          {formatCount(Math.min(shown, rows.length))} of {formatCount(rows.length)} rows
          {shown < rows.length && <Button kind="quiet" onClick={() => setShown(shown + 4 * page)}>More</Button>}
        </p>
      )}
    </>
  );
}

/** Whether a column holds texts: its title then stands where they do. */
function words(rows: readonly (readonly Json[])[], column: number): boolean {
  const value = rows.find((row) => row[column] !== null && row[column] !== undefined)?.[column];
  return value !== undefined && !isNumeric(value);
}

function Value({ column, value, row }: { column: TableColumn; value: Json; row: number }) {
  if (column.render) return <td>{column.render(value, row)}</td>;
  if (value === null) return <td className="missing">–</td>;
  if (!isNumeric(value)) {
    const text = toText(value);
    return <td className="text" title={text.length > 60 ? text.slice(0, 2000) : undefined}>{clip(text, 60)}</td>;
  }
  const number = toNumber(value);
  const shade = column.shade?.(number);
  return (
    <td className={Number.isFinite(number) ? "" : "odd"}>
      {shade !== undefined && Number.isFinite(shade) && <span className="shade" style={{ opacity: Math.min(Math.max(shade, 0), 1) * 0.4 }} />}
      <span className="over">{formatNumber(number, 4)}</span>
    </td>
  );
}
