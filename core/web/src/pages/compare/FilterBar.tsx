// Which of the compared runs are shown: brushes on axes and typed filters, both one expression in the address.
import { useMemo } from "react";
import { api } from "../../api";
import { href, route, useRoute } from "../../app/router";
import type { ApiError } from "../../api";
import { useQuery } from "../../base/useQuery";
import { Button } from "../../components/Button";
import { Icon } from "../../components/Icon";
import type { Comparison } from "../../wire/types";
import type { Variable } from "./fields";
import { brushesOf, filterOf, passes, type Brush } from "./filter";

export interface Filter {
  expression: string;
  /** null: the expression was written by hand and is answered by the server. */
  brushes: Brush[] | null;
  keep: boolean[];
  error?: ApiError;
  set: (brushes: Brush[]) => void;
}

const ALL_MAX = 100_000;

/** The filter of the address (`where=`), applied to the runs of a comparison. */
export function useFilter(data: Comparison, variables: readonly Variable[]): Filter {
  const expression = useRoute().params.get("where") ?? "";
  const brushes = useMemo(() => {
    const found = brushesOf(expression);
    const known = new Set(variables.map((each) => each.field));
    return found?.every((brush) => known.has(brush.field)) ? found : null;
  }, [expression, variables]);
  const asked = useQuery(brushes ? null : expression, (signal) => api.ids({ where: expression, nested: true, limit: ALL_MAX }, signal));
  const keep = useMemo(() => {
    if (brushes) return data.runs.map((_, i) => brushes.every((brush) => passes(brush, variables.find((each) => each.field === brush.field)?.cells[i])));
    if (!asked.data) return data.runs.map(() => true);
    const found = new Set(asked.data.ids);
    return data.runs.map((run) => found.has(run.id));
  }, [brushes, asked.data, data, variables]);
  return { expression, brushes, keep, error: brushes ? undefined : asked.error, set: (next) => route.patch({ where: filterOf(next) }) };
}

export function FilterBar({ filter, shown, total }: { filter: Filter; shown: number; total: number }) {
  if (!filter.expression) return null;
  return (
    <div className={`compare-filter ${filter.error ? "failed" : ""}`} role="status">
      <Icon name="search" />
      <span>{filter.error ? filter.error.message : `${shown} of ${total} runs`}</span>
      <code title={filter.expression}>{filter.expression}</code>
      <a href={href("runs", "", { q: filter.expression, nested: true })}>all runs like these</a>
      <Button kind="quiet" icon="close" onClick={() => route.patch({ where: null })}>Show all</Button>
    </div>
  );
}
