// A table of any length: only the rows and columns in sight exist, and the keyboard moves through all of them.
import { Head, type HeadEvents } from "./head";
import { inSight, layOut, vertical, type Layout } from "./layout";
import type { Found, RowList } from "./rows";

export const ROW_HEIGHT = 28;
const OVERSCAN = 6;
/** Rows beyond those in sight that are loaded ahead. */
const AHEAD = 120;
/** While scrolling so many more, in its direction. */
const LEAD_MAX = 800;
/** Rows from one picture to the next that are no scrolling any more. */
const JUMP = 400;

export interface GridColumn<R> {
  id: string;
  title: string;
  /** Small, above or beside the title: where it belongs to. */
  group?: string;
  width: number;
  pinned?: boolean;
  align?: "left" | "right";
  sortable?: boolean;
  sort?: "asc" | "desc" | null;
  /** Puts a row's value into an empty cell. */
  fill: (cell: HTMLElement, row: R, place: Place) => void;
}

export interface Place {
  /** Among all shown rows. */
  index: number;
  depth: number;
  open: boolean;
}

export interface GridEvents<R> extends HeadEvents {
  /** Something in a row with `data-action` was clicked, or its key pressed. */
  onAction: (action: string, row: R, place: Place, event: Event) => void;
  /** A row was opened (Enter, double click). */
  onOpen: (row: R) => void;
  onHover: (row: R | null) => void;
  onKey: (event: KeyboardEvent, row: R | null, place: Place) => boolean;
  /** Which rows are in sight. */
  onSight: (from: number, to: number) => void;
  rowClass: (row: R) => string;
  rowLabel: (row: R) => string;
  keyOf: (row: R) => string;
}

let instances = 0;

export class Grid<R> {
  private scroller = document.createElement("div");
  private canvas = document.createElement("div");
  private head: Head;
  private columns: GridColumn<R>[] = [];
  private layout: Layout = layOut([]);
  private rows = new Map<number, HTMLElement>();
  private version = 0;
  private frame = 0;
  private active = 0;
  private observer: ResizeObserver;
  private name = `grid${instances++}`;
  private factor = 1;
  private sight: [number, number] = [0, 0];
  private passed = { from: 0, at: 0 };

  constructor(
    readonly root: HTMLElement,
    private list: RowList<R>,
    private events: GridEvents<R>,
    label: string,
  ) {
    root.classList.add("grid");
    root.tabIndex = 0;
    root.setAttribute("role", "treegrid");
    root.setAttribute("aria-label", label);
    root.setAttribute("aria-multiselectable", "true");
    this.scroller.className = "grid-scroll";
    this.canvas.className = "grid-canvas";
    this.head = new Head({
      onSort: (id, add) => this.events.onSort(id, add),
      onResize: (id, width) => this.events.onResize(id, width),
      onMenu: (id, box) => this.events.onMenu(id, box),
      onReorder: (id, before) => this.events.onReorder(id, before),
    });
    this.scroller.append(this.head.root, this.canvas);
    root.replaceChildren(this.scroller);
    this.scroller.addEventListener("scroll", () => this.plan(), { passive: true });
    this.canvas.addEventListener("click", (event) => this.clicked(event));
    this.canvas.addEventListener("dblclick", (event) => this.rowOf(event, (row) => this.events.onOpen(row)));
    this.canvas.addEventListener("pointerover", (event) => this.rowOf(event, (row) => this.events.onHover(row)));
    this.canvas.addEventListener("pointerleave", () => this.events.onHover(null));
    root.addEventListener("keydown", (event) => this.pressed(event));
    this.observer = new ResizeObserver(() => this.plan());
    this.observer.observe(root);
  }

  setEvents(events: GridEvents<R>): void {
    this.events = events;
  }

  setList(list: RowList<R>): void {
    this.list = list;
    this.active = 0;
    this.scroller.scrollTop = 0;
    this.refill();
  }

  setColumns(columns: GridColumn<R>[]): void {
    this.columns = [...columns.filter((each) => each.pinned), ...columns.filter((each) => !each.pinned)];
    this.layout = layOut(this.columns);
    this.root.setAttribute("aria-colcount", String(columns.length));
    this.refill();
  }

  /** Fills all cells in sight anew: rows arrived, or what they look like changed. */
  refill(): void {
    this.version++;
    this.plan();
  }

  destroy(): void {
    cancelAnimationFrame(this.frame);
    this.observer.disconnect();
    this.root.replaceChildren();
  }

  /** Rows in sight, for refreshing those first. */
  inSight(): [number, number] {
    return this.sight;
  }

  get atTop(): boolean {
    return this.scroller.scrollTop < ROW_HEIGHT;
  }

  focus(): void {
    this.root.focus();
  }

  private plan(): void {
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(() => this.render());
  }

  private viewHeight(): number {
    return Math.max(this.scroller.clientHeight - this.head.height, ROW_HEIGHT);
  }

  private render(): void {
    const total = this.list.size();
    const view = this.viewHeight();
    const { height, factor } = vertical(total, ROW_HEIGHT, view);
    this.factor = factor;
    this.canvas.style.height = `${height}px`;
    this.canvas.style.width = `${this.layout.width}px`;
    this.root.setAttribute("aria-rowcount", String(total + 1));
    const top = this.scroller.scrollTop * factor;
    const from = Math.max(0, Math.floor(top / ROW_HEIGHT) - OVERSCAN);
    const to = Math.min(total, Math.ceil((top + view) / ROW_HEIGHT) + OVERSCAN);
    const columns = inSight(this.columns, this.layout, this.scroller.scrollLeft, this.scroller.clientWidth);
    this.head.render(this.columns, this.layout, columns, this.version);
    this.drop(from, to);
    for (let index = from; index < to; index++) this.renderRow(index, columns, top);
    this.active = Math.min(this.active, Math.max(total - 1, 0));
    this.root.setAttribute("aria-activedescendant", `${this.name}-${this.active}`);
    this.ask(from, to);
    this.sight = [from, to];
    this.events.onSight(from, to);
    this.root.dataset.total = String(total);
  }

  private drop(from: number, to: number): void {
    for (const [index, element] of this.rows) {
      if (index >= from && index < to) continue;
      element.remove();
      this.rows.delete(index);
    }
  }

  private renderRow(index: number, columns: [number, number], top: number): void {
    const found = this.list.locate(index);
    let element = this.rows.get(index);
    if (!element) {
      element = document.createElement("div");
      element.id = `${this.name}-${index}`;
      element.setAttribute("role", "row");
      element.setAttribute("aria-rowindex", String(index + 2));
      this.rows.set(index, element);
      this.canvas.append(element);
    }
    const y = index * ROW_HEIGHT - top + this.scroller.scrollTop;
    element.style.transform = `translateY(${Math.round(y * 4) / 4}px)`;
    const signature = `${this.version}/${columns}/${index === this.active}`;
    const filled = element as HTMLElement & { of?: R | null };
    if (element.dataset.filled === signature && filled.of === (found.row ?? null)) return;
    element.dataset.filled = signature;
    filled.of = found.row ?? null;
    this.fillRow(element, found, { index, depth: found.depth, open: found.open }, columns);
  }

  private fillRow(element: HTMLElement, found: Found<R>, place: Place, [from, to]: [number, number]): void {
    const { row } = found;
    const state = row === undefined ? "waiting" : this.events.rowClass(row);
    element.className = `grid-row ${state} ${place.index === this.active ? "active" : ""} ${place.depth ? "inner" : ""}`;
    element.setAttribute("aria-level", String(place.depth + 1));
    element.setAttribute("aria-selected", String(/\bticked\b/.test(state)));
    if (row !== undefined) element.setAttribute("aria-label", this.events.rowLabel(row));
    const free = this.columns.findIndex((column) => !column.pinned);
    const cells: HTMLElement[] = [];
    this.columns.forEach((column, at) => {
      if (!column.pinned && (at < from || at >= to)) return;
      if (at === from && at > free) cells.push(gap(this.layout.lefts[at]! - this.layout.pinnedWidth));
      cells.push(this.cell(column, at, row, place));
    });
    element.replaceChildren(...cells);
  }

  private cell(column: GridColumn<R>, at: number, row: R | undefined, place: Place): HTMLElement {
    const cell = document.createElement("div");
    cell.setAttribute("role", "gridcell");
    cell.setAttribute("aria-colindex", String(at + 1));
    cell.className = `grid-cell ${column.align ?? "left"} ${column.pinned ? "pinned" : ""}`;
    cell.style.width = `${column.width}px`;
    if (column.pinned) cell.style.left = `${this.layout.lefts[at]}px`;
    if (row === undefined) {
      const bar = document.createElement("i");
      bar.className = "waiting-bar";
      cell.append(bar);
    } else column.fill(cell, row, place);
    return cell;
  }

  /** Loads what is in sight and ahead of it, list by list. */
  private ask(from: number, to: number): void {
    const wanted = new Map<RowList<R>, [number, number]>();
    const lead = this.lead(from);
    const begin = Math.max(0, from - AHEAD + Math.min(lead, 0));
    const end = Math.min(this.list.size(), to + AHEAD + Math.max(lead, 0));
    for (let index = begin; index < end; index += index < from || index >= to ? 20 : 1) {
      const { list, at } = this.list.locate(index);
      const range = wanted.get(list);
      if (range) {
        range[0] = Math.min(range[0], at);
        range[1] = Math.max(range[1], at + 1);
      } else wanted.set(list, [at, at + 1]);
    }
    for (const [list, [low, high]] of wanted) {
      list.abandon(low, high);
      list.need(low, high);
    }
  }

  /** Rows that a second's scrolling at this speed will bring; a jump says nothing of where it goes on. */
  private lead(from: number): number {
    const now = performance.now();
    const before = this.passed;
    this.passed = { from, at: now };
    const rows = from - before.from;
    if (now - before.at > 500 || Math.abs(rows) > JUMP) return 0;
    return Math.max(-LEAD_MAX, Math.min(LEAD_MAX, Math.round((rows / Math.max(now - before.at, 1)) * 1000)));
  }

  private rowOf(event: Event, then: (row: R, place: Place) => void): void {
    const element = (event.target as HTMLElement).closest<HTMLElement>(".grid-row");
    if (!element) return;
    const index = Number(element.id.slice(this.name.length + 1));
    const { row, depth, open } = this.list.locate(index);
    if (row !== undefined) then(row, { index, depth, open });
  }

  private clicked(event: MouseEvent): void {
    const action = (event.target as HTMLElement).closest<HTMLElement>("[data-action]")?.dataset.action;
    this.rowOf(event, (row, place) => {
      this.active = place.index;
      this.events.onAction(action ?? "select", row, place, event);
      this.refill();
    });
  }

  private pressed(event: KeyboardEvent): void {
    if (event.target !== this.root || event.ctrlKey || event.metaKey || event.altKey) return;
    const found = this.list.locate(this.active);
    const place = { index: this.active, depth: found.depth, open: found.open };
    if (this.moved(event.key) || this.opened(event.key, found, place, event) || this.events.onKey(event, found.row ?? null, place)) {
      event.preventDefault();
    }
  }

  private moved(key: string): boolean {
    const last = this.list.size() - 1;
    const page = Math.max(1, Math.floor(this.viewHeight() / ROW_HEIGHT) - 1);
    const steps: Record<string, number> = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -Infinity, End: Infinity, j: 1, k: -1 };
    const step = steps[key];
    if (step === undefined) return false;
    this.moveTo(Math.max(0, Math.min(last, this.active + step)));
    return true;
  }

  /** Makes a row the active one and brings it into sight. */
  moveTo(index: number): void {
    this.active = index;
    const y = index * ROW_HEIGHT;
    const top = this.scroller.scrollTop * this.factor;
    const view = this.viewHeight();
    if (y < top) this.scroller.scrollTop = y / this.factor;
    else if (y + ROW_HEIGHT > top + view) this.scroller.scrollTop = Math.ceil((y + ROW_HEIGHT - view) / this.factor);
    this.refill();
    const { row } = this.list.locate(index);
    this.events.onHover(row ?? null);
  }

  private opened(key: string, found: Found<R>, place: Place, event: Event): boolean {
    if (found.row === undefined) return false;
    if (key === "Enter") this.events.onOpen(found.row);
    else if (key === "ArrowRight" && !found.open) this.events.onAction("expand", found.row, place, event);
    else if (key === "ArrowLeft" && found.open) this.events.onAction("expand", found.row, place, event);
    else if (key === "ArrowLeft" && found.depth) this.moveTo(this.parentOf(place));
    else if (key === " ") this.events.onAction("tick", found.row, place, event);
    else return false;
    this.refill();
    return true;
  }

  private parentOf(place: Place): number {
    let index = place.index;
    while (index > 0 && this.list.locate(index).depth >= place.depth) index--;
    return index;
  }
}

function gap(width: number): HTMLElement {
  const element = document.createElement("div");
  element.className = "grid-gap";
  element.style.width = `${width}px`;
  return element;
}
