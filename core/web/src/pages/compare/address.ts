// Which runs the address asks for, and addresses of comparisons.
import { href } from "../../app/router";

export const RUNS_MAX = 100;

/** "runs=a,b,c" and "run=a&run=b", each run once. */
export function runsOf(params: URLSearchParams): string[] {
  const all = [...params.getAll("runs").flatMap((list) => list.split(",")), ...params.getAll("run")];
  return [...new Set(all.map((id) => id.trim()).filter(Boolean))];
}

export function compareHref(ids: readonly string[], more: Record<string, string> = {}): string {
  return href("compare", "", { runs: ids.join(","), ...more });
}
