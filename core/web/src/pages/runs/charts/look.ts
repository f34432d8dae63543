// How lines look: each run in its own colour, or colour, dash and chart say what a param of the run is.
import { useMemo } from "react";
import { api } from "../../../api";
import { DARK, LIGHT, colorBook } from "../../../base/colors";
import { asNumber, clip, formatCell } from "../../../base/format";
import { useQuery } from "../../../base/useQuery";
import { inkAt } from "../../../chart/colormap";
import type { Cell, FieldId } from "../../../wire/types";
import { titleOf, typeOf } from "../fields";
import type { Plotted } from "../plotted";
import type { View } from "../view";

export const DASHES = [undefined, [6, 3], [2, 3], [8, 3, 2, 3], [1, 2], [10, 4]];
const HUES_MAX = LIGHT.length;
const FACETS_MAX = 12;
/** More different numbers than these are told apart by a scale of colours, not by hues. */
const SCALE_FROM = 7;
const RUNS_MAX = 1000;

export type LookBy = Pick<View, "colorBy" | "dashBy" | "facetBy">;

export interface Facet {
  label: string;
  keys: ReadonlySet<string>;
}

export interface Look {
  color: (key: string, dark: boolean) => string;
  /** undefined: solid. */
  dash: (key: string) => number[] | undefined;
  /** Charts to part a metric into; null: one for all. */
  facets: Facet[] | null;
  /** What colours and dashes mean; empty where each run has its own colour. */
  legends: { by: string; entries: { label: string; color?: (dark: boolean) => string; dash?: number[] }[] }[];
}

const OWN: Look = { color: (key, dark) => colorBook.color(key, dark), dash: () => undefined, facets: null, legends: [] };

/** Values of one field by key of what is plotted: equal texts are one value. */
interface Values {
  /** Different values in order: numbers by size, then texts; "no value" last. */
  labels: string[];
  numbers: number[] | null;
  place: Map<string, number>;
}

function valuesOf(plotted: readonly Plotted[], cells: ReadonlyMap<string, Cell>, type: string): Values {
  const found = new Map<string, { cell: Cell; keys: string[] }>();
  for (const each of plotted) {
    const own = each.runs.map((run) => cells.get(run) ?? null);
    const texts = new Set(own.map((cell) => JSON.stringify(cell)));
    const label = texts.size > 1 ? "several values" : own[0] === null || own[0] === undefined ? "no value" : clip(formatCell(own[0], type), 60);
    const entry = found.get(label) ?? { cell: texts.size > 1 ? null : (own[0] ?? null), keys: [] };
    entry.keys.push(each.key);
    found.set(label, entry);
  }
  const sorted = [...found].sort(([a, { cell: one }], [b, { cell: two }]) => {
    const [x, y] = [asNumber(one), asNumber(two)];
    if (x !== null && y !== null && x !== y) return x - y;
    const rank = (cell: Cell) => (cell === null ? 2 : asNumber(cell) === null ? 1 : 0);
    return rank(one) - rank(two) || a.localeCompare(b, "en", { numeric: true });
  });
  const numbers = sorted.map(([, { cell }]) => asNumber(cell));
  return {
    labels: sorted.map(([label]) => label),
    numbers: numbers.every((value) => value !== null && Number.isFinite(value)) ? (numbers as number[]) : null,
    place: new Map(sorted.flatMap(([, { keys }], place) => keys.map((key) => [key, place] as const))),
  };
}

function colors(values: Values): (place: number, dark: boolean) => string {
  const { labels, numbers } = values;
  if (numbers && labels.length >= SCALE_FROM) {
    // By rank: learning rates over decades stay apart as well as seeds do.
    return (place, dark) => inkAt(place / (labels.length - 1), dark);
  }
  return (place, dark) => (dark ? DARK : LIGHT)[place % HUES_MAX]!;
}

/** Some of many labels, evenly: what a legend has room for. */
function some(count: number, most: number): number[] {
  if (count <= most) return Array.from({ length: count }, (_, i) => i);
  return Array.from({ length: most }, (_, i) => Math.round((i * (count - 1)) / (most - 1)));
}

export function makeLook(plotted: readonly Plotted[], by: LookBy, cells: (field: FieldId) => ReadonlyMap<string, Cell>): Look {
  const look: Look = { ...OWN, legends: [] };
  const values = (field: FieldId) => valuesOf(plotted, cells(field), typeOf(field));
  if (by.colorBy) {
    const found = values(by.colorBy);
    const paint = colors(found);
    look.color = (key, dark) => (found.place.has(key) ? paint(found.place.get(key)!, dark) : OWN.color(key, dark));
    const shown = found.numbers && found.labels.length >= SCALE_FROM ? some(found.labels.length, 5) : some(found.labels.length, 24);
    look.legends.push({ by: titleOf(by.colorBy).title, entries: shown.map((place) => ({ label: found.labels[place]!, color: (dark: boolean) => paint(place, dark) })) });
  }
  if (by.dashBy) {
    const found = values(by.dashBy);
    const last = DASHES.length - 1;
    look.dash = (key) => DASHES[Math.min(found.place.get(key) ?? 0, last)];
    const entries = found.labels.slice(0, last).map((label, place) => ({ label, dash: DASHES[place] ?? [] }));
    const rest = found.labels.slice(last);
    if (rest.length) entries.push({ label: rest.length === 1 ? rest[0]! : `${rest.length} others`, dash: DASHES[last]! });
    look.legends.push({ by: titleOf(by.dashBy).title, entries });
  }
  if (by.facetBy) look.facets = facets(values(by.facetBy), titleOf(by.facetBy).title);
  return look;
}

function facets({ labels, place }: Values, name: string): Facet[] {
  const most = labels.length > FACETS_MAX ? FACETS_MAX - 1 : labels.length;
  const titles = labels.slice(0, most).map((label) => `${name} = ${label}`);
  if (labels.length > most) titles.push(`${labels.length - most} other values of ${name}`);
  const keys = titles.map(() => new Set<string>());
  for (const [key, at] of place) keys[Math.min(at, titles.length - 1)]!.add(key);
  return titles.map((label, i) => ({ label, keys: keys[i]! }));
}

/** The look that a view asks for; each run its own colour until the values are there. */
export function useLook(plotted: readonly Plotted[], view: LookBy): Look {
  const { colorBy, dashBy, facetBy } = view;
  const fields = [...new Set([colorBy, dashBy, facetBy].filter(Boolean))];
  const ids = plotted.flatMap((each) => each.runs).slice(0, RUNS_MAX);
  const key = fields.length && ids.length ? JSON.stringify([fields, ids]) : null;
  const query = useQuery(key, async (signal) => {
    const where = `id in [${ids.map((id) => JSON.stringify(id)).join(", ")}]`;
    const { rows } = await api.runs({ where, nested: true, columns: fields, offset: 0, limit: RUNS_MAX }, signal);
    return new Map(fields.map((field, i) => [field, new Map(rows.map((row) => [row.id, row.cells[i] ?? null]))]));
  });
  const { data } = query;
  return useMemo(() => {
    if (!data || !fields.every((field) => data.has(field))) return OWN;
    return makeLook(plotted, { colorBy, dashBy, facetBy }, (field) => data.get(field)!);
  }, [plotted, data, colorBy, dashBy, facetBy]);
}
