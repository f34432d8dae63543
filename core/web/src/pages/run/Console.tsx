// What the run printed: a virtual list of lines with their colours, searched by the server, followed while it runs.
import { useCallback, useEffect, useLayoutEffect, useMemo, useReducer, useRef, useState, type CSSProperties } from "react";
import { api, ApiError } from "../../api";
import { route, useRoute } from "../../app/router";
import { formatCount, formatDate } from "../../base/format";
import { IconButton } from "../../components/Button";
import { Empty, Failed, Loading } from "../../components/Panel";
import { saveText } from "../../base/files";
import type { ConsoleLine } from "../../wire/types";
import { spans, stripAnsi } from "./ansi";
import { ConsoleStore } from "./consoleStore";
import type { PartProps } from "./RunPage";

const ROW = 18;
const OVERSCAN = 30;
const NEAR = 60;

export default function ConsolePart({ run }: PartProps) {
  const { params } = useRoute();
  const search = params.get("search") ?? "";
  const context = params.get("process") ?? "";
  const [draft, setDraft] = useState(search);
  const [, redraw] = useReducer((n: number) => n + 1, 0);
  const [error, setError] = useState<ApiError | null>(null);
  const [follow, setFollow] = useState(run.status === "running" || !params.has("line"));
  const store = useMemo(() => new ConsoleStore((query) => api.console(run.id, {
    ...query, ...(search && { search, ignore_case: true }), ...(params.has("process") && { context }),
  })), [run.id, search, context, params.has("process")]);
  const busy = useRef(false);
  /** One request at a time; whatever it brings is drawn. */
  const ask = useCallback(async (what: () => Promise<unknown>) => {
    if (busy.current) return;
    busy.current = true;
    try {
      await what();
      setError(null);
    } catch (problem) {
      setError(ApiError.of(problem));
    } finally {
      busy.current = false;
      redraw();
    }
  }, []);
  useEffect(() => {
    busy.current = false;
    void ask(() => store.open(true));
  }, [store, ask]);
  useEffect(() => {
    if (store.loaded && !store.moreAfter) void ask(() => store.later());
  }, [run.console_lines, run.updated, store, ask]);
  useEffect(() => {
    if (draft === search) return;
    const timer = setTimeout(() => route.patch({ search: draft, line: null }, true), 250);
    return () => clearTimeout(timer);
  }, [draft, search]);
  const saveAll = () => void (async () => {
    const all: string[] = [];
    let after = 0;
    for (;;) {
      const page = await api.console(run.id, { after, limit: 5000 });
      for (const line of page.lines) all.push(stripAnsi(line.text));
      if (!page.more_after || !page.lines.length) break;
      after = page.lines.at(-1)!.number;
    }
    saveText(`${all.join("\n")}\n`, `${run.name}-console.txt`, "text/plain");
  })();
  return (
    <section className="panel console-panel" aria-label="Console">
      <header>
        <div className="row grow">
          <input type="search" placeholder="Search (a regular expression)" aria-label="Search the console" value={draft} onChange={(event) => setDraft(event.target.value)} />
          <span className="faint" role="status">{store.loaded && (search ? `${formatCount(store.matching)} of ${formatCount(store.total)} lines` : `${formatCount(store.total)} lines`)}{store.leftOut > 0 && `, ${formatCount(store.leftOut)} left out`}</span>
        </div>
        <div className="actions">
          {store.contexts.length > 1 && (
            <select aria-label="Process" value={params.has("process") ? context : "*"} onChange={(event) => route.patch({ process: event.target.value === "*" ? null : event.target.value }, true)}>
              <option value="*">all processes</option>
              {store.contexts.map((each) => <option key={each} value={each}>{each || "main"}</option>)}
            </select>
          )}
          <label className="check"><input type="checkbox" checked={follow} onChange={(event) => setFollow(event.target.checked)} />follow the end</label>
          <IconButton icon="download" label="Save the whole console as text" onClick={saveAll} disabled={!store.total} />
        </div>
      </header>
      {error && <Failed error={error} retry={() => void ask(() => store.open(true))} />}
      {!store.loaded ? !error && <Loading /> : !store.lines.length ? (
        <Empty>{search ? `No line fits “${search}”.` : run.status === "running" ? "Nothing printed yet." : run.ancestors.length ? "Nothing was printed here; the run that it belongs to may have it." : "Nothing was printed."}</Empty>
      ) : (
        <Lines
          store={store} follow={follow} search={search} onLeaveEnd={() => setFollow(false)} onReachEnd={() => setFollow(true)}
          onTop={() => void ask(() => store.earlier())} onBottom={() => void ask(() => store.later())}
        />
      )}
    </section>
  );
}

function Lines({ store, follow, search, onLeaveEnd, onReachEnd, onTop, onBottom }: {
  store: ConsoleStore;
  follow: boolean;
  search: string;
  onLeaveEnd: () => void;
  onReachEnd: () => void;
  onTop: () => void;
  onBottom: () => void;
}) {
  const root = useRef<HTMLDivElement>(null);
  const [top, setTop] = useState(0);
  const [height, setHeight] = useState(600);
  const { lines } = store;
  const anchor = useRef<{ number: number; offset: number } | null>(null);
  useEffect(() => {
    const element = root.current!;
    const observer = new ResizeObserver(() => setHeight(element.clientHeight));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  // Lines that come in above must not push what is being read.
  useLayoutEffect(() => {
    const element = root.current!;
    if (follow) element.scrollTop = element.scrollHeight;
    else if (anchor.current) {
      const place = placeOf(lines, anchor.current.number);
      if (place >= 0) element.scrollTop = place * ROW + anchor.current.offset;
    }
    setTop(element.scrollTop);
  }, [lines, follow]);
  const first = Math.max(0, Math.floor(top / ROW) - OVERSCAN);
  const last = Math.min(lines.length, Math.ceil((top + height) / ROW) + OVERSCAN);
  const scroll = () => {
    const element = root.current!;
    setTop(element.scrollTop);
    const at = Math.floor(element.scrollTop / ROW);
    anchor.current = lines[at] ? { number: lines[at]!.number, offset: element.scrollTop - at * ROW } : null;
    const end = element.scrollHeight - element.clientHeight - element.scrollTop;
    if (follow && end > 3 * ROW) onLeaveEnd();
    if (!follow && end < 2 && !store.moreAfter) onReachEnd();
    if (at < NEAR && store.moreBefore) onTop();
    if (end < NEAR * ROW && store.moreAfter) onBottom();
  };
  const mark = useMemo(() => matcher(search), [search]);
  return (
    <div className="console" ref={root} onScroll={scroll} tabIndex={0} role="log" aria-label="Console lines" aria-live="off">
      <div className="console-inner" style={{ height: lines.length * ROW + (store.unfinished && !store.moreAfter ? ROW : 0) }}>
        {lines.slice(first, last).map((line, i) => (
          <Line key={line.number} line={line} top={(first + i) * ROW} gap={first + i > 0 && line.number !== lines[first + i - 1]!.number + 1} mark={mark} />
        ))}
        {store.unfinished && !store.moreAfter && !search && <div className="console-line unfinished" style={{ top: lines.length * ROW }}><span className="line-number" /><Text text={store.unfinished} mark={null} /></div>}
      </div>
    </div>
  );
}

function placeOf(lines: readonly ConsoleLine[], number: number): number {
  let [low, high] = [0, lines.length - 1];
  while (low <= high) {
    const middle = (low + high) >> 1;
    if (lines[middle]!.number === number) return middle;
    if (lines[middle]!.number < number) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}

function matcher(search: string): RegExp | null {
  if (!search) return null;
  try {
    return new RegExp(search, "gi");
  } catch {
    return new RegExp(search.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"), "gi");
  }
}

/** Words by which trouble is found at a glance. */
export function tone(text: string): "bad" | "hint" | "" {
  if (/^Traceback \(|\b(error|exception|critical|fatal)\b|Error:|^\w*Error\b/i.test(text)) return "bad";
  return /\b(warn|warning)\b|Warning:/i.test(text) ? "hint" : "";
}

function Line({ line, top, gap, mark }: { line: ConsoleLine; top: number; gap: boolean; mark: RegExp | null }) {
  return (
    <div className={`console-line ${line.stream === "stderr" ? "stderr" : ""} ${gap ? "gap" : ""} ${tone(line.text)}`} style={{ top }}>
      <span className="line-number" title={line.at === null ? undefined : formatDate(line.at)}>{line.number}</span>
      {line.context && <span className="line-context">{line.context}</span>}
      <Text text={line.text} mark={mark} />
    </div>
  );
}

function Text({ text, mark }: { text: string; mark: RegExp | null }) {
  return (
    <span className="line-text">
      {spans(text).map((span, i) => {
        const style: CSSProperties | undefined = span.color || span.background ? { color: span.color, backgroundColor: span.background } : undefined;
        const inner = mark ? marked(span.text, mark) : span.text;
        return span.look || style ? <span key={i} className={span.look} style={style}>{inner}</span> : <span key={i}>{inner}</span>;
      })}
    </span>
  );
}

function marked(text: string, mark: RegExp) {
  const out = [];
  let from = 0;
  for (const match of text.matchAll(mark)) {
    if (!match[0]) continue;
    out.push(text.slice(from, match.index), <mark key={match.index}>{match[0]}</mark>);
    from = match.index + match[0].length;
  }
  out.push(text.slice(from));
  return out;
}
