// Series of runs as lines of a chart.
import type { ChartLine } from "../../chart/model";
import type { Frame } from "../../wire/frame";
import type { Line } from "../../wire/types";

export interface LineStyle {
  id: string;
  name: string;
  color: string;
}

const DASHES: (number[] | undefined)[] = [undefined, [6, 4], [2, 3], [8, 3, 2, 3]];

/** Lines of a frame; another context of the same run has another dash. `styles` are by place in the request. */
export function chartLines(frame: Frame, styles: readonly LineStyle[]): ChartLine[] {
  const contexts = new Map<string, number>();
  for (const line of frame.header.lines) if (line.context && !contexts.has(line.context)) contexts.set(line.context, contexts.size + 1);
  return frame.header.lines.flatMap((line) => {
    const style = styles[line.run];
    if (!style || line.problem) return [];
    const dash = line.context ? DASHES[contexts.get(line.context)! % DASHES.length] : undefined;
    return [{ ...arraysOf(frame, line), key: `${style.id} ${line.context}`, label: line.context ? `${style.name} [${line.context}]` : style.name, color: style.color, dash }];
  });
}

function arraysOf({ array }: Frame, { arrays, form, total }: Line): Pick<ChartLine, "x" | "y" | "lo" | "hi" | "raw" | "nan" | "inf" | "ninf" | "total" | "sampled"> {
  const x = array(arrays.x);
  const own = arrays.y ?? arrays.mean;
  const raw = own ? array(own) : new Float64Array(x.length).fill(NaN);
  const smooth = arrays.smooth && array(arrays.smooth);
  return {
    x,
    y: smooth ?? raw,
    raw: smooth ? raw : undefined,
    lo: arrays.min && !smooth ? array(arrays.min) : undefined,
    hi: arrays.max && !smooth ? array(arrays.max) : undefined,
    nan: arrays.nan && array(arrays.nan),
    inf: arrays.inf && array(arrays.inf),
    ninf: arrays.ninf && array(arrays.ninf),
    total,
    sampled: form === "buckets",
  };
}
