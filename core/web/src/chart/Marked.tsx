// The body of a figure with marks on a canvas: finds what is below the pointer, tells of it, and shows its facts.
import { useState, type ReactNode } from "react";
import { Canvas, type Pointer, type Stage } from "./Canvas";
import { Tip } from "./Tip";

/** Which mark is below the pointer, and where its facts are shown. */
export interface Found {
  index: number;
  x: number;
  y: number;
}

export function Marked<T>({ items, find, tip, height, draw, label, marks = items.length, onPick, onHover }: {
  items: readonly T[];
  /** The mark at a place, as it was painted last. */
  find: (at: Pointer) => Found | null;
  /** The facts of a mark. */
  tip: (item: T) => ReactNode;
  height: number;
  /** Paints everything; a new function whenever something to paint changed. */
  draw: (stage: Stage) => void;
  label: string;
  marks?: number;
  onPick?: (item: T) => void;
  onHover?: (item: T | null) => void;
}) {
  const [hovered, setHovered] = useState<(Found & { width: number }) | null>(null);
  const item = hovered ? items[hovered.index] : undefined;
  const show = (found: Found | null, width: number) => {
    if (found?.index !== hovered?.index) onHover?.(found ? items[found.index]! : null);
    if (found?.x !== hovered?.x || found?.y !== hovered?.y) setHovered(found && { ...found, width });
  };
  return (
    <div className="figure-body">
      <Canvas
        height={height}
        draw={draw}
        label={label}
        marks={marks}
        cursor={item !== undefined && onPick ? "pointer" : undefined}
        onMove={(at, width) => show(find(at), width)}
        onLeave={() => show(null, 0)}
        onPick={onPick && ((at) => {
          const found = find(at);
          if (found) onPick(items[found.index]!);
        })}
      />
      {item !== undefined && <Tip x={hovered!.x} y={hovered!.y} width={hovered!.width}>{tip(item)}</Tip>}
    </div>
  );
}
