// What the runs page shows, as it stands in the address.
import { route, useRoute } from "../../app/router";
import type { FieldId, Selection, XAxis } from "../../wire/types";

export interface View {
  where: string;
  project: string;
  experiment: string;
  order: string;
  group: FieldId[];
  /** null: the usual ones. */
  columns: FieldId[] | null;
  pinned: FieldId[];
  archived: boolean;
  nested: boolean;
  layout: "both" | "table" | "charts";
  /** How many of the first rows are plotted, besides `show` and without `hide`. */
  auto: number;
  show: string[];
  hide: string[];
  baseline: string;
  /** Fields that say how lines look and in which chart they are; "": each run its own colour. */
  colorBy: FieldId;
  dashBy: FieldId;
  facetBy: FieldId;
  x: XAxis;
  xMetric: string;
  smooth: number;
  method: "ema" | "gaussian" | "mean";
  logX: boolean;
  logY: boolean;
  clip: boolean;
  find: string;
  range: [number, number] | null;
  closed: string[];
}

const AUTO = 10;

function list(text: string | null): string[] {
  return text ? text.split(",") : [];
}

function one<T extends string>(text: string | null, values: readonly T[], otherwise: T): T {
  return values.find((value) => value === text) ?? otherwise;
}

function number(text: string | null, low: number, high: number, otherwise: number): number {
  const value = text === null || text === "" ? NaN : Number(text);
  return Number.isFinite(value) ? Math.min(high, Math.max(low, value)) : otherwise;
}

export function readView(params: URLSearchParams): View {
  const range = list(params.get("range")).map(Number);
  return {
    where: params.get("q") ?? "",
    project: params.get("project") ?? "",
    experiment: params.get("experiment") ?? "",
    order: params.get("sort") ?? "",
    group: params.getAll("group"),
    columns: params.has("col") ? params.getAll("col").filter(Boolean) : null,
    pinned: params.getAll("pin"),
    archived: params.get("bin") === "1",
    nested: params.get("nested") === "1",
    layout: one(params.get("view"), ["both", "table", "charts"], "both"),
    auto: number(params.get("first"), 0, 200, AUTO),
    show: list(params.get("show")),
    hide: list(params.get("hide")),
    baseline: params.get("base") ?? "",
    colorBy: params.get("color") ?? "",
    dashBy: params.get("dash") ?? "",
    facetBy: params.get("facet") ?? "",
    x: one(params.get("x"), ["step", "epoch", "relative", "wall", "metric"], "step"),
    xMetric: params.get("xm") ?? "",
    smooth: number(params.get("smooth"), 0, 0.999, 0),
    method: one(params.get("method"), ["ema", "gaussian", "mean"], "ema"),
    logX: params.get("logx") === "1",
    logY: params.get("logy") === "1",
    clip: params.get("clip") === "1",
    find: params.get("find") ?? "",
    range: range.length === 2 && range.every(Number.isFinite) ? [range[0]!, range[1]!] : null,
    closed: params.getAll("closed"),
  };
}

/** Changes of a view, by the names they have in the address. */
export function writeView(change: Partial<View>): Record<string, string | string[] | null> {
  const out: Record<string, string | string[] | null> = {};
  const flags = { archived: "bin", nested: "nested", logX: "logx", logY: "logy", clip: "clip" } as const;
  const texts = { where: "q", project: "project", experiment: "experiment", order: "sort", baseline: "base", xMetric: "xm", find: "find", colorBy: "color", dashBy: "dash", facetBy: "facet" } as const;
  const usual = { layout: ["view", "both"], x: ["x", "step"], method: ["method", "ema"] } as const;
  const lists = { group: "group", pinned: "pin", closed: "closed" } as const;
  for (const [key, name] of Object.entries(flags)) if (key in change) out[name] = change[key as keyof typeof flags] ? "1" : null;
  for (const [key, name] of Object.entries(texts)) if (key in change) out[name] = change[key as keyof typeof texts] || null;
  for (const [key, [name, otherwise]] of Object.entries(usual)) {
    const value = change[key as keyof typeof usual];
    if (value !== undefined) out[name] = value === otherwise ? null : value;
  }
  for (const [key, name] of Object.entries(lists)) {
    const value = change[key as keyof typeof lists];
    if (value) out[name] = value;
  }
  if ("columns" in change) out.col = change.columns ? (change.columns.length ? change.columns : [""]) : null;
  if (change.show) out.show = change.show.join(",") || null;
  if (change.hide) out.hide = change.hide.join(",") || null;
  if (change.auto !== undefined) out.first = change.auto === AUTO ? null : String(change.auto);
  if (change.smooth !== undefined) out.smooth = change.smooth ? String(change.smooth) : null;
  if ("range" in change) out.range = change.range ? change.range.map((end) => Number(end.toPrecision(10))).join(",") : null;
  return out;
}

export function useView(): [View, (change: Partial<View>, replace?: boolean) => void] {
  const { params } = useRoute();
  return [readView(params), (change, replace = false) => route.patch(writeView(change), replace)];
}

/** The runs that the table lists. */
export function selectionOf(view: View): Selection {
  return {
    where: view.where || undefined,
    project: view.project || undefined,
    experiment: view.experiment || undefined,
    order: view.order || undefined,
    archived: view.archived || undefined,
    nested: view.nested || undefined,
  };
}
