// The list of keys, opened with "?".
import { useEffect, useRef } from "react";
import { Signal, useSignal } from "../base/signal";
import { IconButton } from "../components/Button";
import { isTyping } from "./keys";

export const helpOpen = new Signal(false);

const KEYS: [string, string][] = [
  ["/", "Filter runs"],
  ["↑ ↓ PgUp PgDn Home End", "Move through the table"],
  ["→ ←", "Open and close a run's children or a group; move to other cells"],
  ["Enter", "Open the run"],
  ["Space", "Tick the run, for comparing and editing"],
  ["e", "Show or hide the run in the charts"],
  ["b", "Take the run as the baseline of differences"],
  ["c", "Compare ticked runs"],
  ["m", "Find charts by the name of their metric"],
  ["[ ]", "Table only, both, charts only"],
  ["1 … 9", "On the page of a run: its parts; [ and ] move between them"],
  ["u", "On the page of a run: up to the one that it belongs to"],
  ["Ctrl K", "Command palette: pages, runs, columns, saved views, what a page can do"],
  ["g", "and then p, r, s, c or a: go to projects, runs, studies, compare, artifacts"],
  ["?", "This list"],
  ["Esc", "Close"],
];

export function Help() {
  const open = useSignal(helpOpen);
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const key = (event: KeyboardEvent) => {
      if (event.key === "?" && !isTyping(event)) helpOpen.set(true);
    };
    document.addEventListener("keydown", key);
    return () => document.removeEventListener("keydown", key);
  }, []);
  useEffect(() => {
    if (open && !dialog.current?.open) dialog.current?.showModal();
    if (!open) dialog.current?.close();
  }, [open]);
  return (
    <dialog ref={dialog} className="dialog" aria-label="Keyboard shortcuts" onClose={() => helpOpen.set(false)}>
      <header>
        <h2>Keyboard shortcuts</h2>
        <IconButton icon="close" label="Close" onClick={() => helpOpen.set(false)} />
      </header>
      <div className="dialog-body">
        <dl className="shortcuts">
          {KEYS.map(([keys, does]) => [
            <dt key={keys}>{keys.split(" ").map((each) => (/^\w\w,$|,$/.test(each) ? <span key={each}><kbd>{each.replace(",", "")}</kbd> , </span> : <kbd key={each}>{each}</kbd>))}</dt>,
            <dd key={does}>{does}</dd>,
          ])}
        </dl>
      </div>
    </dialog>
  );
}
