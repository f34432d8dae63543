// The head of a table: titles that sort, edges that resize, a menu each, and dragging to another place.
import type { GridColumn } from "./grid";
import type { Layout } from "./layout";

const HEIGHT = 34;
const WIDTH_MIN = 48;

export interface HeadEvents {
  /** `add`: keep the other orders (Shift). */
  onSort: (id: string, add: boolean) => void;
  onResize: (id: string, width: number) => void;
  onMenu: (id: string, box: DOMRect) => void;
  /** Put column `id` before another one; null: to the end. */
  onReorder: (id: string, before: string | null) => void;
}

type HeadColumn = Omit<GridColumn<unknown>, "fill">;

export class Head {
  readonly root = document.createElement("div");
  readonly height = HEIGHT;
  private filled = "";

  constructor(private events: HeadEvents) {
    this.root.className = "grid-head";
    this.root.setAttribute("role", "row");
    this.root.setAttribute("aria-rowindex", "1");
  }

  render(columns: readonly HeadColumn[], layout: Layout, [from, to]: [number, number], version: number): void {
    const signature = `${version}/${from}/${to}`;
    if (this.filled === signature) return;
    this.filled = signature;
    this.root.style.width = `${layout.width}px`;
    const free = columns.findIndex((column) => !column.pinned);
    const cells: HTMLElement[] = [];
    columns.forEach((column, at) => {
      if (!column.pinned && (at < from || at >= to)) return;
      if (at === from && at > free) {
        const gap = document.createElement("div");
        gap.className = "grid-gap";
        gap.style.width = `${layout.lefts[at]! - layout.pinnedWidth}px`;
        cells.push(gap);
      }
      cells.push(this.cell(column, at, layout));
    });
    const focused = (document.activeElement as HTMLElement | null)?.dataset.head;
    this.root.replaceChildren(...cells);
    if (focused) this.root.querySelector<HTMLElement>(`[data-head="${CSS.escape(focused)}"]`)?.focus();
  }

  private cell(column: HeadColumn, at: number, layout: Layout): HTMLElement {
    const cell = document.createElement("div");
    cell.className = `grid-head-cell ${column.align ?? "left"} ${column.pinned ? "pinned" : ""}`;
    cell.style.width = `${column.width}px`;
    if (column.pinned) cell.style.left = `${layout.lefts[at]}px`;
    cell.setAttribute("role", "columnheader");
    cell.setAttribute("aria-colindex", String(at + 1));
    cell.dataset.column = column.id;
    if (column.sort) cell.setAttribute("aria-sort", column.sort === "asc" ? "ascending" : "descending");
    cell.append(this.title(column));
    if (column.title) cell.append(this.menu(column, cell), this.edge(column, cell));
    return cell;
  }

  private title(column: HeadColumn): HTMLElement {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "grid-title";
    button.dataset.head = column.id;
    button.title = column.sortable ? `${column.id} – click to sort, Shift to add, drag to move` : column.id;
    button.disabled = !column.sortable;
    const text = document.createElement("span");
    text.textContent = column.title;
    if (column.group) {
      const group = document.createElement("small");
      group.textContent = column.group;
      button.append(group);
    }
    button.append(text);
    if (column.sort) {
      const mark = document.createElement("i");
      mark.textContent = column.sort === "asc" ? "↑" : "↓";
      button.append(mark);
    }
    button.addEventListener("pointerdown", (event) => this.drag(event, column, button));
    button.addEventListener("click", (event) => {
      // By keyboard; presses of the pointer are told from drags above.
      if (event.detail === 0) this.events.onSort(column.id, event.shiftKey);
    });
    return button;
  }

  /** A press that moves drags the column; one that doesn't sorts. */
  private drag(down: PointerEvent, column: HeadColumn, button: HTMLElement): void {
    if (down.button !== 0) return;
    const start = down.clientX;
    let moved = false;
    let before: string | null | undefined;
    const move = (event: PointerEvent) => {
      if (Math.abs(event.clientX - start) > 5) moved = true;
      if (!moved || column.pinned) return;
      this.root.classList.add("dragging");
      before = this.dropPlace(event.clientX);
    };
    const up = (event: PointerEvent) => {
      window.removeEventListener("pointermove", move);
      window.removeEventListener("pointerup", up);
      this.root.classList.remove("dragging");
      this.root.querySelector(".drop-before")?.classList.remove("drop-before");
      if (moved && before !== undefined && before !== column.id) this.events.onReorder(column.id, before);
      else if (!moved && button.contains(event.target as Node)) this.events.onSort(column.id, event.shiftKey);
    };
    window.addEventListener("pointermove", move);
    window.addEventListener("pointerup", up);
  }

  private dropPlace(x: number): string | null {
    this.root.querySelector(".drop-before")?.classList.remove("drop-before");
    for (const cell of this.root.querySelectorAll<HTMLElement>(".grid-head-cell:not(.pinned)")) {
      const box = cell.getBoundingClientRect();
      if (x < box.left + box.width / 2) {
        cell.classList.add("drop-before");
        return cell.dataset.column!;
      }
    }
    return null;
  }

  private menu(column: HeadColumn, cell: HTMLElement): HTMLElement {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "grid-menu";
    button.textContent = "⋮";
    button.setAttribute("aria-label", `Column ${column.title}: sort, pin, group, hide`);
    button.setAttribute("aria-haspopup", "menu");
    button.addEventListener("click", () => this.events.onMenu(column.id, cell.getBoundingClientRect()));
    return button;
  }

  private edge(column: HeadColumn, cell: HTMLElement): HTMLElement {
    const edge = document.createElement("div");
    edge.className = "grid-edge";
    edge.addEventListener("pointerdown", (down) => {
      down.preventDefault();
      down.stopPropagation();
      const begin = cell.offsetWidth;
      const width = (event: PointerEvent) => Math.max(WIDTH_MIN, Math.round(begin + event.clientX - down.clientX));
      const move = (event: PointerEvent) => (cell.style.width = `${width(event)}px`);
      const up = (event: PointerEvent) => {
        window.removeEventListener("pointermove", move);
        window.removeEventListener("pointerup", up);
        this.events.onResize(column.id, width(event));
      };
      window.addEventListener("pointermove", move);
      window.addEventListener("pointerup", up);
    });
    return edge;
  }
}
