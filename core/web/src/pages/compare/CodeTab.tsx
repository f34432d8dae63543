// What changed in the code between the baseline and another run.
import { api } from "../../api";
import { route, useRoute } from "../../app/router";
import { clip } from "../../base/format";
import { useQuery } from "../../base/useQuery";
import { Loaded, Panel } from "../../components/Panel";
import type { CompareState } from "./state";
import { DiffView } from "../run/DiffView";
import "../run/run.css";

export function CodeTab({ data }: CompareState) {
  const { params } = useRoute();
  const base = data.runs[data.baseline]!;
  const others = data.runs.filter((run) => run !== base);
  const other = others.find((run) => run.id === params.get("with")) ?? others[0]!;
  const query = useQuery(`${base.id} ${other.id}`, (signal) => api.diff(base.id, other.id, signal), false);
  return (
    <div className="page-body">
      <div className="compare-tools flat">
        <label className="check">
          From the baseline <strong>{clip(base.name, 40)}</strong> to
          <select value={other.id} onChange={(event) => route.patch({ with: event.target.value })}>
            {others.map((run) => <option key={run.id} value={run.id}>{clip(run.name, 60)}</option>)}
          </select>
        </label>
      </div>
      <Panel title="Code">
        <Loaded query={query}>
          {(diff) => (
            <>
              {diff.truncated && <p className="muted">The difference is very long; only its beginning is shown.</p>}
              <DiffView text={diff.diff} empty="The code that was kept of both runs is the same." />
            </>
          )}
        </Loaded>
      </Panel>
    </div>
  );
}
