// A line chart in a page: gives the framework-free LineChart a place, lines and the theme.
import "uplot/dist/uPlot.min.css";
import { useEffect, useRef } from "react";
import { useDark } from "../app/theme";
import { LineChart } from "../chart/linechart";
import type { ChartEvents, ChartLine, ChartOptions } from "../chart/model";
import type { SyncGroup } from "../chart/sync";

export interface ChartProps extends Omit<ChartOptions, "dark">, ChartEvents {
  lines: ChartLine[];
  height?: number;
  /** What the chart shows, for those who can't see it. */
  label: string;
  sync?: SyncGroup;
  /** Hands out the chart, e.g. to save its picture. */
  chart?: { current: LineChart | null };
}

export function Chart({ lines, height = 220, label, sync, chart, onZoom, onHover, onPick, ...options }: ChartProps) {
  const root = useRef<HTMLDivElement>(null);
  const own = useRef<LineChart | null>(null);
  const dark = useDark();
  const all: ChartOptions = { ...options, dark };
  useEffect(() => {
    const made = new LineChart(root.current!, all, {}, sync);
    own.current = made;
    if (chart) chart.current = made;
    return () => {
      made.destroy();
      own.current = null;
      if (chart) chart.current = null;
    };
  }, [sync]);
  const state = JSON.stringify(all);
  useEffect(() => own.current?.update(lines, all), [lines, state, sync]);
  useEffect(() => own.current?.setEvents({ onZoom, onHover, onPick }));
  return <div ref={root} className="chart" role="img" aria-label={label} style={{ height }} />;
}
