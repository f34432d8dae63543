// The command palette, opened with Ctrl-K: pages, saved views, runs by name, columns and whatever the page can do.
import { useEffect, useId, useRef, useState } from "react";
import { Signal, useSignal } from "../base/signal";
import { clip } from "../base/format";
import { offered, type Command } from "./commands";

export const paletteOpen = new Signal(false);
const SHOWN_MAX = 60;
const ASK_MS = 120;

export function Palette() {
  const open = useSignal(paletteOpen);
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const key = (event: KeyboardEvent) => {
      if (!(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey || event.key.toLowerCase() !== "k") return;
      event.preventDefault();
      paletteOpen.set(!paletteOpen.get());
    };
    document.addEventListener("keydown", key);
    return () => document.removeEventListener("keydown", key);
  }, []);
  useEffect(() => {
    if (open && !dialog.current?.open) dialog.current?.showModal();
    if (!open) dialog.current?.close();
  }, [open]);
  return (
    <dialog
      ref={dialog} className="dialog palette" aria-label="Command palette" onClose={() => paletteOpen.set(false)}
      onPointerDown={(event) => event.target === dialog.current && paletteOpen.set(false)}
    >
      {open && <Body />}
    </dialog>
  );
}

function Body() {
  const id = useId();
  const [text, setText] = useState("");
  const [found, setFound] = useState<Command[]>([]);
  const [at, setAt] = useState(0);
  const list = useRef<HTMLUListElement>(null);
  useEffect(() => {
    const abort = new AbortController();
    const timer = setTimeout(() => void offered(text.trim(), abort.signal, setFound), text ? ASK_MS : 0);
    setAt(0);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [text]);
  const shown = found.slice(0, SHOWN_MAX);
  useEffect(() => {
    // In a block: newer browsers return a promise here, which React would take for a cleanup.
    list.current?.children[at]?.scrollIntoView({ block: "nearest" });
  }, [at]);
  const pick = (command: Command | undefined) => {
    if (!command) return;
    paletteOpen.set(false);
    command.run();
  };
  const move = (step: number) => setAt((at + step + shown.length) % Math.max(shown.length, 1));
  return (
    <>
      <input
        autoFocus type="text" role="combobox" aria-label="Command, page, run or column" aria-expanded="true" aria-controls={id}
        aria-activedescendant={shown[at] && `${id}-${at}`} placeholder="Go to a page or run, sort by a column, …" value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === "ArrowDown") move(1);
          else if (event.key === "ArrowUp") move(-1);
          else if (event.key === "Enter") pick(shown[at]);
          else return;
          event.preventDefault();
        }}
      />
      <ul ref={list} id={id} role="listbox" aria-label="Commands">
        {shown.map((command, i) => (
          <li key={command.id} id={`${id}-${i}`} role="option" aria-selected={i === at} onPointerMove={() => setAt(i)} onClick={() => pick(command)}>
            <small>{command.kind}</small>
            <span className="ellipsis">{clip(command.title, 120)}</span>
            {command.detail && <span className="faint">{clip(command.detail, 60)}</span>}
            {command.key && <span className="keys">{command.key.split(" ").map((each) => <kbd key={each}>{each}</kbd>)}</span>}
          </li>
        ))}
        {!shown.length && <li className="faint" role="option" aria-selected="false">Nothing like that</li>}
      </ul>
    </>
  );
}
