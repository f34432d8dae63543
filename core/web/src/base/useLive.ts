// Live changes in components: one Live per tab, watchers as long as their component is shown.
import { useEffect, useRef } from "react";
import { Live, liveAddress, type Changed } from "../wire/live";

export const live = new Live(typeof document === "undefined" ? "" : liveAddress(document.baseURI));

/** Calls `tell` when one of `runs` changed, or, with `list`, when anything in the store did. */
export function useLive(runs: readonly string[], list: boolean, tell: (note: Changed) => void): void {
  const latest = useRef(tell);
  latest.current = tell;
  const key = runs.join(",");
  useEffect(
    () => live.watch({ runs: key ? key.split(",") : [], list, tell: (note) => latest.current(note) }),
    [key, list],
  );
}
