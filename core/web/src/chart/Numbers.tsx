// The table that a chart turns into for those who want to read its numbers.
import { useMemo, useState } from "react";
import { formatCell } from "../base/format";
import { Button } from "../components/Button";
import "./figure.css";
import type { FigureTable } from "./table";

const ROWS_SHOWN = 200;

export function Numbers({ table, label }: { table: FigureTable; label: string }) {
  const [shown, setShown] = useState(ROWS_SHOWN);
  const rows = useMemo(() => table.rows(), [table]);
  return (
    <div className="figure-table" tabIndex={0} role="region" aria-label={`${label}, as a table`}>
      <table>
        <thead><tr>{table.columns.map((name, i) => <th key={i} scope="col" className={typeof rows[0]?.cells[i] === "number" ? "number" : ""}>{name}</th>)}</tr></thead>
        <tbody>
          {rows.slice(0, shown).map((row, i) => (
            <tr key={i}>
              {row.cells.map((cell, j) => (
                <td key={j} className={typeof cell === "number" ? "number" : ""}>
                  {j === 0 && row.href ? <a href={row.href}>{formatCell(cell).slice(0, 200)}</a> : formatCell(cell).slice(0, 200)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {rows.length > shown && <Button kind="quiet" onClick={() => setShown(shown * 5)}>{rows.length - shown} more rows</Button>}
    </div>
  );
}
