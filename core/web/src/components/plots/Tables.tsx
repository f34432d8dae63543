// Plots that are read rather than looked at: report by class, worst and sampled predictions, logged tables.
import { useMemo, useState } from "react";
import { formatCount } from "../../base/format";
import type { Json } from "../../wire/types";
import { Choice } from "../Button";
import type { KindProps } from "./Curves";
import { DataTable, type TableColumn } from "./DataTable";
import { distinct, isNumeric, isRecord, list, numbers, PlotError, record, texts, toNumber, toText, type PlotOfRun } from "./data";

const SCORES = ["precision", "recall", "f1"] as const;
type Score = (typeof SCORES)[number];

interface Report {
  labels: string[];
  scores: Record<Score, number[]>;
  support: number[];
}

function readReport(run: PlotOfRun): Report {
  const data = record(run.data);
  const scores = Object.fromEntries(SCORES.map((score) => [score, numbers(data, score)])) as Record<Score, number[]>;
  return { labels: texts(data, "labels"), scores, support: numbers(data, "support") };
}

/** Mean over classes: each the same, or by its rows. */
export function means(values: readonly number[], support: readonly number[]): { macro: number; weighted: number } {
  const all = support.reduce((sum, each) => sum + each, 0);
  return {
    macro: values.length ? values.reduce((sum, each) => sum + each, 0) / values.length : NaN,
    weighted: all ? values.reduce((sum, each, i) => sum + each * support[i]!, 0) / all : NaN,
  };
}

export function ClassReport({ runs, name }: KindProps) {
  const [score, setScore] = useState<Score>("f1");
  const reports = useMemo(() => runs.map(readReport), [runs]);
  const shade = (value: number) => value;
  if (runs.length === 1) {
    const { labels, scores, support } = reports[0]!;
    const rows: Json[][] = labels.map((label, i) => [label, ...SCORES.map((each) => scores[each][i]!), support[i]!]);
    const all = support.reduce((sum, each) => sum + each, 0);
    const summary = SCORES.map((each) => means(scores[each], support));
    rows.push(["mean of classes", ...summary.map((each) => each.macro), all], ["mean by rows", ...summary.map((each) => each.weighted), all]);
    return <DataTable label={name} columns={[{ title: "class" }, ...SCORES.map((title) => ({ title, shade })), { title: "rows" }]} rows={rows} />;
  }
  const labels = distinct(reports.flatMap((report) => report.labels));
  const rows: Json[][] = labels.map((label) => [label, ...reports.map((report) => at(report.scores[score], report.labels.indexOf(label)))]);
  rows.push(["mean of classes", ...reports.map((report) => means(report.scores[score], report.support).macro)]);
  rows.push(["mean by rows", ...reports.map((report) => means(report.scores[score], report.support).weighted)]);
  return (
    <>
      <div className="plot-tools bare-tools">
        <Choice label="Score" value={score} onChange={setScore} options={SCORES.map((value) => ({ value, label: value }))} />
      </div>
      <DataTable label={`${name}: ${score}`} columns={[{ title: "class" }, ...runs.map((run) => ({ title: run.label, color: run.color, shade }))]} rows={rows} />
    </>
  );
}

function at(values: readonly number[], place: number): Json {
  return place < 0 ? null : (values[place] ?? null);
}

/** Predictions of one run as they are; those of several by row of the data, side by side. */
export function Predictions({ runs, name }: KindProps) {
  const table = useMemo(() => predictionTable(runs), [runs]);
  const first = record(runs[0]!.data);
  const how = toText(first.how);
  return (
    <>
      <p className="plot-note">
        {how === "worst" ? "Rows with the largest loss" : how === "sample" ? "Rows drawn at random" : how}
        {isNumeric(first.n) && ` of ${formatCount(toNumber(first.n))}`}
      </p>
      <DataTable label={name} columns={table.columns} rows={table.rows} page={20} />
    </>
  );
}

export function predictionTable(runs: readonly PlotOfRun[]): { columns: TableColumn[]; rows: Json[][] } {
  const read = runs.map((run) => {
    const data = record(run.data);
    return { run, row: list(data, "row"), truth: list(data, "truth"), predicted: list(data, "predicted"), loss: list(data, "loss") };
  });
  const render = (value: Json) => toText(value);
  const keys = distinct(read.flatMap((each) => each.row.map(toText)));
  const one = runs.length === 1;
  const columns: TableColumn[] = [{ title: "row", render }, { title: "truth" }];
  for (const { run } of read) {
    columns.push({ title: one ? "predicted" : `${run.label}: predicted`, color: one ? undefined : run.color });
    columns.push({ title: one ? "loss" : "loss", color: one ? undefined : run.color });
  }
  const places = read.map((each) => new Map(each.row.map((row, i) => [toText(row), i])));
  const rows = keys.map((key) => {
    const first = read.findIndex((_, r) => places[r]!.has(key));
    const source = read[first]!;
    const place = places[first]!.get(key)!;
    const cells: Json[] = [source.row[place]!, source.truth[place] ?? null];
    read.forEach((each, r) => {
      const i = places[r]!.get(key);
      cells.push(i === undefined ? null : (each.predicted[i] ?? null), i === undefined ? null : (each.loss[i] ?? null));
    });
    return cells;
  });
  return { columns, rows };
}

/** Any logged table: {columns: {name: values}} or {columns: names, data|rows: rows}. */
export function readTable(data: Json): { head: string[]; rows: Json[][] } {
  const table = record(data);
  if (isRecord(table.columns)) {
    const entries = Object.entries(table.columns).map(([name, values]) => [name, Array.isArray(values) ? values : [values]] as const);
    const length = Math.max(0, ...entries.map(([, values]) => values.length));
    return { head: entries.map(([name]) => name), rows: Array.from({ length }, (_, i) => entries.map(([, values]) => values[i] ?? null)) };
  }
  const rows = table.data ?? table.rows;
  if (Array.isArray(table.columns) && Array.isArray(rows)) {
    return { head: table.columns.map(toText), rows: rows.map((row) => (Array.isArray(row) ? row : [row])) };
  }
  throw new PlotError("“columns” is missing");
}

export function LoggedTable({ runs, name }: KindProps) {
  const tables = useMemo(() => runs.map((run) => readTable(run.data)), [runs]);
  return (
    <>
      {tables.map((table, i) => (
        <div key={runs[i]!.run}>
          {runs.length > 1 && <h4><span className="swatch" style={{ background: runs[i]!.color }} />{runs[i]!.label}</h4>}
          <DataTable label={`${name} of ${runs[i]!.label}`} columns={table.head.map((title) => ({ title }))} rows={table.rows} />
        </div>
      ))}
    </>
  );
}
