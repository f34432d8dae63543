// A logged plot by its kind, of one run or of several laid over one another; data that does not fit is shown as it is.
import "./plots.css";
import { Component, useMemo, useRef, useState, type ReactNode } from "react";
import { saveText } from "../../base/files";
import type { PlotLink } from "../../wire/types";
import { IconButton } from "../Button";
import { MenuItem, Popover } from "../Popover";
import { PlotError, type PlotOfRun } from "./data";
import { plotCsv, savePng, saveSvg } from "./saving";
import { KINDS, problemOf, RawData } from "./kinds";

export type { PlotOfRun } from "./data";

export function PlotView({ plot, runs }: { plot: Pick<PlotLink, "kind" | "key">; runs: readonly PlotOfRun[] }) {
  const [raw, setRaw] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  const kind = KINDS[plot.kind];
  const problem = useMemo(() => problemOf(plot.kind, runs), [plot.kind, runs]);
  const identity = useMemo(() => ({}), [plot.kind, runs]);
  if (!runs.length) return null;
  return (
    <div className={`plot-view ${raw || problem || !kind || kind.bare ? "bare" : ""}`} data-kind={plot.kind} ref={root}>
      <div className="plot-corner">
        {kind && !problem && <IconButton icon="table" label={raw ? "Show the drawing" : "Show the data"} active={raw} onClick={() => setRaw(!raw)} />}
        <SaveMenu plot={plot} runs={runs} root={root} drawn={!raw && !problem && kind !== undefined} />
      </div>
      {kind && !raw && problem && <p className="plot-note">This is no {kind.title.toLowerCase()}: {problem}.</p>}
      {kind && !raw && !problem ? <Guard key={plot.kind} identity={identity} runs={runs}>{kind.draw({ runs, name: plot.key })}</Guard> : <RawData runs={runs} />}
    </div>
  );
}

function SaveMenu({ plot, runs, root, drawn }: {
  plot: Pick<PlotLink, "kind" | "key">;
  runs: readonly PlotOfRun[];
  root: { current: HTMLDivElement | null };
  drawn: boolean;
}) {
  const name = plot.key.replace(/[^\w.-]+/g, "-") || "plot";
  const svg = () => root.current?.querySelector<SVGSVGElement>("svg[role=img]") ?? null;
  return (
    <Popover label={`Save ${plot.key}`} icon="download" align="right">
      {(close) => {
        const pick = (save: () => void) => () => {
          save();
          close();
        };
        return (
          <>
            {drawn && svg() && <MenuItem onPick={pick(() => void savePng(svg()!, name))}>Picture (PNG)</MenuItem>}
            {drawn && svg() && <MenuItem onPick={pick(() => saveSvg(svg()!, name))}>Picture (SVG)</MenuItem>}
            <MenuItem onPick={pick(() => saveText(plotCsv(runs), `${name}.csv`, "text/csv"))}>Data (CSV)</MenuItem>
            <MenuItem onPick={pick(() => saveText(JSON.stringify(runs.map(({ run, label, data }) => ({ run, label, data })), null, 1), `${name}.json`, "application/json"))}>Data (JSON)</MenuItem>
          </>
        );
      }}
    </Popover>
  );
}

/** Users log what they want under any kind: what can't be drawn is said and shown as data, and the page goes on. */
class Guard extends Component<{ identity: object; runs: readonly PlotOfRun[]; children: ReactNode }, { error: unknown; of: object | null }> {
  override state: { error: unknown; of: object | null } = { error: null, of: null };

  static getDerivedStateFromError(error: unknown) {
    return { error };
  }

  static getDerivedStateFromProps(props: { identity: object }, state: { error: unknown; of: object | null }) {
    return props.identity === state.of ? null : { error: null, of: props.identity };
  }

  override render() {
    const { error } = this.state;
    if (error === null) return this.props.children;
    const reason = error instanceof PlotError ? error.message : "its data is not of that form";
    return (
      <>
        <p className="plot-note" role="alert">This plot can’t be drawn: {reason}.</p>
        <RawData runs={this.props.runs} />
      </>
    );
  }
}
