// Rows sorted by any column: numbers by size, texts by name, what is missing last.
import { isNumeric, toNumber, toText } from "./data";
import type { Json } from "../../wire/types";

export interface Order {
  column: number;
  descending: boolean;
}

/** Places of the rows in their new order; rows that are alike stay as they were. */
export function sorted(rows: readonly (readonly Json[])[], order: Order | null): number[] {
  const places = rows.map((_, i) => i);
  if (!order) return places;
  const sign = order.descending ? -1 : 1;
  return places.sort((a, b) => {
    const [one, two] = [rows[a]![order.column], rows[b]![order.column]];
    const [gone, missing] = [isMissing(one), isMissing(two)];
    if (gone || missing) return Number(gone) - Number(missing) || a - b;
    if (isNumeric(one) && isNumeric(two)) return sign * (toNumber(one) - toNumber(two)) || a - b;
    return sign * toText(one).localeCompare(toText(two), "en", { numeric: true }) || a - b;
  });
}

function isMissing(value: Json | undefined): boolean {
  return value === null || value === undefined || Number.isNaN(isNumeric(value) ? toNumber(value) : 0);
}

/** After a click on a column: largest first, then least first, then as it was. */
export function nextOrder(order: Order | null, column: number): Order | null {
  if (order?.column !== column) return { column, descending: true };
  return order.descending ? { column, descending: false } : null;
}
