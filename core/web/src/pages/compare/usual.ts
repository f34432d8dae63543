// Which params are worth an axis before anybody chose.
import type { Variable } from "./fields";

const AXES_FIRST = 7;

/** Axes to begin with: params that differ most often, those with short paths first, then the metric. */
export function usualAxes(variables: readonly Variable[], metric: Variable | null): Variable[] {
  const params = variables.filter((each) => each.section === "params");
  const variety = ({ cells }: Variable) => {
    const there = cells.filter((cell) => cell !== null);
    return (there.length / Math.max(cells.length, 1)) * Math.min(new Set(there.map((cell) => JSON.stringify(cell))).size, 8);
  };
  const depth = ({ name }: Variable) => name.split(/[./]/).length;
  const best = new Set([...params].sort((a, b) => variety(b) - variety(a) || depth(a) - depth(b)).slice(0, AXES_FIRST));
  const chosen = params.filter((each) => best.has(each));
  return metric ? [...chosen.filter((each) => each !== metric), metric] : chosen;
}
