// Keeps a run's data current while it runs: told by the server, at most once a second.
import { useEffect, useRef, useState } from "react";
import { useLive } from "../../base/useLive";
import type { RunDetail } from "../../wire/types";

const EVERY_MS = 1000;

/** Calls `reload` soon after the run changed, never more often than once a second. */
export function useFresh(run: Pick<RunDetail, "id"> | undefined, reload: () => void): void {
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const last = useRef(0);
  useLive(run ? [run.id] : [], false, () => {
    if (timer.current !== undefined) return;
    timer.current = setTimeout(() => {
      timer.current = undefined;
      last.current = Date.now();
      reload();
    }, Math.max(0, EVERY_MS - (Date.now() - last.current)));
  });
  useEffect(() => () => clearTimeout(timer.current), []);
}

/** The time in microseconds, moving on every second while `moving`. */
export function useNow(moving: boolean): number {
  const [now, setNow] = useState(() => Date.now() * 1000);
  useEffect(() => {
    if (!moving) return;
    const timer = setInterval(() => setNow(Date.now() * 1000), 1000);
    return () => clearInterval(timer);
  }, [moving]);
  return now;
}
