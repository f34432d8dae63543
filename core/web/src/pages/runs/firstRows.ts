// The first rows of the table while only charts are shown: what to draw follows from them.
import { useEffect, useRef, useState } from "react";
import { useLive } from "../../base/useLive";
import { rootLoad, type Question, type Row } from "./source";

const LIVE_MS = 2000;

export function useFirstRows(question: Question, count: number, enabled: boolean, tell: (rows: Row[]) => void): void {
  const latest = useRef(tell);
  latest.current = tell;
  const [turn, setTurn] = useState(0);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => {
    if (!enabled) return;
    const abort = new AbortController();
    rootLoad(question)(0, Math.max(count, 1), undefined, abort.signal).then(
      ({ rows }) => latest.current(rows.map(({ row }) => row)),
      () => {}, // The filter bar says what is wrong with a filter.
    );
    return () => abort.abort();
  }, [question, count, enabled, turn]);
  useLive([], enabled, () => {
    timer.current ??= setTimeout(() => {
      timer.current = undefined;
      setTurn((n) => n + 1);
    }, LIVE_MS);
  });
  useEffect(() => () => clearTimeout(timer.current), []);
}
