// Bars over time: when each trial or step began and ended, and how.
import { useCallback, useMemo, useRef } from "react";
import { formatDate, formatDuration } from "../base/format";
import type { Pointer, Stage } from "./Canvas";
import { drawFrame, frameOf } from "./frame";
import { Marked, type Found } from "./Marked";
import { oneLine } from "./marks";
import { flipped, numericScale } from "./scale";
import { TipFacts } from "./Tip";
import { paint, type Paint } from "./XYPlot";

export interface TimeBar {
  key: string;
  label: string;
  /** Microseconds; end null: still running. */
  from: number;
  to: number | null;
  color: Paint;
  /** Only an outline, as of pruned and failed ones. */
  hollow?: boolean;
  state: string;
}

export function Timeline({ label, bars, now, name, onPick }: {
  label: string;
  bars: readonly TimeBar[];
  /** Microseconds: until here go the bars of what is still running. */
  now: number;
  /** What there is one bar of. */
  name: string;
  onPick?: (bar: TimeBar) => void;
}) {
  const boxes = useRef<[number, number, number, number][]>([]);
  const scales = useMemo(() => {
    let low = Infinity;
    let high = -Infinity;
    for (const bar of bars) {
      low = Math.min(low, bar.from);
      high = Math.max(high, bar.to ?? now, bar.from + 1000);
    }
    return { x: numericScale(low <= high ? [low, high] : [0, 1], "time"), y: flipped(numericScale([-0.5, bars.length - 0.5])) };
  }, [bars, now]);
  const height = Math.min(Math.max(bars.length * 9 + 60, 140), 420);
  const draw = useCallback((stage: Stage) => {
    const names = { x: "", y: name };
    const frame = frameOf(stage, scales.x, scales.y, names);
    drawFrame(stage, frame, scales.x, scales.y, names);
    const room = frame.height / Math.max(bars.length, 1);
    const thick = Math.min(Math.max(room * 0.7, 1), 14);
    boxes.current = bars.map((bar, i) => {
      const from = frame.toX(scales.x.place(bar.from) ?? 0);
      const to = frame.toX(scales.x.place(bar.to ?? now) ?? 1);
      return [from, frame.toY(scales.y.place(i) ?? 0) - thick / 2, Math.max(to - from, 2), thick];
    });
    bars.forEach((bar, i) => {
      const [x, y, w, h] = boxes.current[i]!;
      stage.g.fillStyle = stage.g.strokeStyle = paint(bar.color, stage.theme);
      stage.g.lineWidth = 1.2;
      stage.g.globalAlpha = bar.hollow ? 0.25 : 0.9;
      stage.g.fillRect(x, y, w, h);
      stage.g.globalAlpha = 1;
      if (bar.hollow && h > 3) stage.g.strokeRect(x + 0.5, y + 0.5, Math.max(w - 1, 1), h - 1);
    });
  }, [bars, scales, now, name]);
  const find = (at: Pointer): Found | null => {
    const index = boxes.current.findIndex(([x, y, w, h]) => at.x >= x - 3 && at.x <= x + w + 3 && at.y >= y - 2 && at.y <= y + h + 2);
    return index < 0 ? null : { index, x: at.x, y: at.y };
  };
  return (
    <Marked
      items={bars} height={height} draw={draw} label={label} find={find} onPick={onPick}
      tip={(bar) => (
        <TipFacts
          name={oneLine(bar.label)}
          facts={[["state", bar.state], ["started", formatDate(bar.from)], ["took", bar.to === null ? "still running" : formatDuration((bar.to - bar.from) / 1e6)]]}
        />
      )}
    />
  );
}
