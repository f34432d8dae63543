// Trials of a study as points: what each looks like, what it reached, in which order people want them.
import { asNumber, formatCell, formatDuration, formatNumber } from "../../base/format";
import type { Shape } from "../../chart/marks";
import { cellKey } from "../../chart/scale";
import type { Paint } from "../../chart/XYPlot";
import type { Cell, StudySummary, StudyTrial } from "../../wire/types";
import { passes, type Brush } from "../compare/filter";
import { paramField } from "../compare/fields";

export interface Look {
  name: string;
  shape: Shape;
  color: Paint;
}

const LOOKS: Record<string, Look> = {
  COMPLETE: { name: "complete", shape: "dot", color: { theme: "accent" } },
  PRUNED: { name: "pruned", shape: "diamond", color: { theme: "warning" } },
  FAIL: { name: "failed", shape: "cross", color: { theme: "bad" } },
  RUNNING: { name: "running", shape: "ring", color: { theme: "accent" } },
  WAITING: { name: "waiting", shape: "ring", color: { theme: "muted" } },
};
const INFEASIBLE: Look = { name: "infeasible", shape: "square", color: { theme: "muted" } };

/** How a trial looks: never told apart by colour alone. */
export function lookOf(trial: Pick<StudyTrial, "state" | "feasible">): Look {
  if (trial.state === "COMPLETE" && !trial.feasible) return INFEASIBLE;
  return LOOKS[trial.state] ?? { name: trial.state.toLowerCase(), shape: "ring", color: { theme: "muted" } };
}

/** Looks that occur, and how often. */
export function looksIn(trials: readonly StudyTrial[]): { look: Look; count: number }[] {
  const found = new Map<string, { look: Look; count: number }>();
  for (const trial of trials) {
    const look = lookOf(trial);
    const entry = found.get(look.name) ?? { look, count: 0 };
    entry.count++;
    found.set(look.name, entry);
  }
  return [...found.values()];
}

export function valueOf(trial: StudyTrial, objective: number): Cell {
  return trial.values?.[objective] ?? null;
}

/** Params and objectives of a trial by the name a filter has for them. */
export function fieldCell(trial: StudyTrial, field: string, summary: StudySummary): Cell | undefined {
  const objective = summary.objectives.findIndex((_, i) => field === objectiveField(i));
  if (objective >= 0) return valueOf(trial, objective);
  const param = summary.params.find((name) => paramField(name) === field);
  return param === undefined ? undefined : trial.params[param];
}

export function objectiveField(objective: number): string {
  return `objective_${objective}`;
}

export function keptTrials(summary: StudySummary, brushes: readonly Brush[]): Set<number> {
  return new Set(summary.trials.filter((trial) => brushes.every((brush) => passes(brush, fieldCell(trial, brush.field, summary)))).map((trial) => trial.number));
}

export function labelOf(trial: StudyTrial): string {
  return `Trial ${trial.number} (${lookOf(trial).name})`;
}

export function factsOf(trial: StudyTrial, summary: StudySummary): [string, string][] {
  return [
    ...summary.objectives.map((name, i): [string, string] => [name, formatCell(valueOf(trial, i))]),
    ...Object.entries(trial.params).slice(0, 10).map(([name, cell]): [string, string] => [name, formatCell(cell).slice(0, 60)]),
    ["took", formatDuration(trial.duration_s)],
  ];
}

/** "number", "state", "duration", "started", "objective_0", or a param's field; a leading "-" = from the other end. */
export function sortedTrials(summary: StudySummary, trials: readonly StudyTrial[], sort: string): StudyTrial[] {
  const down = sort.startsWith("-");
  const name = down ? sort.slice(1) : sort;
  const key = (trial: StudyTrial): Cell | undefined => {
    if (name === "number") return trial.number;
    if (name === "state") return lookOf(trial).name;
    if (name === "duration") return trial.duration_s;
    if (name === "started") return trial.started;
    return fieldCell(trial, name, summary);
  };
  return trials
    .map((trial) => ({ trial, cell: key(trial) }))
    .sort((a, b) => {
      // What is missing comes last, whichever way.
      const [noA, noB] = [isMissing(a.cell), isMissing(b.cell)];
      if (noA || noB) return Number(noA) - Number(noB) || a.trial.number - b.trial.number;
      const order = compareCells(a.cell!, b.cell!);
      return (down ? -order : order) || a.trial.number - b.trial.number;
    })
    .map(({ trial }) => trial);
}

function isMissing(cell: Cell | undefined): boolean {
  return cell === null || cell === undefined || Number.isNaN(asNumber(cell));
}

function compareCells(a: Cell, b: Cell): number {
  const [x, y] = [asNumber(a), asNumber(b)];
  if (x !== null && y !== null) return x - y;
  if (x !== null || y !== null) return x !== null ? -1 : 1;
  return cellKey(a) === cellKey(b) ? 0 : formatCell(a).localeCompare(formatCell(b), "en", { numeric: true });
}

export function aim(summary: StudySummary, objective: number): string {
  return summary.directions[objective] === "maximize" ? "more is better" : "less is better";
}

/** The front as a staircase over two objectives: corners from left to right. */
export function staircase(points: readonly [number, number][]): { x: number[]; y: number[] } {
  const sorted = [...points].sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  return { x: sorted.map(([x]) => x), y: sorted.map(([, y]) => y) };
}

export function percent(share: number): string {
  return `${formatNumber(share * 100, 3)} %`;
}
