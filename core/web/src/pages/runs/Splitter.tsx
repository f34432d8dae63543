// Two sides with an edge between them that can be dragged, or moved by arrow keys; its place stays in this browser.
import { useRef, useState, type ReactNode } from "react";

const KEY = "epochlog.split";

function stored(): number {
  try {
    const value = Number(localStorage.getItem(KEY));
    return value >= 0.15 && value <= 0.85 ? value : 0.5;
  } catch {
    return 0.5;
  }
}

export function Splitter({ left, right }: { left: ReactNode; right: ReactNode }) {
  const [share, setShare] = useState(stored);
  const root = useRef<HTMLDivElement>(null);
  const move = (next: number) => {
    const value = Math.min(0.85, Math.max(0.15, next));
    setShare(value);
    try {
      localStorage.setItem(KEY, String(value));
    } catch {
      // It lasts as long as the page.
    }
  };
  return (
    <div className="splitter" ref={root} style={{ gridTemplateColumns: `minmax(0, ${share}fr) 5px minmax(0, ${1 - share}fr)` }}>
      {left}
      <div
        className="split-edge"
        role="separator"
        aria-orientation="vertical"
        aria-label="Width of the table"
        aria-valuenow={Math.round(share * 100)}
        tabIndex={0}
        onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
        onPointerMove={(event) => {
          if (!event.currentTarget.hasPointerCapture(event.pointerId)) return;
          const box = root.current!.getBoundingClientRect();
          move((event.clientX - box.left) / box.width);
        }}
        onDoubleClick={() => move(0.5)}
        onKeyDown={(event) => {
          if (event.key === "ArrowLeft") move(share - 0.03);
          if (event.key === "ArrowRight") move(share + 0.03);
        }}
      />
      {right}
    </div>
  );
}
