// Where columns are: pinned ones stay at the left, of the others only those in sight exist.

export interface Box {
  width: number;
  pinned?: boolean;
}

export interface Layout {
  /** Left edge of each column in the whole table. */
  lefts: number[];
  pinnedWidth: number;
  width: number;
}

/** Pinned columns must come first. */
export function layOut(columns: readonly Box[]): Layout {
  const lefts: number[] = [];
  let left = 0;
  let pinnedWidth = 0;
  for (const column of columns) {
    lefts.push(left);
    left += column.width;
    if (column.pinned) pinnedWidth = left;
  }
  return { lefts, pinnedWidth, width: left };
}

/** The unpinned columns [from, to) in sight. */
export function inSight(columns: readonly Box[], layout: Layout, scrollLeft: number, viewWidth: number): [number, number] {
  const firstFree = columns.findIndex((column) => !column.pinned);
  if (firstFree < 0) return [columns.length, columns.length];
  const begin = scrollLeft + layout.pinnedWidth;
  const end = scrollLeft + viewWidth;
  let from = firstFree;
  while (from < columns.length && layout.lefts[from]! + columns[from]!.width < begin) from++;
  let to = from;
  while (to < columns.length && layout.lefts[to]! < end) to++;
  return [Math.max(firstFree, from - 1), Math.min(columns.length, to + 1)];
}

/** Browsers cap an element's height; above it, one pixel of the scrollbar stands for several. */
export const HEIGHT_MAX = 12_000_000;

export interface Vertical {
  /** Height of what is scrolled. */
  height: number;
  /** Pixels of rows per pixel of scrolling. */
  factor: number;
}

export function vertical(rows: number, rowHeight: number, viewHeight: number): Vertical {
  const real = rows * rowHeight;
  if (real <= HEIGHT_MAX) return { height: real, factor: 1 };
  return { height: HEIGHT_MAX, factor: (real - viewHeight) / (HEIGHT_MAX - viewHeight) };
}
