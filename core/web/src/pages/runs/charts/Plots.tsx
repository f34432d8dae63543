// The drawing of a card: one chart, one for each facet on the same axes, or its numbers as a table.
import { useMemo } from "react";
import { extent, padded, type ChartLine, type XKind } from "../../../chart/model";
import { Numbers } from "../../../chart/Numbers";
import type { SyncGroup } from "../../../chart/sync";
import { linesTable } from "../../../chart/table";
import type { LineChart } from "../../../chart/linechart";
import { Chart } from "../../../components/Chart";
import type { View } from "../view";
import { keyOf } from "./lines";
import type { Facet } from "./look";

export interface PlotsProps {
  name: string;
  lines: ChartLine[];
  view: View;
  logY: boolean;
  axis: { xKind: XKind; xLabel: string };
  facets: Facet[] | null;
  height: number;
  sync: SyncGroup;
  chart: { current: LineChart | null };
  highlight: string | null;
  onHover: (key: string | null) => void;
  onZoom: (range: [number, number] | null) => void;
}

export function Plots({ name, lines, view, logY, axis, facets, chart, height, highlight, onHover, ...rest }: PlotsProps) {
  const parts = useMemo(() => (facets ? partsOf(facets, lines) : null), [facets, lines]);
  const common = {
    ...rest, ...axis, logX: view.logX, logY, clipOutliers: view.clip, xRange: view.range, highlight,
    onHover: (_x: number | null, key: string | null) => onHover(key === null ? null : keyOf(key)),
  };
  const label = `${name} of ${lines.length} ${lines.length === 1 ? "line" : "lines"}`;
  const ends = useMemo(() => (parts ? endsOf(lines, logY) : null), [parts, lines, logY]);
  if (!parts) return <Chart {...common} lines={lines} label={label} height={height} chart={chart} />;
  return (
    <div className="facets">
      {parts.map(({ label: facet, own }, i) => (
        <figure key={facet}>
          <figcaption title={facet}>{facet}</figcaption>
          <Chart
            {...common} lines={own} label={`${label}, ${facet}`} height={height} chart={i === 0 ? chart : undefined}
            xRange={view.range ?? ends?.x} yRange={view.clip ? undefined : ends?.y}
          />
        </figure>
      ))}
    </div>
  );
}

function partsOf(facets: readonly Facet[], lines: readonly ChartLine[]): { label: string; own: ChartLine[] }[] {
  return facets.map(({ label, keys }) => ({ label, own: lines.filter((line) => keys.has(keyOf(line.key))) })).filter(({ own }) => own.length > 0);
}

/** What all lines need: charts beside one another are read against one another. */
function endsOf(lines: readonly ChartLine[], logY: boolean): { x: [number, number] | null; y: [number, number] | null } {
  const x = extent(lines.map((line) => line.x));
  const y = extent(lines.flatMap((line) => [line.y, line.lo, line.hi, line.raw]), logY);
  return { x: x && x[0] < x[1] ? x : null, y: y && padded(y, logY) };
}

/** The same lines, to read. */
export function PlotNumbers({ name, lines, axis }: Pick<PlotsProps, "name" | "lines" | "axis">) {
  const table = useMemo(() => linesTable(lines, axis, name), [lines, axis.xKind, axis.xLabel, name]);
  return <Numbers table={table} label={name} />;
}
