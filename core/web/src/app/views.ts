// Views that the reader named: their addresses, kept by this browser for this store.
import { Signal } from "../base/signal";

export interface SavedView {
  name: string;
  /** "#/page?…" */
  hash: string;
}

export const savedViews = new Signal<SavedView[]>([]);
const VIEWS_MAX = 200;
let key = "";

/** Views of a store; others at the same address have their own. */
export function openViews(store: string): void {
  key = `epochlog.views/${store}`;
  savedViews.set(stored());
}

if (typeof window !== "undefined") {
  // Another tab saved or removed one.
  window.addEventListener("storage", (event) => event.key === key && savedViews.set(stored()));
}

function stored(): SavedView[] {
  try {
    return viewsIn(localStorage.getItem(key));
  } catch {
    return []; // Storage may be forbidden; then views last as long as the page.
  }
}

/** What an older or newer version wrote is taken as far as it is understood. */
export function viewsIn(text: string | null): SavedView[] {
  try {
    const found: unknown = JSON.parse(text ?? "[]");
    if (!Array.isArray(found)) return [];
    return found.filter((each) => typeof each?.name === "string" && typeof each.hash === "string" && each.hash.startsWith("#/"));
  } catch {
    return [];
  }
}

/** Adds a view, or gives its name another address; sorted by name. */
export function saveView(name: string, hash: string): void {
  const rest = savedViews.get().filter((view) => view.name !== name);
  keep([...rest, { name, hash }].sort((a, b) => a.name.localeCompare(b.name)).slice(0, VIEWS_MAX));
}

export function removeView(name: string): void {
  keep(savedViews.get().filter((view) => view.name !== name));
}

function keep(views: SavedView[]): void {
  savedViews.set(views);
  try {
    localStorage.setItem(key, JSON.stringify(views));
  } catch {
    // See above.
  }
}
