// Which metrics the plotted runs have, and those that are one number only: bars rather than curves.
import { useMemo } from "react";
import { api } from "../../../api";
import { asNumber } from "../../../base/format";
import { useQuery, type Query } from "../../../base/useQuery";
import type { Column, RunsWindow } from "../../../wire/types";
import type { Plotted } from "../plotted";

const RUNS_MAX = 500;
const METRICS_MAX = 1000;

export interface Known {
  columns: Column[];
  /** Metric id -> values by run, for metrics of which no run has more than one point. */
  single: Map<string, Map<string, number>>;
}

export function useCatalog(plotted: readonly Plotted[], project: string): { known: Known | undefined; query: Query<[Column[], RunsWindow]> } {
  const ids = plotted.flatMap((each) => each.runs).slice(0, RUNS_MAX);
  const key = ids.length ? `${project}/${ids.join()}` : null;
  const query = useQuery<[Column[], RunsWindow]>(key, async (signal) => {
    const [metrics, system] = await Promise.all([
      api.columns({ project, kind: "metric", limit: METRICS_MAX, counts: "0" }, signal),
      api.columns({ project, kind: "system_metric", limit: 100, counts: "0" }, signal),
    ]);
    const columns = [...metrics.columns, ...system.columns].filter((each) => !each.alias).slice(0, METRICS_MAX);
    const fields = columns.flatMap((column) => (column.kind === "metric" ? [`${column.id}.count`, column.id] : [`${column.id}.count`]));
    const where = `id in [${ids.map((id) => JSON.stringify(id)).join(", ")}]`;
    return [columns, await api.runs({ where, nested: true, columns: fields.slice(0, 2000), offset: 0, limit: RUNS_MAX }, signal)];
  });
  const known = useMemo(() => (query.data ? learn(...query.data) : undefined), [query.data]);
  return { known, query };
}

export function learn(columns: Column[], window: Pick<RunsWindow, "rows">): Known {
  const present: Column[] = [];
  const single: Known["single"] = new Map();
  let at = 0;
  for (const column of columns) {
    const count = at++;
    const value = column.kind === "metric" ? at++ : -1;
    const counts = window.rows.map((row) => asNumber(row.cells[count] ?? null) ?? 0);
    const most = Math.max(0, ...counts);
    if (most === 0) continue;
    present.push(column);
    if (most > 1 || value < 0) continue;
    const values = new Map<string, number>();
    for (const row of window.rows) {
      const number = asNumber(row.cells[value] ?? null);
      if (number !== null) values.set(row.id, number);
    }
    single.set(column.id, values);
  }
  return { columns: present, single };
}
