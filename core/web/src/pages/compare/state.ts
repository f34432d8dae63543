// What all tabs of a comparison share.
import type { Comparison } from "../../wire/types";
import type { Variable } from "./fields";
import type { Filter } from "./FilterBar";

export interface CompareState {
  data: Comparison;
  /** Rows that can be an axis. */
  variables: Variable[];
  /** Places (in `data.runs`) of the runs that the filter keeps. */
  shown: number[];
  filter: Filter;
}
