// The table of runs in the page: gives the framework-free grid its rows, columns and what happens on a key.
import { useEffect, useMemo, useRef, useState } from "react";
import { ApiError } from "../../api";
import { route, href } from "../../app/router";
import { useDark } from "../../app/theme";
import { useLive } from "../../base/useLive";
import { Failed } from "../../components/Panel";
import { Grid, type GridColumn, type GridEvents } from "../../grid/grid";
import { RowList } from "../../grid/rows";
import type { FieldId } from "../../wire/types";
import { columnFor, fillLead, usualWidth, type LeadState } from "./cells";
import { parseOrder } from "./fields";
import { insideLoad, rootLoad, type Question, type Row, type RunItem } from "./source";
import type { View } from "./view";
import { setWidth, widthOf } from "./widths";

export interface TableProps {
  question: Question;
  /** Changes when rows must be asked for anew. */
  questionKey: string;
  columns: FieldId[];
  view: View;
  base: RunItem | null;
  lead: LeadState;
  /** Changes when ticks or colours do. */
  leadKey: string;
  highlight: string | null;
  onRows: (rows: Row[], loaded: () => Row[]) => void;
  onAction: (action: string, row: Row) => void;
  onSort: (id: FieldId, add: boolean) => void;
  onMenu: (id: FieldId, box: DOMRect) => void;
  onReorder: (id: FieldId, before: FieldId | null) => void;
  onHover: (row: Row | null) => void;
  onStale: (stale: boolean) => void;
  /** Hands out a way to look at the order anew. */
  refresh: { current: (() => void) | null };
  grid: { current: Grid<Row> | null };
}

/** Runs in sight whose changes are told one by one. */
const FIRST_ROWS = 200;

export function RunsTable(props: TableProps) {
  const root = useRef<HTMLDivElement>(null);
  const grid = useRef<Grid<Row> | null>(null);
  const latest = useRef(props);
  latest.current = props;
  const opened = useRef(new Set<string>());
  const [error, setError] = useState<ApiError | null>(null);
  const [widths, setWidths] = useState(0);
  const dark = useDark();

  const list = useMemo(() => makeList(latest, opened.current, grid, setError), [props.questionKey]);
  useEffect(() => () => list.dispose(), [list]);

  useEffect(() => {
    const made = new Grid<Row>(root.current!, list, events(latest, () => current.current, () => setWidths((n) => n + 1)), "Runs");
    grid.current = made;
    props.grid.current = made;
    return () => {
      made.destroy();
      grid.current = null;
    };
  }, []);
  const current = useRef(list);
  useEffect(() => {
    if (current.current === list) return;
    current.current = list;
    setError(null);
    grid.current?.setList(list);
  }, [list]);

  const columnKey = props.columns.join("\n");
  useEffect(() => {
    const lead: GridColumn<Row> = {
      id: "name", title: "Name", width: widthOf("name", innerWidth < 720 ? 190 : props.view.layout === "table" ? 340 : 245), pinned: true, sortable: true, sort: sortOf(props.view.order, "name"),
      fill: (cell, row, place) => fillLead(cell, row, place, latest.current.lead),
    };
    const others = props.columns.map((id) =>
      columnFor(id, widthOf(id, usualWidth(id, props.view.group.length > 0 || props.base !== null)), props.view.pinned.includes(id), sortOf(props.view.order, id), props.base),
    );
    grid.current?.setColumns([lead, ...others]);
  }, [columnKey, props.view.group.length > 0, props.view.layout, props.view.order, props.view.pinned.join("\n"), props.base, widths]);

  const loadedColumns = useRef(columnKey);
  useEffect(() => {
    if (loadedColumns.current === columnKey) return;
    loadedColumns.current = columnKey;
    void list.refresh(...sight(grid.current), false);
  }, [columnKey, list]);
  useEffect(() => grid.current?.refill(), [props.leadKey, props.highlight, dark]);

  props.refresh.current = () => void list.refresh(...sight(grid.current), true);
  useNews(list, grid, props);
  return (
    <div className="runs-table">
      {error && <Failed error={error} retry={error.kind === "filter" ? undefined : () => { setError(null); void list.refresh(0, FIRST_ROWS, true); }} />}
      <div ref={root} hidden={error !== null && list.total < 0} />
    </div>
  );
}

function sight(grid: Grid<Row> | null): [number, number] {
  return grid?.inSight() ?? [0, 50];
}

function sortOf(order: string, id: FieldId): "asc" | "desc" | null {
  const term = parseOrder(order).find((each) => each.id === id);
  return term ? (term.down ? "desc" : "asc") : null;
}

type Latest = { current: TableProps };

function makeList(latest: Latest, opened: Set<string>, grid: { current: Grid<Row> | null }, fail: (error: ApiError | null) => void): RowList<Row> {
  const { question } = latest.current;
  const list: RowList<Row> = new RowList<Row>(
    {
      keyOf: (row) => row.key,
      inside: (row) => insideLoad(question, row),
      onChange: () => {
        fail(null);
        grid.current?.refill();
        const first: Row[] = [];
        for (let at = 0; at < Math.min(list.total, FIRST_ROWS); at++) {
          const row = list.get(at);
          if (row) first.push(row);
        }
        latest.current.onRows(first, () => [...list.loaded()]);
      },
      onError: (error) => fail(ApiError.of(error)),
      onStale: (stale) => latest.current.onStale(stale),
    },
    opened,
    rootLoad(question),
  );
  return list;
}

function events(latest: Latest, list: () => RowList<Row>, resized: () => void): GridEvents<Row> {
  return {
    onSort: (id, add) => latest.current.onSort(id, add),
    onResize: (id, width) => {
      setWidth(id, width);
      resized();
    },
    onMenu: (id, box) => latest.current.onMenu(id, box),
    onReorder: (id, before) => latest.current.onReorder(id, before),
    onAction: (action, row, place) => {
      if (action === "expand") {
        const found = list().locate(place.index);
        found.list.toggle(found.at);
      } else latest.current.onAction(action, row);
    },
    onOpen: (row) => {
      if (row.type === "run") route.go(href("run", row.key));
    },
    onHover: (row) => latest.current.onHover(row),
    onKey: (event, row) => {
      const action = ({ e: "eye", b: "baseline" } as Record<string, string>)[event.key];
      if (!action || !row) return false;
      latest.current.onAction(action, row);
      return true;
    },
    onSight: () => {},
    rowClass: (row) => {
      const { lead, highlight } = latest.current;
      const marks = [row.type, lead.ticked(row.key) ? "ticked" : "", highlight === row.key ? "lit" : ""];
      if (row.type === "run") marks.push(`is-${row.run.status}`, row.key === lead.baseline ? "baseline" : "");
      return marks.join(" ");
    },
    rowLabel: (row) => (row.type === "run" ? `${row.run.name.slice(0, 200)}, ${row.run.status}` : `Group ${row.label}, ${row.group.count} runs`),
    keyOf: (row) => row.key,
  };
}

/** What changed is loaded again; new rows come by themselves while the reader is at the top. */
function useNews(list: RowList<Row>, grid: { current: Grid<Row> | null }, props: TableProps): void {
  const busy = useRef(false);
  const again = useRef(false);
  useLive([], true, async () => {
    again.current = true;
    if (busy.current) return;
    busy.current = true;
    while (again.current) {
      again.current = false;
      const top = grid.current?.atTop ?? true;
      await list.refresh(...sight(grid.current), top || props.question.group.length > 0);
      await new Promise((done) => setTimeout(done, 1000));
    }
    busy.current = false;
  });
}
