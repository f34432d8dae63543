// A chart with its title, its numbers as a table for those who want to read them, and both as files.
import { useRef, useState, type ReactNode } from "react";
import { formatCell } from "../base/format";
import { Button, IconButton } from "../components/Button";
import { MenuItem, Popover } from "../components/Popover";
import { csv, type FigureTable } from "./csv";
import "./figure.css";

export type { FigureTable } from "./csv";

const ROWS_SHOWN = 200;

export function Figure({ title, caption, actions, table, children, className = "" }: {
  title: string;
  caption?: ReactNode;
  actions?: ReactNode;
  table?: FigureTable;
  children: ReactNode;
  className?: string;
}) {
  const [asTable, setAsTable] = useState(false);
  const body = useRef<HTMLDivElement>(null);
  const name = title.replace(/[^\w.-]+/g, "_").slice(0, 80) || "chart";
  const picture = () => body.current?.querySelector("canvas")?.toBlob((blob) => blob && save(blob, `${name}.png`));
  return (
    <figure className={`chart-figure ${className}`} aria-label={title}>
      <figcaption>
        <h3>{title}</h3>
        <div className="actions">
          {actions}
          {table && <IconButton icon="table" label={asTable ? `${title}: show the chart` : `${title}: show as a table`} active={asTable} onClick={() => setAsTable(!asTable)} />}
          {table && (
            <Popover label={`${title}: save`} icon="download" align="right">
              {(close) => (
                <>
                  <MenuItem icon="table" onPick={() => { save(new Blob([csv(table)], { type: "text/csv" }), `${name}.csv`); close(); }}>Numbers (CSV)</MenuItem>
                  {!asTable && body.current?.querySelector("canvas") && <MenuItem icon="chart" onPick={() => { picture(); close(); }}>Picture (PNG)</MenuItem>}
                </>
              )}
            </Popover>
          )}
        </div>
      </figcaption>
      {asTable && table ? <Numbers table={table} label={title} /> : <div ref={body} className="figure-body">{children}</div>}
      {caption && <p className="caption">{caption}</p>}
    </figure>
  );
}

function Numbers({ table, label }: { table: FigureTable; label: string }) {
  const [shown, setShown] = useState(ROWS_SHOWN);
  const rows = table.rows();
  return (
    <div className="figure-table" tabIndex={0} role="region" aria-label={`${label}, as a table`}>
      <table>
        <thead><tr>{table.columns.map((name, i) => <th key={i} scope="col">{name}</th>)}</tr></thead>
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

function save(blob: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
