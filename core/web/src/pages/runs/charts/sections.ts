// Metrics in sections by what stands before the "/" of their names, the telling ones first.
import type { Column } from "../../../wire/types";

export interface Metric {
  id: string;
  name: string;
  kind: "metric" | "system_metric";
}

export interface Section {
  name: string;
  metrics: Metric[];
}

const FIRST = ["", "val", "test", "train", "cv", "best"];

/** Curves come before single numbers, in a section and of the sections; `isSingle` tells them apart by id. */
export function sectionsOf(columns: readonly Column[], find: string, isSingle: (id: string) => boolean): { sections: Section[]; problem: string } {
  let match = (_name: string) => true;
  let problem = "";
  try {
    const pattern = new RegExp(find, "i");
    match = (name) => pattern.test(name);
  } catch (error) {
    problem = error instanceof Error ? error.message : "not a regular expression";
  }
  const sections = new Map<string, Metric[]>();
  for (const column of columns) {
    if ((column.kind !== "metric" && column.kind !== "system_metric") || !match(column.name)) continue;
    const name = column.kind === "system_metric" ? "system" : column.name.includes("/") ? column.name.slice(0, column.name.indexOf("/")) : "";
    const members = sections.get(name) ?? [];
    members.push({ id: column.id, name: column.name, kind: column.kind });
    sections.set(name, members);
  }
  const place = (name: string) => (FIRST.includes(name) ? FIRST.indexOf(name) : FIRST.length);
  const later = (name: string) => (name === "system" ? 2 : Number(sections.get(name)!.every(({ id }) => isSingle(id))));
  const sorted = [...sections].sort(([a], [b]) => later(a) - later(b) || place(a) - place(b) || a.localeCompare(b));
  return {
    problem,
    sections: sorted.map(([name, metrics]) => ({ name, metrics: metrics.sort((a, b) => Number(isSingle(a.id)) - Number(isSingle(b.id))) })),
  };
}
