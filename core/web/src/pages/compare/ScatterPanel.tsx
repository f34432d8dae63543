// Any param or metric against any other, a point for each run.
import { useMemo } from "react";
import { href, route, useRoute } from "../../app/router";
import { useDark } from "../../app/theme";
import { colorBook, DARK, LIGHT } from "../../base/colors";
import { asNumber, formatCell } from "../../base/format";
import { inkAt } from "../../chart/colormap";
import { Figure } from "../../chart/Figure";
import { oneLine } from "../../chart/marks";
import { scaleFor } from "../../chart/scale";
import { XYPlot, type Paint, type XYPoint } from "../../chart/XYPlot";
import { VariableSelect, type ExploreState } from "./ExploreTab";
import { usualAxes } from "./usual";

export function ScatterPanel({ data, variables, metric, filter, hovered, setHovered }: ExploreState) {
  const { params } = useRoute();
  const dark = useDark();
  const find = (name: string) => variables.find((each) => each.field === params.get(name));
  const x = find("sx") ?? usualAxes(variables, null).find((each) => each.numeric) ?? variables.find((each) => each !== metric) ?? variables[0]!;
  const y = find("sy") ?? metric ?? variables[0]!;
  const color = find("sc");
  const points = useMemo<XYPoint[]>(() => {
    const scale = color && scaleFor(color.cells);
    return data.runs.map((run, i) => {
      let paint: Paint = colorBook.color(run.id, dark);
      if (color && scale) {
        const place = scale.place(color.cells[i]);
        const palette = dark ? DARK : LIGHT;
        paint = place === null ? { theme: "muted" } : scale.kind === "category" ? palette[Math.floor(place * scale.categories.length) % palette.length]! : inkAt(place, dark);
      }
      const facts: [string, string][] = [x, y, ...(color ? [color] : [])].map((each) => [each.name, oneLine(formatCell(each.cells[i]), 60)]);
      return { key: run.id, x: x.cells[i] ?? null, y: y.cells[i] ?? null, label: run.name, color: paint, size: 4.5, faint: !filter.keep[i], facts };
    });
  }, [data, x, y, color, dark, filter.keep]);
  const missing = points.filter((point) => point.x === null || point.y === null || [point.x, point.y].some((cell) => asNumber(cell) !== null && !Number.isFinite(asNumber(cell)!))).length;
  const axis = (variable: typeof x, wish: string) => ({ name: variable.name, kind: params.get(wish) === "log" ? ("log" as const) : undefined });
  return (
    <section className="panel padded">
      <Figure
        title="Scatter"
        caption={missing > 0 ? `${missing} of ${points.length} runs have no number for both.` : undefined}
        table={{
          columns: ["run", x.name, y.name],
          rows: () => data.runs.map((run, i) => ({ cells: [run.name, x.cells[i], y.cells[i]], href: href("run", run.id) })),
        }}
      >
        <div className="compare-tools flat">
          <label className="check">x <VariableSelect label="Horizontal axis of the scatter plot" variables={variables} value={x.field} onChange={(field) => route.patch({ sx: field }, true)} /></label>
          <label className="check">y <VariableSelect label="Vertical axis of the scatter plot" variables={variables} value={y.field} onChange={(field) => route.patch({ sy: field }, true)} /></label>
          <label className="check">colour <VariableSelect label="Colour of the points" variables={variables} value={color?.field ?? ""} none="run" onChange={(field) => route.patch({ sc: field }, true)} /></label>
        </div>
        <XYPlot
          label={`${y.name} against ${x.name} of ${points.length} runs`}
          points={points}
          x={axis(x, "sxs")}
          y={axis(y, "sys")}
          height={300}
          highlight={hovered}
          onHover={(point) => setHovered(point?.key ?? null)}
          onPick={(point) => route.go(href("run", point.key))}
        />
      </Figure>
    </section>
  );
}
