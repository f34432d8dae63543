// The filter: completes names and values while one types, underlines what is wrong, applies with Enter.
import { useEffect, useId, useRef, useState, type KeyboardEvent } from "react";
import { api } from "../../api";
import { Icon } from "../../components/Icon";
import type { Completion, ErrorBody } from "../../wire/types";

interface Props {
  value: string;
  project: string;
  onApply: (where: string) => void;
  /** Gets the input, to focus it with "/". */
  input: { current: HTMLInputElement | null };
}

const EXAMPLE = 'status == "completed" and metrics["val/loss"].min < 0.3';

export function FilterBar({ value, project, onApply, input }: Props) {
  const [text, setText] = useState(value);
  const [error, setError] = useState<ErrorBody["error"] | null>(null);
  const [options, setOptions] = useState<Completion[]>([]);
  const [chosen, setChosen] = useState(-1);
  const [open, setOpen] = useState(false);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const asked = useRef<AbortController | null>(null);
  /** Text of the completion that the arrows chose: newer answers keep it. */
  const picked = useRef<string | null>(null);
  const id = useId();

  useEffect(() => {
    setText(value);
    if (value) check(value, null);
    else setError(null);
  }, [value]);

  function check(where: string, caret: number | null): void {
    clearTimeout(timer.current);
    timer.current = setTimeout(async () => {
      asked.current?.abort();
      const abort = (asked.current = new AbortController());
      try {
        const answer = await api.filter({ where, project, caret: caret ?? undefined }, abort.signal);
        setError(where.trim() && !answer.ok ? (answer.error ?? null) : null);
        const next = answer.completions.slice(0, 12);
        const kept = picked.current;
        setOptions(next);
        setChosen(kept === null ? -1 : next.findIndex((each) => each.text === kept));
      } catch {
        // The table says what is wrong with the server.
      }
    }, 80);
  }

  function take(option: Completion): void {
    const next = text.slice(0, option.from) + option.text + text.slice(option.to);
    const caret = option.from + option.text.length;
    picked.current = null;
    setText(next);
    requestAnimationFrame(() => input.current?.setSelectionRange(caret, caret));
    check(next, caret);
  }

  function apply(): void {
    setOpen(false);
    setOptions([]);
    onApply(text.trim());
  }

  function pressed(event: KeyboardEvent<HTMLInputElement>): void {
    const shown = open && options.length > 0;
    const step = (to: number) => {
      setChosen(to);
      picked.current = options[to]!.text;
    };
    if (event.key === "ArrowDown" && shown) step((chosen + 1) % options.length);
    else if (event.key === "ArrowUp" && shown) step((chosen - 1 + options.length) % options.length);
    else if (event.key === "Tab" && shown && text) take(options[Math.max(chosen, 0)]!);
    else if (event.key === "Enter" && shown && chosen >= 0) take(options[chosen]!);
    else if (event.key === "Enter") apply();
    else if (event.key === "Escape") {
      if (shown) setOpen(false);
      else input.current?.blur();
    } else return;
    event.preventDefault();
  }

  const listed = open && options.length > 0;
  return (
    <div className={`filter ${error && !listed ? "wrong" : ""}`}>
      <Icon name="search" />
      <div className="filter-field">
        {error && error.column !== null && error.column !== undefined && <Underline text={text} column={error.column} />}
        <input
          ref={input}
          type="text"
          role="combobox"
          aria-label="Filter runs"
          aria-expanded={listed}
          aria-controls={`${id}-list`}
          aria-autocomplete="list"
          aria-activedescendant={listed && chosen >= 0 ? `${id}-${chosen}` : undefined}
          aria-invalid={error !== null}
          aria-describedby={error ? `${id}-error` : undefined}
          placeholder={`Filter, e.g. ${EXAMPLE}`}
          spellCheck={false}
          autoComplete="off"
          value={text}
          onChange={(event) => {
            setText(event.target.value);
            picked.current = null;
            setOpen(true);
            check(event.target.value, event.target.selectionStart);
          }}
          onFocus={(event) => {
            setOpen(true);
            check(text, event.target.selectionStart);
          }}
          onBlur={() => {
            setOpen(false);
            if (text.trim() !== value && !error) onApply(text.trim());
          }}
          onKeyDown={pressed}
        />
      </div>
      {text && (
        <button type="button" className="icon-button small" aria-label="Clear the filter" title="Clear the filter" onClick={() => { setText(""); setError(null); onApply(""); }}>
          <Icon name="close" size={12} />
        </button>
      )}
      {listed && (
        <ul className="completions" role="listbox" id={`${id}-list`} aria-label="Completions">
          {options.map((option, at) => (
            <li
              key={`${option.text}/${option.kind}`}
              id={`${id}-${at}`}
              role="option"
              aria-selected={at === chosen}
              className={at === chosen ? "active" : ""}
              onPointerDown={(event) => {
                event.preventDefault();
                take(option);
              }}
            >
              <span className={`kind ${option.kind}`}>{option.kind.replace("_", " ")}</span>
              <code>{option.text}</code>
              <span className="faint">{option.detail}</span>
            </li>
          ))}
        </ul>
      )}
      {error && !listed && <div className="filter-error" id={`${id}-error`} role="alert">{error.message}</div>}
    </div>
  );
}

/** A wavy line below the place of the mistake; the text above it is only there to give it its place. */
function Underline({ text, column }: { text: string; column: number }) {
  const end = /[\s()]|$/.exec(text.slice(column + 1))!.index + column + 1;
  return (
    <div className="underline" aria-hidden="true">
      {text.slice(0, column)}
      <u>{text.slice(column, end) || " "}</u>
    </div>
  );
}
