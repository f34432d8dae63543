// The home of a project: its runs as a table, and the curves of some of them.
import { useEffect, useMemo, useRef, useState } from "react";
import { api } from "../../api";
import { useKeys } from "../../app/keys";
import { useDark } from "../../app/theme";
import { formatCount } from "../../base/format";
import { useQuery } from "../../base/useQuery";
import { Button } from "../../components/Button";
import type { Grid } from "../../grid/grid";
import type { FieldId } from "../../wire/types";
import type { LeadState } from "./cells";
import { ChartWall } from "./charts/ChartWall";
import { useLook } from "./charts/look";
import { useRunsCommands } from "./commands";
import { toggled } from "./fields";
import { useFirstRows } from "./firstRows";
import { HeadMenu } from "./HeadMenu";
import { eyed, usePlotted } from "./plotted";
import { RunsTable } from "./RunsTable";
import { compare, SelectionBar } from "./SelectionBar";
import type { Question, Row, RunItem } from "./source";
import { Splitter } from "./Splitter";
import { Toolbar } from "./Toolbar";
import { useUsualColumns } from "./usual";
import { selectionOf, useView, type View } from "./view";
import { useNarrow } from "./useNarrow";
import { Welcome } from "./Welcome";

export default function RunsPage() {
  const [view, change] = useView();
  const [rows, setRows] = useState<Row[]>([]);
  const [totals, setTotals] = useState<{ rows: number; runs: number; took: number; grouped: boolean } | null>(null);
  const [ticked, setTicked] = useState<ReadonlySet<string>>(new Set());
  const [stale, setStale] = useState(false);
  const [menu, setMenu] = useState<{ id: FieldId; box: DOMRect } | null>(null);
  const [hover, setHover] = useState<string | null>(null);
  const [narrowTab, setNarrowTab] = useState<"table" | "charts">(view.layout === "charts" ? "charts" : "table");
  // A narrow screen shows one side at a time, so both are there.
  const layout = useNarrow() ? "both" : view.layout;
  const loaded = useRef<() => Row[]>(() => []);
  const refresh = useRef<(() => void) | null>(null);
  const grid = useRef<Grid<Row> | null>(null);
  const filterInput = useRef<HTMLInputElement>(null);
  const findInput = useRef<HTMLInputElement>(null);
  const dark = useDark();

  const info = useQuery("info", (signal) => api.info(signal));
  const selection = selectionOf(view);
  const usual = useUsualColumns(selection, view.columns === null);
  const columns = view.columns ?? usual;
  const columnsNow = useRef(columns);
  columnsNow.current = columns;

  const questionKey = JSON.stringify([selection, view.group]);
  const question = useMemo<Question>(
    () => ({ selection, group: view.group, columns: () => columnsNow.current, onTotals: setTotals }),
    [questionKey],
  );
  useFirstRows(question, view.auto, layout === "charts", (first) => {
    loaded.current = () => first;
    setRows(first);
  });
  const plotted = usePlotted(rows, () => loaded.current(), view);
  const look = useLook(plotted, view);
  const base = useBaseline(view.baseline, columns);
  const shown = useMemo(() => new Set(plotted.map((each) => each.key)), [plotted]);
  const lead: LeadState = {
    ticked: (id) => ticked.has(id),
    color: (key) => (shown.has(key) ? look.color(key, dark) : null),
    baseline: view.baseline,
  };
  const leadKey = [...ticked, "|", ...[...shown].map((key) => look.color(key, dark)), view.baseline].join();

  function act(action: string, row: Row): void {
    if (action === "eye") change(eyed(row.key, shown.has(row.key), view), true);
    else if (action === "baseline" && row.type === "run") change({ baseline: view.baseline === row.key ? "" : row.key });
    else if (action === "tick" && row.type === "run") {
      const next = new Set(ticked);
      if (!next.delete(row.key)) next.add(row.key);
      setTicked(next);
    }
  }
  useKeys((event) => {
    if (event.key === "/") filterInput.current?.focus();
    else if (event.key === "m") findInput.current?.focus();
    else if (event.key === "c" && ticked.size > 1) compare([...ticked]);
    else if (event.key === "[") change({ layout: view.layout === "charts" ? "both" : "table" });
    else if (event.key === "]") change({ layout: view.layout === "table" ? "both" : "charts" });
    else if (["ArrowDown", "ArrowUp", "j", "k"].includes(event.key) && document.activeElement === document.body) grid.current?.focus();
    else return false;
    return true;
  });
  useRunsCommands({ view, columns, ticked, change });
  useEffect(() => setTicked(new Set()), [view.archived]);
  useEffect(() => {
    setRows([]);
    setTotals(null);
  }, [questionKey]);

  if (info.error?.kind === "no_store" || (totals?.rows === 0 && !hasFilter(view))) return <Welcome store={info.data?.store} />;
  const table = (
    <div className="table-side">
      <RunsTable
        question={question} questionKey={questionKey} columns={columns} view={view} base={base} lead={lead} leadKey={leadKey}
        highlight={hover} refresh={refresh} grid={grid} onStale={setStale} onAction={act} onMenu={(id, box) => setMenu({ id, box })}
        onRows={(first, all) => { loaded.current = all; setRows(first); }}
        onSort={(id, add) => change({ order: toggled(view.order, id, add) })}
        onReorder={(id, before) => change({ columns: reordered(columns, id, before) })}
        onHover={(row) => setHover(row?.key ?? null)}
      />
      {totals?.rows === 0 && <div className="state empty over">No run fits this filter.</div>}
      {ticked.size > 0 && (
        <SelectionBar
          ids={[...ticked]} writable={info.data?.writable ?? false} inBin={view.archived} onClear={() => setTicked(new Set())}
          onPlot={() => change({ auto: 0, show: [...ticked], hide: [] })} onDone={() => refresh.current?.()}
        />
      )}
      <footer className="table-foot">
        {totals && <span>{totals.grouped ? `${formatCount(totals.rows)} groups of ${formatCount(totals.runs)} runs` : `${formatCount(totals.rows)} ${totals.rows === 1 ? "run" : "runs"}`}</span>}
        {stale && <Button kind="quiet" onClick={() => refresh.current?.()}>News: show</Button>}
      </footer>
    </div>
  );
  const charts = <ChartWall plotted={plotted} loading={totals === null} view={view} look={look} change={change} highlight={hover} onHover={setHover} find={findInput} />;
  return (
    <main className={`runs-page narrow-${narrowTab}`}>
      <Toolbar view={view} columns={columns} change={change} input={filterInput} narrowTab={narrowTab} onNarrowTab={setNarrowTab} ready={totals !== null || layout === "charts"} />
      {layout === "table" ? table : layout === "charts" ? charts : <Splitter left={table} right={charts} />}
      {menu && <HeadMenu {...menu} view={view} columns={columns} onChange={change} onClose={() => setMenu(null)} />}
    </main>
  );
}

function hasFilter(view: View): boolean {
  return !!(view.where || view.project || view.experiment || view.archived || view.nested);
}

/** The columns with one of them put before another. */
export function reordered(columns: readonly FieldId[], id: FieldId, before: FieldId | null): FieldId[] {
  const rest = columns.filter((each) => each !== id);
  const at = before === null ? rest.length : Math.max(0, rest.indexOf(before));
  return [...rest.slice(0, at), id, ...rest.slice(at)];
}

/** The run that differences are taken to, with its values in the shown columns. */
function useBaseline(id: string, columns: FieldId[]): RunItem | null {
  const key = id ? `${id}/${columns.join("\n")}` : null;
  const query = useQuery(key, (signal) => api.runs({ where: `id == ${JSON.stringify(id)}`, nested: true, columns, offset: 0, limit: 1 }, signal));
  return useMemo(() => {
    const run = query.data?.rows[0];
    if (!id || run?.id !== id) return null;
    return { type: "run", key: id, run, cell: (field) => run.cells[columns.indexOf(field)] };
  }, [query.data, id]);
}
