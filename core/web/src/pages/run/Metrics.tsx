// What came out: every metric with its last and best value, and its course in small.
import { useMemo, useState } from "react";
import { api } from "../../api";
import { href, patched, useRoute } from "../../app/router";
import { formatCount } from "../../base/format";
import { useQuery } from "../../base/useQuery";
import { Button } from "../../components/Button";
import { linePath } from "../../components/plots/paths";
import { bounds } from "../../components/plots/scale";
import { Empty, Panel } from "../../components/Panel";
import { ValueCell } from "../../components/ValueCell";
import type { MetricFacts, RunDetail, Stat } from "../../wire/types";

const FIRST = 14;
const SPARKS_MAX = 60;

export function Metrics({ run }: { run: RunDetail }) {
  const [search, setSearch] = useState("");
  const [all, setAll] = useState(false);
  const { page, id, params } = useRoute();
  const found = useMemo(() => telling(run.metrics).filter((metric) => fits(metric, search)), [run.metrics, search]);
  const shown = all || search ? found.slice(0, 500) : found.slice(0, FIRST);
  const courses = useCourses(run, shown);
  // Values that were logged once, as scores are, have no course and no extremes.
  const flat = run.metrics.every((metric) => metric.count < 2);
  const count = new Set(run.metrics.map((metric) => metric.key)).size;
  return (
    <Panel
      title={<>Metrics<span className="count">{formatCount(count)}</span></>}
      actions={run.metrics.length > FIRST && <input type="search" placeholder="Metric" aria-label="Search metrics" value={search} onChange={(event) => setSearch(event.target.value)} />}
    >
      {!run.metrics.length ? <Empty>{run.status === "running" ? "No metric yet." : "No metrics were logged."}</Empty> : (
        <>
          <div className="table-scroll">
            <table className={`plain-table metrics ${flat ? "flat" : ""}`}>
              <thead><tr><th>metric</th><th className="number">{flat ? "value" : "last"}</th>{!flat && <><th className="number">best</th><th className="number wide-only">min</th><th className="number wide-only">max</th><th className="number wide-only">points</th><th aria-label="course" className="spark-column" /></>}</tr></thead>
              <tbody>
                {shown.map((metric) => (
                  <tr key={`${metric.key}/${metric.context}`}>
                    <td title={metric.aliases.length ? `${metric.key}; the framework calls it ${metric.aliases.join(", ")}` : metric.key}>
                      <a href={href(page, id, patched(params, { tab: "charts", metric: metric.key }))}>{metric.key}</a>
                      {metric.context && <span className="count">{metric.context}</span>}
                      {metric.nan_count > 0 && <span className="nan" title={`${metric.nan_count} of ${metric.count} values are not finite`}>NaN × {metric.nan_count}</span>}
                    </td>
                    <td className="number"><ValueCell value={metric.last.value} /></td>
                    {!flat && (
                      <>
                        <td className="number"><Best metric={metric} /></td>
                        <td className="number wide-only">{metric.count > 1 && <ValueCell value={metric.min.value} />}</td>
                        <td className="number wide-only">{metric.count > 1 && <ValueCell value={metric.max.value} />}</td>
                        <td className="number wide-only muted">{formatCount(metric.count)}</td>
                        <td className="spark-column">{metric.count > 1 && <Spark course={courses.get(`${metric.key}/${metric.context}`)} />}</td>
                      </>
                    )}
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
          {!shown.length && <Empty>No metric is called that.</Empty>}
          {found.length > shown.length && <Button kind="quiet" onClick={() => setAll(true)}>All {formatCount(found.length)} metrics</Button>}
        </>
      )}
    </Panel>
  );
}

const FIRST_SPLITS = ["val", "validation", "test", "cv", "train", ""];

/** What people look for first: scores and losses of the splits, then the rest; bests repeat what curves say. */
export function telling(metrics: readonly MetricFacts[]): MetricFacts[] {
  const rank = ({ key }: MetricFacts) => {
    const at = FIRST_SPLITS.indexOf(key.includes("/") ? key.slice(0, key.indexOf("/")) : "");
    return key.startsWith("best") ? 9 : at < 0 ? 8 : at;
  };
  return [...metrics].sort((a, b) => rank(a) - rank(b));
}

function fits(metric: MetricFacts, search: string): boolean {
  const text = [metric.key, metric.context, ...metric.aliases].join("\n").toLowerCase();
  return search.toLowerCase().split(/\s+/).every((word) => text.includes(word));
}

function Best({ metric }: { metric: MetricFacts }) {
  const best: Stat | null = metric.best;
  if (metric.count < 2) return null;
  if (!best) return <span className="value missing">–</span>;
  return <span title={`at step ${String(best.step)}; ${metric.direction < 0 ? "less" : "more"} is better`}><ValueCell value={best.value} /></span>;
}

interface Course {
  x: number[];
  y: number[];
}

/** All small courses in one request. */
function useCourses(run: RunDetail, shown: readonly MetricFacts[]): Map<string, Course> {
  const wanted = shown.filter((metric) => metric.count > 1).slice(0, SPARKS_MAX);
  const key = wanted.map((metric) => `${metric.key}/${metric.context}/${metric.count}`).join("|");
  const query = useQuery(wanted.length ? `courses/${run.id}/${key}` : null, async (signal) => {
    const metrics = wanted.map((metric) => ({ key: metric.key, context: metric.context }));
    const frame = await api.series({ runs: [run.id], metrics, x: "step", buckets: 80 }, signal);
    return new Map(frame.header.lines.map((line) => {
      const metric = wanted[line.metric]!;
      const y = line.arrays.y ?? line.arrays.mean ?? line.arrays.last;
      return [`${metric.key}/${line.context}`, { x: [...frame.array(line.arrays.x)], y: y ? [...frame.array(y)] : [] }];
    }));
  });
  return query.data ?? new Map();
}

function Spark({ course }: { course: Course | undefined }) {
  const d = useMemo(() => {
    if (!course?.x.length) return "";
    const [x0, x1] = bounds([course.x]);
    const [y0, y1] = bounds([course.y]);
    return linePath(course.x, course.y, (x) => 2 + ((x - x0) / (x1 - x0 || 1)) * 96, (y) => 18 - ((y - y0) / (y1 - y0 || 1)) * 16);
  }, [course]);
  return <svg className="spark" width="100" height="20" aria-hidden="true">{d && <path d={d} />}</svg>;
}
