// The address holds the whole view: "#/page/id?name=value". Behind the "#" it works under any proxy prefix.
import { Signal, useSignal } from "../base/signal";

export interface Route {
  /** runs | run | compare | study | artifacts | lineage … */
  page: string;
  /** What of it, e.g. a run's id; "" if nothing. */
  id: string;
  params: URLSearchParams;
}

export function parseHash(hash: string): Route {
  const text = hash.replace(/^#?\/?/, "");
  const cut = text.indexOf("?");
  const path = cut < 0 ? text : text.slice(0, cut);
  const [page = "", ...rest] = path.split("/");
  const query = cut < 0 ? "" : text.slice(cut + 1);
  return { page: page || "runs", id: decoded(rest.join("/")), params: new URLSearchParams(query) };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

type Values = Record<string, string | string[] | number | boolean | null | undefined>;

/** "#/run/ID?tab=charts": the address of a view, for `<a href>`. */
export function href(page: string, id = "", values: Values | URLSearchParams = {}): string {
  const params = values instanceof URLSearchParams ? values : patched(new URLSearchParams(), values);
  const query = params.toString();
  return `#/${page}${id ? `/${encodeURIComponent(id)}` : ""}${query ? `?${query}` : ""}`;
}

/** A copy with some values replaced; null, undefined, "" and false remove one. */
export function patched(params: URLSearchParams, values: Values): URLSearchParams {
  const next = new URLSearchParams(params);
  for (const [name, value] of Object.entries(values)) {
    next.delete(name);
    if (value === null || value === undefined || value === "" || value === false) continue;
    for (const each of Array.isArray(value) ? value : [value === true ? "1" : String(value)]) next.append(name, each);
  }
  return next;
}

const current = new Signal<Route>(parseHash(typeof location === "undefined" ? "" : location.hash));

function read(): void {
  current.set(parseHash(location.hash));
}
if (typeof window !== "undefined") {
  window.addEventListener("hashchange", read);
  window.addEventListener("popstate", read);
}

export const route = {
  get: current.get,
  /** Opens a view; `replace` leaves no step to go back to. */
  go(to: string, replace = false): void {
    if (to === location.hash) return;
    history[replace ? "replaceState" : "pushState"](null, "", to);
    read();
  },
  /** Changes part of the current view's state. */
  patch(values: Values, replace = false): void {
    const { page, id, params } = current.get();
    route.go(href(page, id, patched(params, values)), replace);
  },
};

export function useRoute(): Route {
  return useSignal(current);
}
