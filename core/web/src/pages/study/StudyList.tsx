// All studies of the store, newest first.
import { api } from "../../api";
import { href } from "../../app/router";
import { clip, formatAgo } from "../../base/format";
import { useQuery } from "../../base/useQuery";
import { Loaded, Panel } from "../../components/Panel";
import { StatusBadge } from "../../components/Status";

const COLUMNS = ["started", "children.count", "experiment"];

export function StudyList() {
  const query = useQuery("studies", (signal) => api.runs({ where: 'kind == "study"', columns: COLUMNS, offset: 0, limit: 200, nested: true }, signal));
  return (
    <div className="page">
      <div className="page-body">
        <h1>Studies</h1>
        <Panel>
          <Loaded query={query} isEmpty={(data) => !data.rows.length} empty="No hyperparameter study was recorded yet. Optuna's studies are recorded by themselves.">
            {(data) => (
              <table className="plain-table">
                <thead><tr><th>Study</th><th>State</th><th className="number">Trials</th><th>Started</th></tr></thead>
                <tbody>
                  {data.rows.map((row) => (
                    <tr key={row.id}>
                      <td><a href={href("study", row.id)}>{clip(row.name, 120)}</a></td>
                      <td><StatusBadge status={row.status} /></td>
                      <td className="number">{row.children}</td>
                      <td>{formatAgo(typeof row.cells[0] === "number" ? row.cells[0] : null)}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
            )}
          </Loaded>
        </Panel>
      </div>
    </div>
  );
}
