// Parallel coordinates of the compared runs; chosen ranges become the filter of the whole page.
import { useMemo, useState } from "react";
import { href, route, useRoute } from "../../app/router";
import { useDark } from "../../app/theme";
import { colorBook } from "../../base/colors";
import { asNumber, clip } from "../../base/format";
import { inkAt } from "../../chart/colormap";
import { Figure } from "../../chart/Figure";
import { Parallel, type ParallelAxis, type ParallelRow } from "../../chart/Parallel";
import { scaleFor } from "../../chart/scale";
import { Choice } from "../../components/Button";
import { MenuItem, Popover } from "../../components/Popover";
import type { ExploreState } from "./ExploreTab";
import type { Variable } from "./fields";
import { replaced } from "./filter";
import { brushOf, rangesOf } from "./ranges";
import { ranked } from "./ranked";
import { usualAxes } from "./usual";

const MENU_MAX = 60;

export function ParallelPanel({ data, variables, metric, filter, hovered, setHovered }: ExploreState) {
  const { params } = useRoute();
  const dark = useDark();
  const by = params.get("color") === "run" || !metric ? "run" : "metric";
  const wanted = params.getAll("axis").join("\n");
  const chosen = useMemo(() => {
    const asked = wanted.split("\n").flatMap((field) => variables.find((each) => each.field === field) ?? []);
    const brushed = (filter.brushes ?? []).flatMap((brush) => variables.find((each) => each.field === brush.field) ?? []);
    const base = asked.length >= 2 ? asked : usualAxes(variables, metric);
    return [...new Set([...brushed.filter((each) => !base.includes(each)), ...base])];
  }, [wanted, variables, metric, filter.brushes]);
  const axes = useMemo<ParallelAxis[]>(
    () => chosen.map((each) => ({ id: each.field, name: each.name, scale: scaleFor(each.cells) })),
    [chosen],
  );
  const rows = useMemo<ParallelRow[]>(() => {
    const share = ranked(metric?.cells ?? []);
    return data.runs.map((run, i) => {
      const value = metric ? asNumber(metric.cells[i]) : null;
      const color = by === "run" ? colorBook.color(run.id, dark) : value === null || !Number.isFinite(value) ? ({ theme: "muted" } as const) : inkAt(share(value), dark);
      return { key: run.id, label: run.name, color, cells: chosen.map((each) => each.cells[i]) };
    });
  }, [data, chosen, metric, by, dark]);
  const ranges = useMemo(() => rangesOf(axes, filter.brushes ?? []), [axes, filter.brushes]);
  // Typed by hand, the filter is no set of ranges: show what it keeps, and let a new range replace it.
  const kept = useMemo(() => (filter.brushes ? rows : rows.filter((_, i) => filter.keep[i])), [rows, filter]);
  return (
    <section className="panel padded">
      <Figure
        title="Parallel coordinates"
        caption="Drag along an axis to keep only the runs in that range, here and in all other tabs; click the axis to take it back."
        actions={
          <>
            <Choice label="Colour of lines" value={by} options={[{ value: "metric", label: "By metric" }, { value: "run", label: "By run" }]} onChange={(value) => route.patch({ color: value === "run" ? "run" : null }, true)} />
            <AxesMenu variables={variables} chosen={chosen} />
          </>
        }
        table={{
          columns: ["run", ...chosen.map((each) => each.name)],
          rows: () => data.runs.map((run, i) => ({ cells: [run.name, ...chosen.map((each) => each.cells[i])], href: href("run", run.id) })),
        }}
      >
        <Parallel
          label={`Parallel coordinates of ${data.runs.length} runs over ${axes.map((axis) => clip(axis.name, 30)).join(", ")}`}
          axes={axes}
          rows={kept}
          ranges={ranges}
          onRange={(axis, range) => filter.set(replaced(filter.brushes ?? [], axis.id, range && brushOf(axis.id, axis.scale, range)))}
          highlight={hovered}
          onHover={setHovered}
          onPick={(run) => route.go(href("run", run))}
        />
      </Figure>
    </section>
  );
}

function AxesMenu({ variables, chosen }: { variables: readonly Variable[]; chosen: readonly Variable[] }) {
  const [text, setText] = useState("");
  const found = variables.filter((each) => each.name.toLowerCase().includes(text.toLowerCase()));
  const first = [...found].sort((a, b) => Number(chosen.includes(b)) - Number(chosen.includes(a))).slice(0, MENU_MAX);
  const toggle = (variable: Variable) => {
    const next = chosen.includes(variable) ? chosen.filter((each) => each !== variable) : [...chosen, variable];
    if (next.length >= 2) route.patch({ axis: next.map((each) => each.field) }, true);
  };
  return (
    <Popover label="Choose the axes" text="Axes" icon="columns" align="right" badge={<span className="count">{chosen.length}</span>}>
      {() => (
        <div className="axes-menu">
          <input type="search" aria-label="Find axes" placeholder="Find params and metrics" value={text} onChange={(event) => setText(event.target.value)} />
          {first.map((each) => <MenuItem key={each.field} checked={chosen.includes(each)} onPick={() => toggle(each)}>{clip(each.name, 60)}</MenuItem>)}
          {found.length > first.length && <div className="menu-label">{found.length - first.length} more: search for them</div>}
          <MenuItem onPick={() => route.patch({ axis: null }, true)}>As proposed</MenuItem>
        </div>
      )}
    </Popover>
  );
}
