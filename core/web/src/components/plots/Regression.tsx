// Plots of numbers that were predicted: residuals, prediction against truth, distribution of errors.
import { useMemo, useState } from "react";
import { formatCount, formatNumber } from "../../base/format";
import { Choice } from "../Button";
import type { KindProps } from "./Curves";
import { isRecord, maybeNumber, numbers, record, toNumber } from "./data";
import { FigureView } from "./FigureView";
import { binsFigure, residualFigure } from "./series";

export function Residuals({ runs, name }: KindProps) {
  const [view, setView] = useState<"residual" | "truth">("residual");
  const figure = useMemo(() => residualFigure(runs, view), [runs, view]);
  const all = maybeNumber(record(runs[0]!.data), "n");
  const shown = figure.series[0]!.x.length;
  return (
    <>
      <div className="plot-tools">
        <Choice
          label="What is drawn" value={view} onChange={setView}
          options={[{ value: "residual", label: "Residuals" }, { value: "truth", label: "Predicted vs truth" }]}
        />
      </div>
      <FigureView figure={figure} label={`${name}: ${figure.y.label} by ${figure.x.label}`} />
      {all !== undefined && all > shown && <p className="plot-note">{formatCount(shown)} of {formatCount(all)} rows are kept, drawn at random.</p>}
    </>
  );
}

export function ErrorDistribution({ runs, name }: KindProps) {
  const [share, setShare] = useState<"count" | "share">(runs.length > 1 ? "share" : "count");
  const figure = useMemo(() => {
    const found = binsFigure(runs, share === "share");
    found.x.label = "truth − predicted";
    found.marks = [{ axis: "x", at: 0, label: "" }];
    return found;
  }, [runs, share]);
  return (
    <>
      <div className="plot-tools">
        <Choice label="Height of the bars" value={share} onChange={setShare} options={[{ value: "count", label: "Rows" }, { value: "share", label: "Share" }]} />
      </div>
      <FigureView figure={figure} label={`${name}: how often each error occurs`} />
      <Quantiles runs={runs} />
    </>
  );
}

const SHOWN = ["0.01", "0.05", "0.25", "0.5", "0.75", "0.95", "0.99"];

function Quantiles({ runs }: Pick<KindProps, "runs">) {
  const rows = runs.map((run) => {
    const data = record(run.data);
    return { run, data, quantiles: isRecord(data.quantiles) ? data.quantiles : {} };
  });
  return (
    <div className="plot-scroll">
      <table className="plot-table">
        <thead>
          <tr>
            <th scope="col">quantile of the error</th>
            {SHOWN.map((q) => <th key={q} scope="col">{formatNumber(Number(q) * 100, 3)} %</th>)}
            <th scope="col">mean</th>
            <th scope="col">std</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ run, data, quantiles }) => (
            <tr key={run.run}>
              <th scope="row"><span className="swatch" style={{ background: run.color }} />{run.label}</th>
              {SHOWN.map((q) => <td key={q}>{q in quantiles ? formatNumber(toNumber(quantiles[q]), 4) : "–"}</td>)}
              <td>{"mean" in data ? formatNumber(toNumber(data.mean), 4) : "–"}</td>
              <td>{"std" in data ? formatNumber(toNumber(data.std), 4) : "–"}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** One histogram of each run, e.g. of weights at a step. */
export function Histogram({ runs, name }: KindProps) {
  const [share, setShare] = useState<"count" | "share">(runs.length > 1 ? "share" : "count");
  const figure = useMemo(() => binsFigure(runs, share === "share"), [runs, share]);
  return (
    <>
      <div className="plot-tools">
        <Choice label="Height of the bars" value={share} onChange={setShare} options={[{ value: "count", label: "Count" }, { value: "share", label: "Share" }]} />
      </div>
      <FigureView figure={figure} label={`${name}: how often each value occurs`} />
      <Facts runs={runs} />
    </>
  );
}

const FACTS = ["count", "mean", "std", "min", "max", "norm", "nan", "inf"] as const;

function Facts({ runs }: Pick<KindProps, "runs">) {
  const there = FACTS.filter((fact) => runs.some((run) => fact in record(run.data) && !(["nan", "inf"].includes(fact) && !toNumber(record(run.data)[fact]))));
  if (!there.length) return null;
  return (
    <div className="plot-scroll">
      <table className="plot-table">
        <thead><tr><th scope="col">values</th>{there.map((fact) => <th key={fact} scope="col">{{ nan: "NaN", inf: "infinite", norm: "L2 norm" }[fact as string] ?? fact}</th>)}</tr></thead>
        <tbody>
          {runs.map((run) => {
            const data = record(run.data);
            const count = maybeNumber(data, "count") ?? numbers(data, "counts").reduce((a, b) => a + b, 0);
            return (
              <tr key={run.run}>
                <th scope="row"><span className="swatch" style={{ background: run.color }} />{run.label}</th>
                {there.map((fact) => (
                  <td key={fact} className={fact === "nan" || fact === "inf" ? "odd" : ""}>
                    {fact === "count" ? formatCount(count) : fact in data ? formatNumber(toNumber(data[fact]), 4) : "–"}
                  </td>
                ))}
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
