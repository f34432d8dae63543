// What the marks of trials mean, and how many there are of each.
import type { Shape } from "../../chart/marks";
import type { Paint } from "../../chart/XYPlot";
import type { Look } from "./model";

const PATHS: Record<Shape, string> = {
  dot: "M6 2a4 4 0 1 0 0 8a4 4 0 1 0 0-8",
  ring: "M6 2a4 4 0 1 0 0 8a4 4 0 1 0 0-8",
  cross: "M2 2l8 8M2 10l8-8",
  diamond: "M6 1l5 5-5 5-5-5z",
  square: "M2 2h8v8H2z",
  star: "M6 0l1.6 4h4.2L8.400 6.600l1.300 4.200L6 8.300l-3.700 2.500 1.300-4.200L.2 4h4.200z",
};
const VARIABLES: Record<string, string> = { accent: "var(--accent)", warning: "var(--warn)", bad: "var(--fail)", muted: "var(--text-2)", good: "var(--ok)", text: "var(--text)" };

export function css(color: Paint): string {
  return typeof color === "string" ? color : (VARIABLES[color.theme] ?? "currentColor");
}

export function MarkIcon({ shape, color }: { shape: Shape; color: Paint }) {
  const filled = shape === "dot" || shape === "star";
  return (
    <svg width="12" height="12" viewBox="0 0 12 12" aria-hidden="true">
      <path d={PATHS[shape]} fill={filled ? css(color) : "none"} stroke={filled ? "none" : css(color)} strokeWidth="1.6" />
    </svg>
  );
}

export function StateLegend({ looks, more = [] }: { looks: readonly { look: Look; count: number }[]; more?: readonly Look[] }) {
  return (
    <ul className="chart-legend" aria-label="States of trials">
      {looks.map(({ look, count }) => (
        <li key={look.name}><MarkIcon shape={look.shape} color={look.color} />{count} {look.name}</li>
      ))}
      {more.map((look) => <li key={look.name}><MarkIcon shape={look.shape} color={look.color} />{look.name}</li>)}
    </ul>
  );
}
