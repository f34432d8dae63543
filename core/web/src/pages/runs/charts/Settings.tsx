// What holds for all charts: x axis, smoothing, log scales, outliers, which metrics, and the way back from a zoom.
import { useEffect, useRef, useState, type RefObject } from "react";
import { Button } from "../../../components/Button";
import { MenuItem, Popover } from "../../../components/Popover";
import type { Column, XAxis } from "../../../wire/types";
import type { View } from "../view";
import { LookMenu } from "./LookMenu";

interface Props {
  view: View;
  change: (change: Partial<View>, replace?: boolean) => void;
  metrics: readonly Column[];
  find: RefObject<HTMLInputElement | null>;
  problem: string;
  total: number;
}

const AXES: { value: XAxis; label: string }[] = [
  { value: "step", label: "Step" }, { value: "epoch", label: "Epoch" }, { value: "relative", label: "Relative time" },
  { value: "wall", label: "Wall time" }, { value: "metric", label: "Metric…" },
];
const METHODS = [
  { value: "ema", label: "Exponential average" }, { value: "gaussian", label: "Gaussian" }, { value: "mean", label: "Running mean" },
] as const;

export function Settings({ view, change, metrics, find, problem, total }: Props) {
  return (
    <div className="chart-settings">
      <Find view={view} change={change} find={find} problem={problem} total={total} />
      <label className="setting">
        <span>x</span>
        <select aria-label="x axis" value={view.x} onChange={(event) => change({ x: event.target.value as XAxis, range: null })}>
          {AXES.map((axis) => <option key={axis.value} value={axis.value}>{axis.label}</option>)}
        </select>
      </label>
      {view.x === "metric" && (
        <select aria-label="Metric on the x axis" value={view.xMetric} onChange={(event) => change({ xMetric: event.target.value, range: null })}>
          <option value="">choose…</option>
          {metrics.filter((each) => each.kind === "metric").map((each) => <option key={each.id} value={each.name}>{each.name}</option>)}
        </select>
      )}
      <Smoothing view={view} change={change} />
      <LookMenu view={view} change={change} />
      <Popover label="Axes" icon="settings" align="right">
        {() => (
          <>
            <MenuItem checked={view.logY} onPick={() => change({ logY: !view.logY })}>Logarithmic y</MenuItem>
            <MenuItem checked={view.logX} onPick={() => change({ logX: !view.logX })}>Logarithmic x</MenuItem>
            <MenuItem checked={view.clip} onPick={() => change({ clip: !view.clip })}>Leave outliers out of the y range</MenuItem>
            <div className="menu-label">Smoothing by</div>
            {METHODS.map((method) => <MenuItem key={method.value} checked={view.method === method.value} onPick={() => change({ method: method.value })}>{method.label}</MenuItem>)}
            <div className="menu-label">Runs in the charts</div>
            {[5, 10, 20, 50].map((count) => <MenuItem key={count} checked={view.auto === count} onPick={() => change({ auto: count, hide: [] })}>The first {count}</MenuItem>)}
            <MenuItem checked={view.auto === 0} onPick={() => change({ auto: 0 })}>Only those chosen by hand</MenuItem>
          </>
        )}
      </Popover>
      {view.range && <Button icon="zoomOut" kind="quiet" onClick={() => change({ range: null })}>Whole range</Button>}
    </div>
  );
}

function Find({ view, change, find, problem, total }: Omit<Props, "metrics">) {
  const [text, setText] = useState(view.find);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => setText(view.find), [view.find]);
  return (
    <input
      ref={find}
      type="search"
      className={problem ? "wrong" : ""}
      aria-label="Find metrics by a regular expression"
      aria-invalid={problem !== ""}
      title={problem || `${total} metrics`}
      placeholder="Find metrics (regex)"
      value={text}
      onChange={(event) => {
        const value = event.target.value;
        setText(value);
        clearTimeout(timer.current);
        timer.current = setTimeout(() => change({ find: value }, true), 150);
      }}
      onKeyDown={(event) => event.key === "Escape" && event.currentTarget.blur()}
    />
  );
}

/** The slider moves finely where smoothing is strong; the number is the weight itself. */
export function toSlider(weight: number): number {
  return Math.round(1000 * (1 - Math.sqrt(1 - weight)));
}

export function fromSlider(place: number): number {
  return Math.min(0.999, Number((1 - (1 - place / 1000) ** 2).toFixed(3)));
}

function Smoothing({ view, change }: Pick<Props, "view" | "change">) {
  const [place, setPlace] = useState(toSlider(view.smooth));
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => setPlace(toSlider(view.smooth)), [view.smooth]);
  const weight = fromSlider(place);
  return (
    <label className="setting smoothing" title="Smoothing; the raw line stays faintly visible">
      <span>Smooth</span>
      <input
        type="range" min={0} max={968} aria-label="Smoothing" aria-valuetext={String(weight)} value={place}
        onChange={(event) => {
          const next = Number(event.target.value);
          setPlace(next);
          clearTimeout(timer.current);
          timer.current = setTimeout(() => change({ smooth: fromSlider(next) }, true), 120);
        }}
      />
      <output>{weight ? weight.toFixed(2) : "off"}</output>
    </label>
  );
}
