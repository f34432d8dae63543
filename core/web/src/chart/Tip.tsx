// What is below the pointer, beside it, never outside of the chart.
import type { ReactNode } from "react";

export function Tip({ x, y, width, children }: { x: number; y: number; width: number; children: ReactNode }) {
  const right = x > width / 2;
  return (
    <div className="xy-tip" aria-hidden="true" style={{ top: Math.max(y - 8, 0), ...(right ? { right: Math.max(width - x + 12, 0) } : { left: x + 12 }) }}>
      {children}
    </div>
  );
}

/** Names and values below one another. */
export function TipFacts({ name, facts }: { name: string; facts: readonly [string, string][] }) {
  return (
    <>
      <div className="name">{name}</div>
      {facts.map(([key, value]) => <div key={key}>{key}: {value}</div>)}
    </>
  );
}
