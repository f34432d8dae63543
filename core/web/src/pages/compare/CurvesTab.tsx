// Curves of the compared runs over one another: the chart wall of the runs page, with these runs on it.
import { useMemo, useRef, useState } from "react";
import type { CompareState } from "./state";
import { ChartWall } from "../runs/charts/ChartWall";
import { useLook } from "../runs/charts/look";
import type { Plotted } from "../runs/plotted";
import { useView } from "../runs/view";

export function CurvesTab({ data, shown }: CompareState) {
  const [view, change] = useView();
  const [hovered, setHovered] = useState<string | null>(null);
  const find = useRef<HTMLInputElement>(null);
  const plotted = useMemo<Plotted[]>(
    () => shown.map((place) => {
      const run = data.runs[place]!;
      return { key: run.id, label: run.name, runs: [run.id], group: false, running: run.status === "running" };
    }),
    [data, shown],
  );
  // Colours and names stand above, in the legend of the page: the wall needs none of its own.
  const own = useMemo(() => ({ ...view, layout: "both" as const, project: "" }), [view]);
  const look = useLook(plotted, own);
  return <ChartWall plotted={plotted} view={own} look={look} change={change} highlight={hovered} onHover={setHovered} find={find} />;
}
