// The table of a comparison: rows are what is compared, columns are runs; only what can be seen is in the page.
import { useLayoutEffect, useRef, useState, type ReactNode } from "react";
import { href } from "../../app/router";
import { useDark } from "../../app/theme";
import { colorBook } from "../../base/colors";
import { clip, formatAgo, formatDelta, formatDuration } from "../../base/format";
import { Icon } from "../../components/Icon";
import { StatusDot } from "../../components/Status";
import { ValueCell } from "../../components/ValueCell";
import type { Cell, ComparedRow, Comparison } from "../../wire/types";
import type { TableLine } from "./rows";
import { windowOf, type Window } from "./windows";

const ROW = 28;
const HEAD = 44;
/** Width of a run's column: few runs have room for all digits of value and difference. */
const columnWidth = (runs: number) => (runs <= 5 ? 190 : 148);

/** How wide the column of names is: less on a narrow screen. */
function nameWidth(room: number): number {
  return room < 640 ? 140 : 270;
}

export function CompareTable({ data, lines, places, onToggle, onOpen }: {
  data: Comparison;
  lines: readonly TableLine[];
  /** Columns: places in `data.runs`. */
  places: readonly number[];
  onToggle: (section: string) => void;
  onOpen: (row: ComparedRow) => void;
}) {
  const scroller = useRef<HTMLDivElement>(null);
  const [view, setView] = useState<{ rows: Window; columns: Window; names: number }>({ rows: { from: 0, to: 0 }, columns: { from: 0, to: 0 }, names: 270 });
  const width = columnWidth(places.length);
  const look = () => {
    const box = scroller.current;
    if (!box) return;
    const names = nameWidth(box.clientWidth);
    const rows = windowOf(lines.length, ROW, box.scrollTop, box.clientHeight - HEAD, 6);
    const columns = windowOf(places.length, width, box.scrollLeft, box.clientWidth - names, 1);
    setView((old) => (same(old.rows, rows) && same(old.columns, columns) && old.names === names ? old : { rows, columns, names }));
  };
  useLayoutEffect(() => {
    look();
    const observer = new ResizeObserver(look);
    observer.observe(scroller.current!);
    return () => observer.disconnect();
  }, [lines.length, places.length]);
  const { rows, columns, names } = view;
  const shown = places.slice(columns.from, columns.to);
  const left = (i: number) => names + (columns.from + i) * width;
  return (
    <div
      ref={scroller}
      className="compare-table"
      role="grid"
      aria-label="Comparison"
      aria-rowcount={lines.length + 1}
      aria-colcount={places.length + 1}
      tabIndex={0}
      onScroll={look}
    >
      <div className="compare-sheet" style={{ width: names + places.length * width, height: HEAD + lines.length * ROW }}>
        <div className="compare-head" role="row" aria-rowindex={1} style={{ height: HEAD }}>
          <div className="name" role="columnheader" style={{ width: names }}>{lines.filter((line) => line.type === "row").length} rows</div>
          {shown.map((place, i) => <HeadCell key={place} run={data.runs[place]!} baseline={place === data.baseline} left={left(i)} width={width} column={columns.from + i + 2} />)}
        </div>
        {lines.slice(rows.from, rows.to).map((line, i) => {
          const at = rows.from + i;
          const style = { top: HEAD + at * ROW, height: ROW };
          return line.type === "section" ? (
            <SectionLine key={`section ${line.section}`} line={line} style={style} index={at + 2} names={names} onToggle={onToggle} />
          ) : (
            <div key={`${line.row.section} ${line.row.name}`} className={`compare-row ${line.row.differs ? "" : "same"}`} role="row" aria-rowindex={at + 2} style={style}>
              <div className="name" role="rowheader" style={{ width: names }}>
                <button type="button" title={`${line.row.name.slice(0, 1000)}: all values`} onClick={() => onOpen(line.row)}>{line.row.name === "duration_s" ? "duration" : tail(line.row.name)}</button>
              </div>
              {shown.map((place, j) => (
                <ValueAt key={place} row={line.row} place={place} baseline={data.baseline} left={left(j)} width={width} column={columns.from + j + 2} />
              ))}
            </div>
          );
        })}
      </div>
    </div>
  );
}

function same(a: Window, b: Window): boolean {
  return a.from === b.from && a.to === b.to;
}

/** The end of a name tells more than its beginning: "optimizer.param_groups.0.lr". */
function tail(name: string): ReactNode {
  const cut = Math.max(name.lastIndexOf("."), name.lastIndexOf("/"));
  if (cut <= 0 || name.length < 12) return clip(name, 200);
  return <><span className="stem">{clip(name.slice(0, cut), 200)}</span><span className="leaf">{clip(name.slice(cut), 100)}</span></>;
}

function HeadCell({ run, baseline, left, width, column }: { run: Comparison["runs"][number]; baseline: boolean; left: number; width: number; column: number }) {
  const dark = useDark();
  return (
    <div className={`head-cell ${baseline ? "baseline" : ""}`} role="columnheader" aria-colindex={column} style={{ left, width }}>
      <a href={href("run", run.id)} title={run.name.slice(0, 2000)}>
        <span className="swatch" style={{ background: colorBook.color(run.id, dark) }} aria-hidden="true" />
        {clip(run.name, 60)}
      </a>
      <span className="faint"><StatusDot status={run.status} /> {baseline ? "baseline" : formatAgo(run.started)}</span>
    </div>
  );
}

function SectionLine({ line, style, index, names, onToggle }: {
  line: Extract<TableLine, { type: "section" }>;
  style: { top: number; height: number };
  index: number;
  names: number;
  onToggle: (section: string) => void;
}) {
  return (
    <div className="compare-section" role="row" aria-rowindex={index} style={style}>
      <div className="name" role="rowheader" style={{ minWidth: names }}>
        <button type="button" aria-expanded={line.open} onClick={() => onToggle(line.section)}>
          <Icon name={line.open ? "down" : "right"} />
          <span className="title">{line.section}</span>
          <span className="count">{line.differing} of {line.all} differ</span>
        </button>
      </div>
    </div>
  );
}

function ValueAt({ row, place, baseline, left, width, column }: { row: ComparedRow; place: number; baseline: number; left: number; width: number; column: number }) {
  const value = row.values[place] as Cell;
  const delta = place === baseline ? null : row.deltas?.[place];
  const base = row.values[baseline] as Cell;
  const differs = row.differs && place !== baseline && value !== null && JSON.stringify(value) !== JSON.stringify(base);
  const kind = row.section === "run" && row.name === "duration_s" ? "duration" : "any";
  return (
    <div className={`value-cell ${place === baseline ? "baseline" : ""} ${differs ? "differs" : ""} ${typeof value === "number" ? "number" : ""}`} role="gridcell" aria-colindex={column} style={{ left, width }}>
      <ValueCell value={value} type={kind} chars={48} />
      {delta !== null && delta !== undefined && delta !== 0 && <span className="delta">{kind === "duration" ? `${delta > 0 ? "+" : "−"}${formatDuration(Math.abs(delta))}` : formatDelta(delta)}</span>}
    </div>
  );
}
