// Confusion matrices: counts or shares, side by side for several runs, or as differences to the first.
import { useMemo, useState } from "react";
import { clip, formatNumber } from "../../base/format";
import { Choice } from "../Button";
import type { KindProps } from "./Curves";
import { distinct } from "./data";
import { accuracy, arranged, mistakes, readMatrix, shares, type Matrix, type Share } from "./matrix";
import { rectPath } from "./paths";
import { useWidth } from "./useWidth";

const NUMBERS_UP_TO = 22;
const LABELS_UP_TO = 60;
const LEVELS = 24;

export function Confusion({ runs, name }: KindProps) {
  const [of, setOf] = useState<Share>("count");
  const [view, setView] = useState<"matrix" | "difference">("matrix");
  const matrices = useMemo(() => {
    const all = runs.map(readMatrix);
    const labels = distinct(all.flatMap((matrix) => matrix.labels));
    return all.map((matrix) => arranged(matrix, labels));
  }, [runs]);
  const difference = view === "difference" && runs.length > 1;
  const base = difference ? shares(matrices[0]!, of) : null;
  return (
    <>
      <div className="plot-tools">
        <Choice
          label="What cells say" value={of} onChange={setOf}
          options={[{ value: "count", label: "Count" }, { value: "row", label: "% of true" }, { value: "column", label: "% of predicted" }, { value: "all", label: "% of all" }]}
        />
        {runs.length > 1 && (
          <Choice label="Runs" value={view} onChange={setView} options={[{ value: "matrix", label: "Each" }, { value: "difference", label: "Δ to first" }]} />
        )}
      </div>
      <div className="matrices">
        {runs.map((run, i) => (
          <figure key={run.run}>
            {(runs.length > 1) && (
              <figcaption><span className="swatch" style={{ background: run.color }} />{run.label}</figcaption>
            )}
            <MatrixView matrix={matrices[i]!} of={of} base={i > 0 ? base : null} name={`${name} of ${run.label}`} />
            <p className="plot-note">
              accuracy {formatNumber(accuracy(matrices[i]!), 4)}
              {mistakes(matrices[i]!, 3).map(([truth, guess, count], n) => `${n ? ", " : "; most often confused: "}${clip(truth, 20)} → ${clip(guess, 20)} (${formatNumber(count, 4)})`)}
            </p>
          </figure>
        ))}
      </div>
    </>
  );
}

function cellText(value: number, of: Share, signed: boolean): string {
  const text = of === "count" ? formatNumber(value, 4) : formatNumber(Number((value * 100).toFixed(1)), 4);
  return signed && value > 0 ? `+${text}` : text;
}

function MatrixView({ matrix, of, base, name }: { matrix: Matrix; of: Share; base: number[][] | null; name: string }) {
  const [ref, width] = useWidth(360);
  const [over, setOver] = useState<[number, number] | null>(null);
  const n = matrix.labels.length;
  const values = useMemo(() => {
    const own = shares(matrix, of);
    return base ? own.map((row, i) => row.map((cell, j) => cell - base[i]![j]!)) : own;
  }, [matrix, of, base]);
  // Shades follow the share of the true class, so that a rare class is seen as well as a frequent one.
  const shades = useMemo(() => {
    if (base) {
      const most = Math.max(...values.flat().map(Math.abs), 1e-12);
      return values.map((row) => row.map((cell) => cell / most));
    }
    return shares(matrix, of === "count" ? "row" : of === "all" ? "row" : of);
  }, [values, matrix, of, base]);
  const longest = Math.max(...matrix.labels.map((label) => label.length), 1);
  const margin = n > LABELS_UP_TO ? 18 : Math.min(30 + longest * 6, Math.max(width * 0.3, 40));
  const size = Math.min(Math.max((width - margin - 4) / n, 3), n <= 4 ? 84 : 54);
  const side = size * n;
  const numbers = n <= NUMBERS_UP_TO && size >= 22;
  const labelled = n <= LABELS_UP_TO && size >= 9;
  const tilted = longest * 6.4 > size;
  const below = 22 + (labelled ? (tilted ? Math.min(longest, 12) * 5 : 14) : 0);
  const levels = useMemo(() => byLevel(shades, size, margin), [shades, size, margin]);
  const right = matrix.cells.reduce((total, row, i) => total + row[i]!, 0);
  return (
    <div className="matrix" ref={ref}>
      <svg
        width={margin + side + 4} height={side + below + 4} role="img"
        aria-label={`${name}: ${n} classes, ${formatNumber(right)} rows right`}
        onPointerMove={(event) => {
          const box = event.currentTarget.getBoundingClientRect();
          const [j, i] = [Math.floor((event.clientX - box.left - margin) / size), Math.floor((event.clientY - box.top - 2) / size)];
          setOver(i >= 0 && j >= 0 && i < n && j < n ? [i, j] : null);
        }}
        onPointerLeave={() => setOver(null)}
      >
        {levels.map(({ level, positive, d }) => <path key={`${level}${positive}`} d={d} className={positive ? (base ? "heat more" : "heat") : "heat less"} fillOpacity={level / LEVELS} />)}
        <path className="grid" d={`M${margin} 2h${side}v${side}h${-side}Z`} />
        {numbers && values.map((row, i) => row.map((cell, j) => (cell !== 0 || i === j) && (
          <text key={`${i},${j}`} x={margin + (j + 0.5) * size} y={2 + (i + 0.5) * size + 4} textAnchor="middle" className={Math.abs(shades[i]![j]!) > 0.55 ? "on-dark" : ""} fontSize={Math.min(12, size / 2.6)}>
            {cellText(cell, of, base !== null)}
          </text>
        )))}
        {labelled && matrix.labels.map((label, i) => (
          <g key={i} className={over && (over[0] === i || over[1] === i) ? "near" : ""}>
            <text x={margin - 5} y={2 + (i + 0.5) * size + 4} textAnchor="end">{clip(label, Math.max(2, Math.floor((margin - 24) / 6)))}</text>
            <text
              textAnchor={tilted ? "end" : "middle"}
              transform={tilted ? `translate(${margin + (i + 0.5) * size + 3} ${side + 14}) rotate(-50)` : `translate(${margin + (i + 0.5) * size} ${side + 16})`}
            >
              {clip(label, tilted ? 12 : 20)}
            </text>
          </g>
        ))}
        <text className="axis-label" transform={`translate(11 ${side / 2}) rotate(-90)`} textAnchor="middle">true</text>
        <text className="axis-label" x={margin + side / 2} y={side + below} textAnchor="middle">predicted</text>
        {over && <rect className="cursor" x={margin + over[1] * size} y={2 + over[0] * size} width={size} height={size} />}
      </svg>
      <div className="matrix-readout" aria-live="polite">
        {over && (
          <>
            true <b>{clip(matrix.labels[over[0]]!, 30)}</b>, predicted <b>{clip(matrix.labels[over[1]]!, 30)}</b>: {formatNumber(matrix.cells[over[0]]![over[1]]!)} rows
            , {formatNumber(shares(matrix, "row")[over[0]]![over[1]]! * 100, 3)} % of true
            {base && <>, Δ {cellText(values[over[0]]![over[1]]!, of, true)}</>}
          </>
        )}
      </div>
    </div>
  );
}

/** Cells of one shade are one path: a matrix of 200 classes is a few dozen elements. */
function byLevel(shades: number[][], size: number, margin: number): { level: number; positive: boolean; d: string }[] {
  const found = new Map<string, { level: number; positive: boolean; d: string }>();
  shades.forEach((row, i) => row.forEach((shade, j) => {
    const level = Number.isFinite(shade) ? Math.ceil(Math.min(Math.abs(shade), 1) * LEVELS) : 0;
    if (!level) return;
    const key = `${level}${shade > 0}`;
    const entry = found.get(key) ?? { level, positive: shade > 0, d: "" };
    entry.d += rectPath(margin + j * size, 2 + i * size, size, size);
    found.set(key, entry);
  }));
  return [...found.values()];
}
