// Runs inside of this one, or beside it: the same parent's others.
import { useState } from "react";
import { api } from "../../api";
import { href, route } from "../../app/router";
import { clip, formatAgo, formatCell, formatCount, formatDuration } from "../../base/format";
import { useQuery } from "../../base/useQuery";
import { Button, Choice } from "../../components/Button";
import { Loaded, Panel } from "../../components/Panel";
import { StatusDot } from "../../components/Status";
import { ValueCell } from "../../components/ValueCell";
import type { ComparedRow, RunDetail } from "../../wire/types";

const FIRST = 12;
const PAGE = 200;
const METRICS_SHOWN = 3;
const PARAMS_SHOWN = 4;
const COMPARED_MAX = 100;

export function Children({ run }: { run: RunDetail }) {
  const above = run.ancestors.at(-1);
  const [view, setView] = useState<"inside" | "beside">(run.children ? "inside" : "beside");
  const [all, setAll] = useState(false);
  const parent = view === "inside" ? run.id : above!.id;
  const columns = ["duration", "started"];
  const limit = all ? PAGE : FIRST;
  const query = useQuery(`children/${parent}/${limit}/${run.status === "running" ? run.cursor : ""}`, (signal) =>
    api.runs({ columns, offset: 0, limit, parent, order: "position, started" }, signal));
  const ids = query.data?.rows.slice(0, COMPARED_MAX).map((row) => row.id) ?? [];
  const differences = useQuery(ids.length > 1 ? `telling/${ids.join()}/${run.status === "running" ? run.cursor : ""}` : null, (signal) =>
    api.compare({ runs: ids, sections: ["params", "metrics"], statistics: ["last"] }, signal));
  const telling = tellingRows(differences.data?.rows ?? []);
  const placeOf = new Map(differences.data?.runs.map((each, i) => [each.id, i]));
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
                <thead><tr><th>run</th><th>kind</th><th className="number">duration</th><th>started</th>{telling.map((row) => <th key={row.section + row.name} className="number" title={row.name}>{clip(row.section === "metrics" ? row.name.replace(/\.last$/, "") : row.name, 28)}</th>)}</tr></thead>
                <tbody>
                  {data.rows.map((row) => (
                    <tr key={row.id} aria-current={row.id === run.id ? "true" : undefined}>
                      <td><StatusDot status={row.status} /> <a href={href("run", row.id)}>{row.name}</a>{row.children > 0 && <span className="count">{row.children}</span>}</td>
                      <td className="muted">{row.kind}</td>
                      <td className="number">{typeof row.cells[0] === "number" ? formatDuration(row.cells[0]) : formatCell(row.cells[0])}</td>
                      <td className="muted">{typeof row.cells[1] === "number" ? formatAgo(row.cells[1]) : "–"}</td>
                      {telling.map((each) => <td key={each.section + each.name} className="number"><ValueCell value={each.values[placeOf.get(row.id) ?? -1]} chars={28} /></td>)}
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

/** Params in which these runs differ, and the metrics that say how good each was. */
export function tellingRows(rows: readonly ComparedRow[]): ComparedRow[] {
  const params = rows.filter((row) => row.section === "params" && row.differs);
  const rank = (name: string) => (/^(val|test|cv)\//.test(name) ? 0 : /loss|score|accuracy|objective|value/.test(name) ? 1 : 2);
  const metrics = rows.filter((row) => row.section === "metrics" && row.values.some((value) => value !== null));
  const best = [...metrics].sort((a, b) => rank(a.name) - rank(b.name));
  return [...params.slice(0, PARAMS_SHOWN), ...best.slice(0, METRICS_SHOWN)];
}
