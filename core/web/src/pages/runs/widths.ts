// Widths of columns, kept in this browser: they suit a screen, not a link.
const KEY = "epochlog.widths";

function read(): Record<string, number> {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(KEY) ?? "{}");
    return typeof value === "object" && value !== null ? (value as Record<string, number>) : {};
  } catch {
    return {};
  }
}

let widths: Record<string, number> | null = null;

export function widthOf(id: string, usual: number): number {
  widths ??= read();
  const width = widths[id];
  return typeof width === "number" && width >= 40 && width <= 2000 ? width : usual;
}

export function setWidth(id: string, width: number): void {
  widths ??= read();
  widths[id] = width;
  try {
    localStorage.setItem(KEY, JSON.stringify(widths));
  } catch {
    // Full or forbidden: the width lasts as long as the page.
  }
}
