// What runs are grouped by: params and fields of every run, outermost first.
import { Button, IconButton } from "../../components/Button";
import { Popover } from "../../components/Popover";
import type { FieldId } from "../../wire/types";
import { FieldOptions } from "./FieldOptions";
import { titleOf } from "./fields";

export function GroupMenu({ project, group, onChange }: { project: string; group: FieldId[]; onChange: (group: FieldId[]) => void }) {
  const named = group.map((id) => titleOf(id).title).join(", ");
  const toggled = (id: FieldId) => (group.includes(id) ? group.filter((each) => each !== id) : [...group, id]);
  return (
    <Popover label="Group runs" icon="group" text={<span className="button-text">{named ? `Group: ${named}` : "Group"}</span>} className={group.length ? "on" : ""}>
      {(close) => (
        <div className="group-menu">
          {group.map((id) => (
            <div key={id} className="chosen-row">
              <span>{titleOf(id).title}</span>
              <IconButton icon="close" label={`Don't group by ${titleOf(id).title}`} onClick={() => onChange(toggled(id))} />
            </div>
          ))}
          {group.length > 0 && <div className="menu-line" />}
          <FieldOptions
            project={project} label="Search params to group by" chosen={group}
            onPick={(id) => {
              onChange(toggled(id));
              if (!group.length) close();
            }}
          />
          {group.length > 0 && <Button kind="quiet" onClick={() => { onChange([]); close(); }}>Don't group</Button>}
        </div>
      )}
    </Popover>
  );
}
