// What runs are grouped by: params and fields of every run, outermost first.
import { useState } from "react";
import { api } from "../../api";
import { useQuery } from "../../base/useQuery";
import { Button, IconButton } from "../../components/Button";
import { MenuItem, Popover } from "../../components/Popover";
import type { FieldId } from "../../wire/types";
import { titleOf } from "./fields";

const OWN = ["experiment", "source", "status", "kind", "user", "host"];

export function GroupMenu({ project, group, onChange }: { project: string; group: FieldId[]; onChange: (group: FieldId[]) => void }) {
  const named = group.map((id) => titleOf(id).title).join(", ");
  return (
    <Popover label="Group runs" icon="group" text={<span className="button-text">{named ? `Group: ${named}` : "Group"}</span>} className={group.length ? "on" : ""}>
      {(close) => <Fields project={project} group={group} onChange={onChange} close={close} />}
    </Popover>
  );
}

function Fields({ project, group, onChange, close }: { project: string; group: FieldId[]; onChange: (group: FieldId[]) => void; close: () => void }) {
  const [search, setSearch] = useState("");
  const query = useQuery(`${project}/${search}`, (signal) => api.columns({ project, search, kind: "param", limit: 200, counts: "0" }, signal));
  const own = OWN.filter((id) => titleOf(id).title.toLowerCase().includes(search.toLowerCase()));
  const pick = (id: FieldId) => {
    onChange(group.includes(id) ? group.filter((each) => each !== id) : [...group, id]);
    if (!group.length) close();
  };
  return (
    <div className="group-menu">
      <input type="search" aria-label="Search params to group by" placeholder="Group by…" value={search} onChange={(event) => setSearch(event.target.value)} />
      {group.map((id) => (
        <div key={id} className="chosen-row">
          <span>{titleOf(id).title}</span>
          <IconButton icon="close" label={`Don't group by ${titleOf(id).title}`} onClick={() => pick(id)} />
        </div>
      ))}
      {group.length > 0 && <div className="menu-line" />}
      <div className="group-options">
        {own.map((id) => <MenuItem key={id} checked={group.includes(id)} onPick={() => pick(id)}>{titleOf(id).title}</MenuItem>)}
        <div className="menu-label">Params</div>
        {query.data?.columns.map((column) => (
          <MenuItem key={column.id} checked={group.includes(column.id)} onPick={() => pick(column.id)}>
            <span className="ellipsis" title={column.name}>{column.name}</span>
          </MenuItem>
        ))}
      </div>
      {group.length > 0 && <Button kind="quiet" onClick={() => { onChange([]); close(); }}>Don't group</Button>}
    </div>
  );
}
