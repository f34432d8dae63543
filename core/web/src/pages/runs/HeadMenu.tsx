// The menu of one column: order, statistic, pin, group, hide.
import { useEffect, useRef } from "react";
import { MenuItem } from "../../components/Popover";
import type { FieldId } from "../../wire/types";
import { parseField, STATS, titleOf, withStat } from "./fields";
import type { View } from "./view";

interface Props {
  id: FieldId;
  box: DOMRect;
  view: View;
  columns: FieldId[];
  onChange: (change: Partial<View>) => void;
  onClose: () => void;
}

export function HeadMenu({ id, box, view, columns, onChange, onClose }: Props) {
  const root = useRef<HTMLDivElement>(null);
  useEffect(() => {
    root.current?.querySelector<HTMLElement>("button")?.focus();
    const outside = (event: PointerEvent) => {
      if (!root.current?.contains(event.target as Node)) onClose();
    };
    document.addEventListener("pointerdown", outside);
    return () => document.removeEventListener("pointerdown", outside);
  }, []);
  const { family, stat } = parseField(id);
  const metric = family === "metrics" || family === "system_metrics";
  const pick = (change: Partial<View>) => () => {
    onChange(change);
    onClose();
  };
  const pinned = view.pinned.includes(id);
  const replaceStat = (next: string) => columns.map((each) => (each === id ? withStat(id, next) : each));
  return (
    <div
      ref={root}
      className="popover head-menu"
      role="menu"
      aria-label={`Column ${titleOf(id).title}`}
      style={{ left: Math.max(4, Math.min(box.left, innerWidth - 220)), top: box.bottom + 2 }}
      onKeyDown={(event) => {
        if (event.key === "Escape") onClose();
        const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
        if (!step) return;
        event.preventDefault();
        const items = [...root.current!.querySelectorAll<HTMLElement>("button")];
        items[(items.indexOf(document.activeElement as HTMLElement) + step + items.length) % items.length]?.focus();
      }}
    >
      <MenuItem icon="up" onPick={pick({ order: id })}>Sort ascending</MenuItem>
      <MenuItem icon="down" onPick={pick({ order: `-${id}` })}>Sort descending</MenuItem>
      {id !== "name" && (
        <>
          <MenuItem icon="pin" onPick={pick({ pinned: pinned ? view.pinned.filter((each) => each !== id) : [...view.pinned, id] })}>{pinned ? "Unpin" : "Pin to the left"}</MenuItem>
          {!metric && <MenuItem icon="group" onPick={pick({ group: view.group.includes(id) ? view.group : [...view.group, id] })}>Group by this</MenuItem>}
          <MenuItem icon="eyeOff" onPick={pick({ columns: columns.filter((each) => each !== id) })}>Hide</MenuItem>
        </>
      )}
      {metric && (
        <>
          <div className="menu-label">Statistic</div>
          <div className="stat-grid">
            {STATS.map((each) => (
              <button key={each} type="button" role="menuitemradio" aria-checked={(stat || "last") === each} className={(stat || "last") === each ? "active" : ""} onClick={pick({ columns: replaceStat(each) })}>
                {each}
              </button>
            ))}
          </div>
        </>
      )}
    </div>
  );
}
