// Keys that mean something everywhere, unless somebody is typing.
import { useLayoutEffect } from "react";
import { NAVIGATION } from "./navigation";
import { href, route } from "./router";

export function isTyping(event: KeyboardEvent): boolean {
  const target = event.target as HTMLElement | null;
  if (event.ctrlKey || event.metaKey || event.altKey) return true;
  return !!target?.closest("input:not([type=checkbox], [type=radio], [type=range]), textarea, select, [contenteditable], dialog[open]");
}

let lead = 0;

/** "g r" and the like: pages by two keys. */
export function goKey(event: KeyboardEvent): boolean {
  if (event.key === "g") {
    lead = event.timeStamp;
    return false;
  }
  const page = event.timeStamp - lead < 1200 ? NAVIGATION.find((each) => each.key === event.key)?.page : undefined;
  lead = 0;
  if (page) route.go(href(page));
  return page !== undefined;
}

/** Handles keys while the component is shown; `handle` says whether it took the key. */
export function useKeys(handle: (event: KeyboardEvent) => boolean): void {
  useLayoutEffect(() => { // not a moment after what it says is on the screen
    const listen = (event: KeyboardEvent) => {
      if (event.defaultPrevented || isTyping(event)) return;
      if (goKey(event) || handle(event)) event.preventDefault();
    };
    document.addEventListener("keydown", listen);
    return () => document.removeEventListener("keydown", listen);
  });
}
