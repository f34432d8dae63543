// A short list of runs to tick: the newest, or those that a filter or a piece of a name finds.
import { useEffect, useState } from "react";
import { api } from "../../api";
import { href } from "../../app/router";
import { clip, formatAgo } from "../../base/format";
import { useQuery } from "../../base/useQuery";
import { whereOf } from "../../base/where";
import { Button } from "../../components/Button";
import { Loaded, Panel } from "../../components/Panel";
import { StatusDot } from "../../components/Status";
import { RUNS_MAX } from "./address";

const COLUMNS = ["experiment", "started"];

export function RunPicker({ chosen, onChange, onClose }: { chosen: readonly string[]; onChange: (ids: string[]) => void; onClose?: () => void }) {
  const [text, setText] = useState("");
  const [asked, setAsked] = useState("");
  useEffect(() => {
    const timer = setTimeout(() => setAsked(text), 200);
    return () => clearTimeout(timer);
  }, [text]);
  const where = whereOf(asked);
  const query = useQuery(`${where}`, (signal) => api.runs({ where, columns: COLUMNS, offset: 0, limit: 50, nested: where !== "" }, signal));
  const toggle = (id: string) => onChange(chosen.includes(id) ? chosen.filter((each) => each !== id) : [...chosen, id]);
  return (
    <Panel
      title="Choose runs"
      className="run-picker"
      actions={onClose && <Button kind="quiet" icon="close" onClick={onClose}>Done</Button>}
    >
      <input type="search" className="field" value={text} aria-label="Find runs by name or filter" placeholder='Part of a name, or a filter: metrics["val/loss"].min < 0.2' onChange={(event) => setText(event.target.value)} />
      <Loaded query={query} isEmpty={(data) => data.rows.length === 0} empty={<>No runs{where ? " like that" : " yet"}. <a href={href("runs")}>All runs</a></>}>
        {(data) => (
          <ul>
            {data.rows.map((row) => {
              const ticked = chosen.includes(row.id);
              return (
                <li key={row.id}>
                  <label>
                    <input type="checkbox" checked={ticked} disabled={!ticked && chosen.length >= RUNS_MAX} onChange={() => toggle(row.id)} />
                    <StatusDot status={row.status} />
                    <span className="name">{clip(row.name, 80)}</span>
                    <span className="muted">{typeof row.cells[0] === "string" ? clip(row.cells[0], 40) : ""}</span>
                    <span className="faint">{typeof row.cells[1] === "number" ? formatAgo(row.cells[1]) : ""}</span>
                  </label>
                </li>
              );
            })}
          </ul>
        )}
      </Loaded>
    </Panel>
  );
}
