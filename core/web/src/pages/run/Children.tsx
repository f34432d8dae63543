// Runs inside of this one, or beside it: the same parent's others.
import { useState } from "react";
import { api } from "../../api";
import { href, route } from "../../app/router";
import { formatAgo, formatCell, formatCount, formatDuration } from "../../base/format";
import { useQuery } from "../../base/useQuery";
import { Button, Choice } from "../../components/Button";
import { Loaded, Panel } from "../../components/Panel";
import { StatusDot } from "../../components/Status";
import { ValueCell } from "../../components/ValueCell";
import type { RunDetail } from "../../wire/types";

const FIRST = 12;
const PAGE = 200;
const METRICS_SHOWN = 3;

export function Children({ run }: { run: RunDetail }) {
  const above = run.ancestors.at(-1);
  const [view, setView] = useState<"inside" | "beside">(run.children ? "inside" : "beside");
  const [all, setAll] = useState(false);
  const parent = view === "inside" ? run.id : above!.id;
  const metrics = useMetrics(run);
  const columns = ["duration", "started", ...metrics.map((key) => `metrics[${JSON.stringify(key)}]`)];
  const limit = all ? PAGE : FIRST;
  const query = useQuery(`children/${parent}/${limit}/${columns.join()}/${run.status === "running" ? run.cursor : ""}`, (signal) =>
    api.runs({ columns, offset: 0, limit, parent, order: "position, started" }, signal));
  const kinds = Object.entries(run.children_kinds).map(([kind, count]) => `${formatCount(count)} ${kind}${count === 1 ? "" : "s"}`).join(", ");
  const title = view === "inside" ? <>Runs inside<span className="count">{kinds}</span></> : <>Beside it in {above?.name}</>;
  return (
    <Panel
      title={title}
      actions={
        <>
          {run.children > 0 && above && (
            <Choice label="Which runs" value={view} onChange={setView} options={[{ value: "inside", label: "Inside" }, { value: "beside", label: "Beside" }]} />
          )}
          <Button kind="quiet" icon="split" onClick={() => route.go(href("compare", "", { runs: query.data?.rows.slice(0, 100).map((row) => row.id).join(",") }))} disabled={(query.data?.rows.length ?? 0) < 2}>Compare</Button>
        </>
      }
    >
      <Loaded query={query} isEmpty={(data) => !data.rows.length} empty="No runs here.">
        {(data) => (
          <>
            <div className="table-scroll">
              <table className="plain-table children">
                <thead><tr><th>run</th><th>kind</th><th className="number">duration</th><th>started</th>{metrics.map((key) => <th key={key} className="number">{key}</th>)}</tr></thead>
                <tbody>
                  {data.rows.map((row) => (
                    <tr key={row.id} aria-current={row.id === run.id ? "true" : undefined}>
                      <td><StatusDot status={row.status} /> <a href={href("run", row.id)}>{row.name}</a>{row.children > 0 && <span className="count">{row.children}</span>}</td>
                      <td className="muted">{row.kind}</td>
                      <td className="number">{typeof row.cells[0] === "number" ? formatDuration(row.cells[0]) : formatCell(row.cells[0])}</td>
                      <td className="muted">{typeof row.cells[1] === "number" ? formatAgo(row.cells[1]) : "–"}</td>
                      {metrics.map((key, i) => <td key={key} className="number"><ValueCell value={row.cells[i + 2]} /></td>)}
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
            {data.total > data.rows.length && (
              <p className="muted more-rows">
                {formatCount(data.rows.length)} of {formatCount(data.total)}
                {!all && <Button kind="quiet" onClick={() => setAll(true)}>Show more</Button>}
              </p>
            )}
          </>
        )}
      </Loaded>
    </Panel>
  );
}

/** A few metrics that say how good a run was: those of the run itself, summaries first. */
function useMetrics(run: RunDetail): string[] {
  const own = [...new Set(run.metrics.map((metric) => metric.key))];
  const rank = (key: string) => (key.startsWith("best/") ? 0 : /^(val|test|cv)\//.test(key) ? 1 : 2);
  return own.map((key) => key.replace(/^best\//, "")).filter((key, i, keys) => keys.indexOf(key) === i).sort((a, b) => rank(a) - rank(b)).slice(0, METRICS_SHOWN);
}
