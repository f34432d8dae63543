// A chart with its title, its numbers as a table for those who want to read them, and both as files.
import { useRef, useState, type ReactNode } from "react";
import { save, saveText } from "../base/files";
import { IconButton } from "../components/Button";
import { MenuItem, Popover } from "../components/Popover";
import "./figure.css";
import { Numbers } from "./Numbers";
import { tableCsv, type FigureTable } from "./table";

export type { FigureTable } from "./table";

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
                  <MenuItem icon="table" onPick={() => { saveText(tableCsv(table), `${name}.csv`, "text/csv"); close(); }}>Numbers (CSV)</MenuItem>
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
