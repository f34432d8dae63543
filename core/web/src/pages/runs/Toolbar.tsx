// The row above table and charts: project, filter, grouping, columns, and what is shown beside what.
import { useRef, type RefObject } from "react";
import { api } from "../../api";
import { useQuery } from "../../base/useQuery";
import { Choice } from "../../components/Button";
import { MenuItem, Popover } from "../../components/Popover";
import type { FieldId } from "../../wire/types";
import { ColumnChooser } from "./ColumnChooser";
import { FilterBar } from "./FilterBar";
import { GroupMenu } from "./GroupMenu";
import type { View } from "./view";

interface Props {
  view: View;
  columns: FieldId[];
  change: (change: Partial<View>, replace?: boolean) => void;
  input: RefObject<HTMLInputElement | null>;
  narrowTab: "table" | "charts";
  onNarrowTab: (tab: "table" | "charts") => void;
  /** The first rows are there: what can wait for them may ask now. */
  ready: boolean;
}

const LAYOUTS = [
  { value: "table", label: "Table only ([)", icon: "table" },
  { value: "both", label: "Table and charts", icon: "split" },
  { value: "charts", label: "Charts only (])", icon: "chart" },
] as const;

export function Toolbar({ view, columns, change, input, narrowTab, onNarrowTab, ready }: Props) {
  return (
    <div className="toolbar">
      <ProjectMenu view={view} change={change} ready={ready} />
      <FilterBar value={view.where} project={view.project} onApply={(where) => change({ where })} input={input} />
      <GroupMenu project={view.project} group={view.group} onChange={(group) => change({ group, hide: [] })} />
      <Popover label="Columns" icon="columns" text={<span className="button-text">Columns</span>} align="right">
        {() => <ColumnChooser project={view.project} columns={columns} onChange={(next) => change({ columns: next }, true)} />}
      </Popover>
      <Popover label="More" icon="more" align="right">
        {(close) => (
          <>
            <MenuItem checked={view.nested} onPick={() => { change({ nested: !view.nested }); close(); }}>List folds, trials and other inner runs, too</MenuItem>
            <MenuItem checked={view.archived} onPick={() => { change({ archived: !view.archived }); close(); }}>Show archived runs only</MenuItem>
            <div className="menu-line" />
            <MenuItem icon="link" onPick={() => { void navigator.clipboard?.writeText(location.href); close(); }}>Copy link to this view</MenuItem>
          </>
        )}
      </Popover>
      <div className="wide-only">
        <Choice label="What is shown" value={view.layout} options={LAYOUTS} onChange={(layout) => change({ layout })} />
      </div>
      <div className="narrow-only">
        <Choice label="What is shown" value={narrowTab} options={[LAYOUTS[0], LAYOUTS[2]]} onChange={onNarrowTab} />
      </div>
    </div>
  );
}

function ProjectMenu({ view, change, ready }: Pick<Props, "view" | "change" | "ready">) {
  const asked = useRef(false);
  asked.current ||= ready;
  const query = useQuery(asked.current ? "projects" : null, (signal) => api.projects(signal));
  const projects = query.data?.projects ?? [];
  const name = view.experiment ? `${view.project || "All"} / ${view.experiment}` : view.project || "All projects";
  const experiments = projects.filter((project) => !view.project || project.name === view.project).flatMap((project) => project.experiments.map((each) => ({ ...each, project: project.name })));
  if (projects.length <= 1 && experiments.length <= 1 && !view.project && !view.experiment) return null;
  return (
    <Popover label="Project and experiment" icon="layers" text={<span className="project-name">{name || "default"}</span>}>
      {(close) => {
        const pick = (project: string, experiment: string) => () => {
          change({ project, experiment, show: [], hide: [] });
          close();
        };
        return (
          <>
            <MenuItem checked={!view.project && !view.experiment} onPick={pick("", "")}>All projects</MenuItem>
            <div className="menu-label">Projects</div>
            {projects.map((project) => (
              <MenuItem key={project.name} checked={view.project === project.name && !view.experiment} onPick={pick(project.name, "")}>
                <span className="ellipsis">{project.name || "(no name)"}</span>
                <span className="count">{project.runs}</span>
              </MenuItem>
            ))}
            {experiments.length > 1 && <div className="menu-label">Experiments</div>}
            {experiments.length > 1 &&
              experiments.slice(0, 200).map((each) => (
                <MenuItem key={`${each.project}/${each.name}`} checked={view.experiment === each.name} onPick={pick(view.project, each.name)}>
                  <span className="ellipsis">{each.name || "(no name)"}</span>
                  <span className="count">{each.runs}</span>
                </MenuItem>
              ))}
          </>
        );
      }}
    </Popover>
  );
}
