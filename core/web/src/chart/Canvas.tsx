// A canvas that is as wide as its place, as sharp as the screen, and repainted when size, theme or drawing change.
import { useEffect, useLayoutEffect, useRef, useState, type PointerEvent as ReactPointerEvent, type RefObject } from "react";
import { useDark } from "../app/theme";
import { themeOf, type Theme } from "./theme";

export interface Stage {
  g: CanvasRenderingContext2D;
  width: number;
  height: number;
  theme: Theme;
  dark: boolean;
}

export interface Pointer {
  x: number;
  y: number;
  shift: boolean;
}

/** The inner width of an element; 0 before it is laid out. */
export function useWidth(place: RefObject<HTMLElement | null>): number {
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    const element = place.current;
    if (!element) return;
    setWidth(element.clientWidth);
    const observer = new ResizeObserver(() => setWidth(element.clientWidth));
    observer.observe(element);
    return () => observer.disconnect();
  }, [place]);
  return width;
}

export function Canvas({ height, draw, label, marks, cursor, onMove, onLeave, onDown, onUp, onPick }: {
  height: number;
  /** Paints everything; must be a new function when something to paint changed. */
  draw: (stage: Stage) => void;
  /** What a screen reader says. */
  label: string;
  /** How many marks are painted: for tests and for those who look under the hood. */
  marks?: number;
  cursor?: string;
  onMove?: (at: Pointer, width: number) => void;
  onLeave?: () => void;
  onDown?: (at: Pointer, width: number) => void;
  onUp?: (at: Pointer, width: number) => void;
  onPick?: (at: Pointer, width: number) => void;
}) {
  const place = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const width = useWidth(place);
  const dark = useDark();
  useEffect(() => {
    const element = canvas.current;
    const g = element?.getContext("2d");
    if (!element || !g || width <= 0) return;
    const sharp = Math.min(window.devicePixelRatio || 1, 3);
    element.width = Math.round(width * sharp);
    element.height = Math.round(height * sharp);
    g.setTransform(sharp, 0, 0, sharp, 0, 0);
    g.clearRect(0, 0, width, height);
    const theme = themeOf(element, dark);
    g.font = theme.font;
    draw({ g, width, height, theme, dark });
  }, [draw, width, height, dark]);
  const at = (event: ReactPointerEvent | React.MouseEvent): Pointer => {
    const box = canvas.current!.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top, shift: event.shiftKey };
  };
  return (
    <div className="canvas-place" ref={place} style={{ height }}>
      <canvas
        ref={canvas}
        role="img"
        aria-label={label}
        data-marks={marks}
        style={{ width: width || undefined, height, cursor, touchAction: onDown ? "none" : undefined }}
        onPointerMove={onMove && ((event) => onMove(at(event), width))}
        onPointerLeave={onLeave}
        onPointerDown={onDown && ((event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          onDown(at(event), width);
        })}
        onPointerUp={onUp && ((event) => onUp(at(event), width))}
        onClick={onPick && ((event) => onPick(at(event), width))}
      />
    </div>
  );
}
