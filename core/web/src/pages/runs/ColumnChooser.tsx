// Which columns the table has: search through all names, grouped by namespace, with those shown at the top.
import { useMemo, useState } from "react";
import { api } from "../../api";
import { useQuery } from "../../base/useQuery";
import { Button, Choice, IconButton } from "../../components/Button";
import { Icon } from "../../components/Icon";
import { Loading } from "../../components/Panel";
import type { Column, FieldId } from "../../wire/types";
import { parseField, STATS, titleOf, withStat } from "./fields";

type Kind = "all" | "field" | "param" | "metric" | "system_metric";
const KINDS = [
  { value: "all", label: "All" }, { value: "param", label: "Params" }, { value: "metric", label: "Metrics" },
  { value: "field", label: "Run" }, { value: "system_metric", label: "System" },
] as const satisfies readonly { value: Kind; label: string }[];
const SHOWN_MAX = 1000;

interface Props {
  project: string;
  columns: FieldId[];
  onChange: (columns: FieldId[] | null) => void;
}

export function ColumnChooser({ project, columns, onChange }: Props) {
  const [search, setSearch] = useState("");
  const [kind, setKind] = useState<Kind>("all");
  const query = useQuery(`${project}/${search}/${kind}`, (signal) =>
    api.columns({ project, search, kind: kind === "all" ? undefined : kind, limit: SHOWN_MAX, counts: "0" }, signal),
  );
  const spaces = useMemo(() => bySpace(query.data?.columns ?? []), [query.data]);
  const shown = new Set(columns.map((id) => withStat(id, "last")));
  const toggle = (id: FieldId) =>
    onChange(shown.has(id) ? columns.filter((each) => withStat(each, "last") !== id) : [...columns, id]);
  return (
    <div className="chooser">
      <input type="search" aria-label="Search columns" placeholder="Search columns" value={search} onChange={(event) => setSearch(event.target.value)} />
      <Choice label="Kind of column" value={kind} options={KINDS} onChange={setKind} />
      {!search && columns.length > 0 && <Chosen columns={columns} onChange={onChange} />}
      {query.data ? (
        <div className="chooser-list">
          {spaces.map(([space, members]) => (
            <Space key={space} name={space} members={members} shown={shown} toggle={toggle} all={(on) => onChange(on ? [...columns, ...members.map((m) => m.id).filter((id) => !shown.has(id))] : columns.filter((id) => !members.some((m) => m.id === withStat(id, "last"))))} open={search !== "" || spaces.length < 8 || members.length < 6} />
          ))}
          {query.data.total > SHOWN_MAX && <div className="menu-label">{query.data.total - SHOWN_MAX} more: search for them</div>}
          {query.data.total === 0 && <div className="menu-label">No such column</div>}
        </div>
      ) : (
        <Loading />
      )}
      <footer>
        <Button kind="quiet" onClick={() => onChange(null)}>Usual columns</Button>
        <Button kind="quiet" onClick={() => onChange([])}>None</Button>
      </footer>
    </div>
  );
}

/** Namespaces are what stands before the first "/" or "." of a name. */
function bySpace(columns: Column[]): [string, Column[]][] {
  const spaces = new Map<string, Column[]>();
  for (const column of columns) {
    const cut = column.name.search(/[/.]/);
    const prefix = column.kind === "field" ? "" : cut > 0 ? column.name.slice(0, cut) : "";
    const heads: Record<string, string> = { param: "params", metric: "metrics", system_metric: "system", field: "run" };
    const space = prefix ? `${heads[column.kind]} › ${prefix}` : heads[column.kind]!;
    spaces.set(space, [...(spaces.get(space) ?? []), column]);
  }
  return [...spaces].sort((a, b) => a[0].localeCompare(b[0]));
}

function Space({ name, members, shown, toggle, all, open }: { name: string; members: Column[]; shown: Set<FieldId>; toggle: (id: FieldId) => void; all: (on: boolean) => void; open: boolean }) {
  const [expanded, setExpanded] = useState<boolean | null>(null);
  const count = members.filter((member) => shown.has(member.id)).length;
  const isOpen = expanded ?? (open || count > 0);
  return (
    <section>
      <header>
        <button type="button" aria-expanded={isOpen} onClick={() => setExpanded(!isOpen)}>
          <Icon name={isOpen ? "down" : "right"} size={11} />
          {name}
          <span className="count">{count ? `${count} of ${members.length}` : members.length}</span>
        </button>
        {isOpen && members.length > 1 && members.length <= 60 && (
          <button type="button" className="all" onClick={() => all(count < members.length)}>{count < members.length ? "all" : "none"}</button>
        )}
      </header>
      {isOpen &&
        members.map((member) => (
          <label key={member.id}>
            <input type="checkbox" checked={shown.has(member.id)} onChange={() => toggle(member.id)} />
            <span title={member.name}>{member.name}</span>
          </label>
        ))}
    </section>
  );
}

function Chosen({ columns, onChange }: { columns: FieldId[]; onChange: (columns: FieldId[]) => void }) {
  const move = (at: number, step: number) => {
    const next = [...columns];
    const [id] = next.splice(at, 1);
    next.splice(at + step, 0, id!);
    onChange(next);
  };
  return (
    <div className="chosen" aria-label="Shown columns, in order">
      {columns.map((id, at) => {
        const { title, group } = titleOf(id);
        const { family, stat } = parseField(id);
        return (
          <div key={id} className="chosen-row">
            <span title={id}>{group && <small>{group}/</small>}{family === "metrics" ? parseField(id).name : title}</span>
            {(family === "metrics" || family === "system_metrics") && (
              <select aria-label={`Statistic of ${title}`} value={stat || "last"} onChange={(event) => onChange(columns.map((each, i) => (i === at ? withStat(id, event.target.value) : each)))}>
                {STATS.map((each) => <option key={each}>{each}</option>)}
              </select>
            )}
            <IconButton icon="up" label={`Move ${title} up`} disabled={at === 0} onClick={() => move(at, -1)} />
            <IconButton icon="down" label={`Move ${title} down`} disabled={at === columns.length - 1} onClick={() => move(at, 1)} />
            <IconButton icon="close" label={`Hide ${title}`} onClick={() => onChange(columns.filter((each) => each !== id))} />
          </div>
        );
      })}
    </div>
  );
}
