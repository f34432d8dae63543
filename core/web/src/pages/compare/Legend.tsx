// The compared runs: colour, name, state; which one is the baseline, and taking runs in and out.
import { useState } from "react";
import { href, route, useRoute } from "../../app/router";
import { useDark } from "../../app/theme";
import { colorBook } from "../../base/colors";
import { clip } from "../../base/format";
import { Button, IconButton } from "../../components/Button";
import { StatusDot } from "../../components/Status";
import type { Comparison } from "../../wire/types";
import { RunPicker } from "./RunPicker";

const CHIPS = 12;

/** Replaces the runs in the address; everything else stays. */
export function setRuns(ids: readonly string[]): void {
  route.patch({ run: null, runs: ids.join(",") });
}

export function Legend({ ids, runs, baseline }: { ids: string[]; runs: Comparison["runs"]; baseline: number }) {
  const dark = useDark();
  const { params } = useRoute();
  const [all, setAll] = useState(false);
  const [adding, setAdding] = useState(false);
  const shown = all || runs.length <= CHIPS + 2 ? runs : runs.slice(0, CHIPS);
  return (
    <>
      <ul className="compare-legend" aria-label="Compared runs">
        {shown.map((run, i) => (
          <li key={run.id} className={i === baseline ? "baseline" : ""}>
            <span className="swatch" style={{ background: colorBook.color(run.id, dark) }} aria-hidden="true" />
            <StatusDot status={run.status} />
            <a href={href("run", run.id)} title={run.name.slice(0, 2000)}>{clip(run.name, 40)}</a>
            {i === baseline
              ? <span className="tag" title="Numbers are compared with this run">baseline</span>
              : <IconButton icon="flag" label={`Compare with ${clip(run.name, 40)} (baseline)`} onClick={() => route.patch({ base: run.id })} />}
            {runs.length > 2 && (
              <IconButton icon="close" label={`Take ${clip(run.name, 40)} out`} onClick={() => setRuns(ids.filter((_, place) => place !== i))} />
            )}
          </li>
        ))}
        {shown.length < runs.length && <li><Button kind="quiet" onClick={() => setAll(true)}>{runs.length - shown.length} more</Button></li>}
        {all && <li><Button kind="quiet" onClick={() => setAll(false)}>Fewer</Button></li>}
        <li><Button kind="quiet" icon="plus" aria-expanded={adding} onClick={() => setAdding(!adding)}>Add runs</Button></li>
        <li><a className="button quiet" href={href("runs", "", { project: params.get("project") })}>To the table of runs</a></li>
      </ul>
      {adding && <RunPicker chosen={runs.map((run) => run.id)} onChange={setRuns} onClose={() => setAdding(false)} />}
    </>
  );
}
