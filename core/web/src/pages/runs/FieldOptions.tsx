// What runs are told apart by: fields of every run and params, with a search; for menus.
import { useState } from "react";
import { api } from "../../api";
import { useQuery } from "../../base/useQuery";
import { MenuItem } from "../../components/Popover";
import type { FieldId } from "../../wire/types";
import { titleOf } from "./fields";

const OWN = ["experiment", "source", "status", "kind", "user", "host"];

export function FieldOptions({ project, label, chosen, onPick }: {
  project: string;
  /** Of the search, e.g. "Search params to group by". */
  label: string;
  chosen: readonly FieldId[];
  onPick: (id: FieldId) => void;
}) {
  const [search, setSearch] = useState("");
  const query = useQuery(`${project}/${search}`, (signal) => api.columns({ project, search, kind: "param", limit: 200, counts: "0" }, signal));
  const own = OWN.filter((id) => titleOf(id).title.toLowerCase().includes(search.toLowerCase()));
  return (
    <>
      <input type="search" aria-label={label} placeholder="Find a param or field" value={search} onChange={(event) => setSearch(event.target.value)} />
      <div className="group-options">
        {own.map((id) => <MenuItem key={id} checked={chosen.includes(id)} onPick={() => onPick(id)}>{titleOf(id).title}</MenuItem>)}
        <div className="menu-label">Params</div>
        {query.data?.columns.map((column) => (
          <MenuItem key={column.id} checked={chosen.includes(column.id)} onPick={() => onPick(column.id)}>
            <span className="ellipsis" title={column.name}>{column.name}</span>
          </MenuItem>
        ))}
      </div>
    </>
  );
}
