// Rows of the runs table: runs, groups of runs, and what is inside of them, all from server windows.
import { api } from "../../api";
import type { Load, Loaded } from "../../grid/rows";
import type { Aggregate, Cell, FieldId, Group, RunRow, Selection } from "../../wire/types";
import { formatOrder, groupLabel, parseOrder } from "./fields";

export type Row = RunItem | GroupItem;

export interface RunItem {
  type: "run";
  key: string;
  run: RunRow;
  cell: (id: FieldId) => Cell | undefined;
}

export interface GroupItem {
  type: "group";
  key: string;
  group: Group;
  label: string;
  /** The fields and values that make it, those of outer groups included. */
  within: { field: FieldId; value: Cell }[];
  /** Fields to group by inside of it. */
  rest: FieldId[];
  aggregate: (id: FieldId) => Aggregate | undefined;
}

export interface Question {
  selection: Selection;
  group: FieldId[];
  /** Read when a window is asked for, so that other columns need no other list. */
  columns: () => FieldId[];
  onTotals?: (totals: { rows: number; runs: number; took: number; grouped: boolean }) => void;
}

function index(columns: FieldId[]): Map<FieldId, number> {
  return new Map(columns.map((id, at) => [id, at]));
}

function loadRuns(question: Question, selection: Selection): Load<Row> {
  return async (offset, limit, snapshot, signal): Promise<Loaded<Row>> => {
    const columns = question.columns();
    const places = index(columns);
    const found = await api.runs({ ...selection, columns, offset, limit, snapshot }, signal);
    if (!selection.parent && !selection.within) question.onTotals?.({ rows: found.total, runs: found.total, took: found.took_ms, grouped: false });
    const rows = found.rows.map((run) => ({ at: run.at, row: item(run, places) }));
    return { rows, total: found.total, snapshot: found.snapshot, moved: found.moved, stale: found.stale };
  };
}

function item(run: RunRow, places: Map<FieldId, number>): RunItem {
  const cell = (id: FieldId) => {
    const at = places.get(id);
    return at === undefined ? undefined : run.cells[at];
  };
  return { type: "run", key: run.id, run, cell };
}

function loadGroups(question: Question, group: FieldId[], outer: GroupItem["within"]): Load<Row> {
  const [field, ...rest] = group;
  return async (offset, limit, _snapshot, signal): Promise<Loaded<Row>> => {
    const columns = question.columns();
    const places = index(columns);
    const { order, ...selection } = question.selection;
    const within = outer.length ? outer : undefined;
    const body = { ...selection, within, group: [field!], columns, sort: groupSort(order ?? "", field!, places), offset, limit };
    const found = await api.groups(body, signal);
    if (!outer.length) question.onTotals?.({ rows: found.total, runs: found.runs, took: found.took_ms, grouped: true });
    const rows = found.groups.map((each, i) => ({ at: offset + i, row: groupItem(each, field!, rest, outer, places) }));
    return { rows, total: found.total };
  };
}

/** The order of the table, as far as groups know it: by their value, or by the mean of a column. */
export function groupSort(order: string, field: FieldId, places: Map<FieldId, number>) {
  const [term] = parseOrder(order);
  if (!term) return undefined;
  const at = places.get(term.id);
  if (term.id === field) return { by: "group" as const, descending: term.down };
  if (term.id === "name") return { by: "count" as const, descending: term.down };
  return at === undefined ? undefined : { by: at, stat: "mean" as const, descending: term.down };
}

function groupItem(group: Group, field: FieldId, rest: FieldId[], outer: GroupItem["within"], places: Map<FieldId, number>): GroupItem {
  const value = group.values[0] ?? null;
  const within = [...outer, { field, value }];
  const aggregate = (id: FieldId) => {
    const at = places.get(id);
    return at === undefined ? undefined : group.columns[at];
  };
  return { type: "group", key: JSON.stringify(within), group, label: groupLabel([field], [value]), within, rest, aggregate };
}

/** The topmost rows. */
export function rootLoad(question: Question): Load<Row> {
  return question.group.length ? loadGroups(question, question.group, []) : loadRuns(question, question.selection);
}

/** What is inside of a row, null if nothing is. */
export function insideLoad(question: Question, row: Row): Load<Row> | null {
  if (row.type === "group") {
    if (row.rest.length) return loadGroups(question, row.rest, row.within);
    return loadRuns(question, { ...question.selection, within: row.within });
  }
  if (!row.run.children) return null;
  // Inside, its own order: by position, unless the table is sorted by something else.
  const { project: _p, experiment: _e, where: _w, nested: _n, order, ...rest } = question.selection;
  const own = parseOrder(order ?? "").filter((term) => term.id !== "started");
  return loadRuns(question, { ...rest, parent: row.run.id, order: own.length ? formatOrder(own) : undefined });
}
