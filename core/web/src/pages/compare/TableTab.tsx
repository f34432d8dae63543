// The table of differences, with what is shown of it: sections, all rows or only those that differ, statistics, search.
import { useMemo, useState } from "react";
import { route, useRoute } from "../../app/router";
import { formatDelta } from "../../base/format";
import { Button } from "../../components/Button";
import { Empty } from "../../components/Panel";
import { MenuItem, Popover } from "../../components/Popover";
import { ValueCell } from "../../components/ValueCell";
import type { ComparedRow, Comparison } from "../../wire/types";
import { CompareTable } from "./CompareTable";
import { linesOf } from "./rows";
import type { CompareState } from "./state";

const STATISTICS = ["first", "last", "min", "max", "best", "mean"];
const USUAL = ["last", "min", "max", "best"];

export function TableTab({ data, shown, all }: CompareState & { all: boolean }) {
  const { params } = useRoute();
  const search = params.get("search") ?? "";
  const closed = useMemo(() => new Set((params.get("folded") ?? "").split(",").filter(Boolean)), [params.get("folded")]);
  const [open, setOpen] = useState<ComparedRow | null>(null);
  const lines = useMemo(() => linesOf(data, search, closed), [data, search, closed]);
  const places = useMemo(() => [data.baseline, ...shown.filter((place) => place !== data.baseline)], [data.baseline, shown]);
  const toggle = (section: string) => {
    const next = new Set(closed);
    if (!next.delete(section)) next.add(section);
    route.patch({ folded: [...next].join(",") }, true);
  };
  return (
    <div className="compare-body">
      <div className="compare-tools">
        <input type="search" className="field" placeholder="Find rows" aria-label="Find rows by name" value={search} onChange={(event) => route.patch({ search: event.target.value }, true)} />
        <label className="check">
          <input type="checkbox" checked={all} onChange={(event) => route.patch({ all: event.target.checked })} />
          Show what is the same, too
        </label>
        <StatisticsMenu />
      </div>
      {lines.length > 0
        ? <CompareTable data={data} lines={lines} places={places} onToggle={toggle} onOpen={setOpen} />
        : <Empty>{search ? "No row has such a name." : "These runs don't differ in anything that was recorded."}</Empty>}
      {open && <RowDetail data={data} row={open} places={places} onClose={() => setOpen(null)} />}
    </div>
  );
}

function StatisticsMenu() {
  const { params } = useRoute();
  const chosen = params.get("stats")?.split(",") ?? USUAL;
  const toggle = (name: string) => {
    const next = STATISTICS.filter((each) => (each === name) !== chosen.includes(each));
    if (next.length) route.patch({ stats: next.join(",") === USUAL.join(",") ? null : next.join(",") }, true);
  };
  return (
    <Popover label="Which numbers of each metric" text="Statistics" icon="columns">
      {() => STATISTICS.map((name) => <MenuItem key={name} checked={chosen.includes(name)} onPick={() => toggle(name)}>{name}</MenuItem>)}
    </Popover>
  );
}

/** One row in full: every run's value, uncut. */
function RowDetail({ data, row, places, onClose }: { data: Comparison; row: ComparedRow; places: number[]; onClose: () => void }) {
  return (
    <section className="row-detail" aria-label={`All values of ${row.name.slice(0, 200)}`} onKeyDown={(event) => event.key === "Escape" && onClose()}>
      <header>
        <h2>{row.section}: <span className="mono">{row.name.slice(0, 500)}</span></h2>
        <Button kind="quiet" icon="close" autoFocus onClick={onClose}>Close</Button>
      </header>
      <div className="row-values">
        <table className="plain-table">
          <tbody>
            {places.map((place) => (
              <tr key={place}>
                <th scope="row">{data.runs[place]!.name.slice(0, 200)}</th>
                <td><ValueCell value={row.values[place]} chars={2000} /></td>
                <td className="number">{row.deltas?.[place] != null && place !== data.baseline ? formatDelta(row.deltas[place]!, 5) : ""}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
