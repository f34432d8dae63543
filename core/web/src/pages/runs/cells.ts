// What stands in the cells of the runs table, made as plain elements: thousands pass by while scrolling.
import { asNumber, clip, formatAgo, formatCell, formatDate, formatDelta, formatNumber } from "../../base/format";
import { statusClass } from "../../components/Status";
import type { GridColumn, Place } from "../../grid/grid";
import type { Aggregate, Cell, FieldId } from "../../wire/types";
import { parseField, titleOf, typeOf } from "./fields";
import type { GroupItem, Row, RunItem } from "./source";

export interface LeadState {
  ticked: (id: string) => boolean;
  /** Colour in the charts; null: not shown there. */
  color: (key: string) => string | null;
  baseline: string;
}

function span(className: string, text = ""): HTMLElement {
  const element = document.createElement("span");
  element.className = className;
  element.textContent = text;
  return element;
}

function action(name: string, label: string, className: string): HTMLElement {
  const element = document.createElement("button");
  element.className = className;
  element.dataset.action = name;
  element.tabIndex = -1;
  element.setAttribute("aria-label", label);
  element.title = label;
  return element;
}

/** Tick, colour, opener and name. */
export function fillLead(cell: HTMLElement, row: Row, place: Place, state: LeadState): void {
  cell.classList.add("lead");
  if (row.type === "run") {
    const tick = action("tick", state.ticked(row.key) ? "Untick" : "Tick", "tick");
    if (state.ticked(row.key)) tick.textContent = "✓";
    cell.append(tick);
  } else cell.append(span("tick none"));
  const color = state.color(row.key);
  const eye = action("eye", color ? "Hide in charts" : "Show in charts", color ? "disc" : "disc off");
  if (color) eye.style.setProperty("--disc", color);
  cell.append(eye, opener(row, place));
  if (row.type === "group") {
    const name = span("group-name", row.label);
    name.title = row.label;
    cell.append(name, span("chip", String(row.group.count)), ...troubles(row));
    return;
  }
  const name = document.createElement("a");
  name.className = "run-name";
  name.href = `#/run/${encodeURIComponent(row.key)}`;
  name.tabIndex = -1;
  name.textContent = clip(row.run.name, 200) || row.key.slice(-8);
  name.title = clip(row.run.name, 1000);
  cell.append(name);
  if (row.run.kind !== "run" && place.depth) cell.append(span("chip", row.run.kind));
  if (row.run.children) cell.append(span("chip", String(row.run.children)));
  if (row.key === state.baseline) cell.append(span("chip base", "baseline"));
}

function opener(row: Row, place: Place): HTMLElement {
  const inside = row.type === "group" || row.run.children > 0;
  const element = inside ? action("expand", place.open ? "Close" : "Open", `opener ${place.open ? "open" : ""}`) : span("opener none");
  if (inside) element.textContent = "›";
  element.style.marginLeft = `${place.depth * 14}px`;
  return element;
}

function troubles(row: GroupItem): HTMLElement[] {
  const { failed = 0, lost = 0, running = 0 } = row.group.statuses;
  const out: HTMLElement[] = [];
  if (running) out.push(span("chip running", `${running} running`));
  if (failed + lost) out.push(span("chip failed", `${failed + lost} failed`));
  return out;
}

export function statusCell(cell: HTMLElement, status: string): void {
  const dot = span(`dot ${statusClass(status)}`);
  dot.setAttribute("aria-hidden", "true");
  cell.append(dot, span(`status-word ${statusClass(status)}`, status));
}

/** One value; `baseline` adds the difference to it. */
export function fillValue(cell: HTMLElement, id: FieldId, value: Cell | undefined, baseline: Cell | undefined): void {
  const type = typeOf(id);
  if (value === null || value === undefined || (Array.isArray(value) && !value.length)) return;
  if (id === "status") return statusCell(cell, String(value));
  if (Array.isArray(value)) {
    for (const tag of value) cell.append(span("tag", clip(tag, 60)));
    return;
  }
  if (type === "time" && typeof value === "number") {
    cell.textContent = formatAgo(value);
    cell.title = formatDate(value);
    return;
  }
  const text = formatCell(value, type);
  const number = asNumber(value);
  cell.append(clip(text, 300));
  if (text.length > 24) cell.title = clip(text, 2000);
  if (number === null || type === "duration") return;
  if (!Number.isFinite(number)) cell.classList.add("odd");
  else cell.title = String(number);
  const base = baseline === undefined ? null : asNumber(baseline);
  if (base !== null && Number.isFinite(number - base)) cell.prepend(span("delta", formatDelta(number - base)));
}

/** Mean ± deviation of a group, or the value that all of its runs share. */
export function fillAggregate(cell: HTMLElement, id: FieldId, found: Aggregate | undefined): void {
  if (!found) return;
  if (found.same !== undefined && found.same !== null) {
    fillValue(cell, id, found.same, undefined);
    cell.classList.add("same");
    return;
  }
  const mean = asNumber(found.mean);
  if (!found.n || mean === null) {
    if (found.nan) cell.append(span("odd", `${found.nan} NaN`));
    return;
  }
  const type = typeOf(id);
  const show = (value: number) => (type === "number" || type === "any" ? formatNumber(value, 4) : formatCell(value, type));
  if (type === "time") {
    cell.textContent = formatAgo(asNumber(found.max));
    cell.title = `from ${formatDate(asNumber(found.min))}\nto ${formatDate(asNumber(found.max))}`;
    return;
  }
  const std = asNumber(found.std);
  cell.append(show(mean));
  if (std !== null && std > 0) cell.append(span("spread", ` ± ${type === "duration" ? show(std) : formatNumber(std, 2)}`));
  const nan = found.nan ? `, ${found.nan} NaN` : "";
  cell.title = `mean of ${found.n} runs${nan}\nmin ${show(asNumber(found.min) ?? NaN)}\nmax ${show(asNumber(found.max) ?? NaN)}`;
}

/** A column of the table for a field. */
export function columnFor(id: FieldId, width: number, pinned: boolean, sort: "asc" | "desc" | null, base: RunItem | null): GridColumn<Row> {
  const type = typeOf(id);
  const family = parseField(id).family;
  const right = type === "number" || type === "duration" || family === "params";
  return {
    id, ...titleOf(id), width, pinned, sort, sortable: type !== "set", align: right ? "right" : "left",
    fill: (cell, row) => {
      if (row.type === "group") return fillAggregate(cell, id, row.aggregate(id));
      fillValue(cell, id, row.cell(id), base && base.key !== row.key ? base.cell(id) : undefined);
      if (family === "params" && typeof row.cell(id) === "string") cell.classList.add("text");
    },
  };
}

const WIDTHS: Record<string, number> = { status: 104, started: 100, ended: 100, created: 100, updated: 100, duration: 84, tags: 130, source: 96, experiment: 120, project: 110, kind: 80 };

/** How wide a column is until somebody drags its edge; "mean ± deviation" needs more. */
export function usualWidth(id: FieldId, doubled = false): number {
  const width = plainWidth(id);
  return doubled && typeOf(id) !== "text" && typeOf(id) !== "set" && typeOf(id) !== "time" ? Math.max(width, 150) : width;
}

function plainWidth(id: FieldId): number {
  const own = WIDTHS[id];
  if (own) return own;
  const { title, group } = titleOf(id);
  return Math.max(88, Math.min(220, 40 + 7 * (title.length + (group ? group.length + 1 : 0))));
}
