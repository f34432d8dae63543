// Which rows of the table are in the charts, and in which colours.
import { useEffect, useMemo, useRef, useState } from "react";
import { api } from "../../api";
import { colorBook } from "../../base/colors";
import type { Row } from "./source";
import type { View } from "./view";

/** One entry of every legend: a run, or a group of runs. */
export interface Plotted {
  key: string;
  label: string;
  runs: string[];
  group: boolean;
  /** Whether more points may come. */
  running: boolean;
}

/** Keys of the rows to plot: the first ones, those asked for, without those hidden. */
export function plottedKeys(rows: readonly Row[], view: Pick<View, "auto" | "show" | "hide">): string[] {
  const hidden = new Set(view.hide);
  const keys = rows.slice(0, view.auto).map((row) => row.key);
  return [...new Set([...keys, ...view.show])].filter((key) => !hidden.has(key));
}

/** What a click on the eye of a row changes. */
export function eyed(key: string, shown: boolean, view: Pick<View, "show" | "hide">): Pick<View, "show" | "hide"> {
  if (shown) return { show: view.show.filter((each) => each !== key), hide: [...view.hide.filter((each) => each !== key), key] };
  return { show: [...view.show.filter((each) => each !== key), key], hide: view.hide.filter((each) => each !== key) };
}

const GROUP_RUNS_MAX = 200;

export function usePlotted(rows: readonly Row[], loaded: () => Row[], view: View): Plotted[] {
  const grouped = view.group.length > 0;
  const keys = plottedKeys(rows, grouped ? { auto: view.auto, show: [], hide: view.hide } : view);
  const known = new Map(rows.map((row) => [row.key, row]));
  if (keys.some((key) => !known.has(key))) for (const row of loaded()) known.set(row.key, row);
  const missing = keys.filter((key) => !known.has(key) && /^[0-9a-f-]{36}$/.test(key));
  const names = useNames(missing);
  const members = useMembers(keys.map((key) => known.get(key)).filter((row) => row?.type === "group") as Row[], view);
  const found: Plotted[] = [];
  for (const key of keys) {
    const row = known.get(key);
    if (row?.type === "group") {
      const runs = members.get(key);
      if (runs?.length) found.push({ key, label: row.label, runs, group: true, running: (row.group.statuses.running ?? 0) > 0 });
    } else if (row) found.push({ key, label: row.run.name, runs: [key], group: false, running: row.run.status === "running" });
    else if (names.has(key)) found.push({ key, label: names.get(key)!, runs: [key], group: false, running: true });
  }
  const signature = JSON.stringify(found);
  return useMemo(() => {
    colorBook.assign(found.map((each) => each.key));
    return found;
  }, [signature]);
}

/** Names of runs that the table hasn't loaded. */
function useNames(ids: string[]): Map<string, string> {
  const [names, setNames] = useState(new Map<string, string>());
  const asked = useRef(new Set<string>());
  const wanted = ids.filter((id) => !asked.current.has(id));
  useEffect(() => {
    if (!wanted.length) return;
    for (const id of wanted) asked.current.add(id);
    const where = `id in [${wanted.map((id) => JSON.stringify(id)).join(", ")}]`;
    api.runs({ where, nested: true, columns: [], offset: 0, limit: 1000 }).then(
      (found) => setNames((old) => new Map([...old, ...found.rows.map((row) => [row.id, row.name] as const)])),
      () => {},
    );
  }, [wanted.join()]);
  return names;
}

/** Group -> ids of its runs. */
function useMembers(groups: Row[], view: View): Map<string, string[]> {
  const [members, setMembers] = useState(new Map<string, string[]>());
  const selection = { where: view.where || undefined, project: view.project || undefined, experiment: view.experiment || undefined, archived: view.archived || undefined, nested: view.nested || undefined };
  const sizes = groups.map((row) => (row.type === "group" ? `${row.key}:${row.group.count}` : "")).join("\n");
  useEffect(() => {
    let current = true;
    const load = async () => {
      const pairs = await Promise.all(
        groups.map(async (row) => {
          const within = row.type === "group" ? row.within : [];
          return [row.key, (await api.ids({ ...selection, within, limit: GROUP_RUNS_MAX })).ids] as const;
        }),
      );
      if (current) setMembers(new Map(pairs));
    };
    load().catch(() => {});
    return () => {
      current = false;
    };
  }, [sizes, JSON.stringify(selection)]);
  return members;
}
