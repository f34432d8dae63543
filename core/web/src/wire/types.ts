/**
 * What the server and the browser say to each other; core/epochlog/server/ is the other side.
 *
 * Addresses are relative to where the UI lives ("api/runs", never "/api/runs"), so that a proxy prefix works.
 * Reads without a body are GET. Reads whose question is long are POST with a JSON body and change nothing;
 * they may be repeated and aborted at any time. The only request that changes something is POST api/edit.
 * Every POST must carry `Content-Type: application/json` and `X-Epochlog: 1`; else 403.
 *
 * Names of fields are those of the filter language: a column of the runs table, an order, a group and a filter all
 * say `params.lr`, `params["a/b"]`, `metrics["val/loss"].min`, `tags`, `started` … (`FieldId`).
 * Times are microseconds since 1970 UTC (exact in a double); durations are seconds.
 */

// ---------------------------------------------------------------- values

/** Numbers that JSON can't say, and values that are no plain scalar. Anything else with a `$` is to be shown as text. */
export type Special =
  | { $: 'nan' }
  | { $: 'inf' }
  | { $: '-inf' }
  /** The value None was logged (null alone means: this run has no such value). */
  | { $: 'none' }
  /** An integer that a double can't hold; `v` has its digits. */
  | { $: 'int'; v: string }
  /** A list or dict; `v` is its JSON text, cut to 2,000 characters. */
  | { $: 'json'; v: string }
  /** An object that has no plain form; `v` describes it, `t` is its type. */
  | { $: 'opaque'; v: string; t: string };

/** One cell of a table. null: the run has none. Texts longer than 2,000 characters end in "…". */
export type Cell = null | boolean | number | string | Special | string[];

/** Plain data of any depth (environment, plots, meta). NaN and infinities are `Special`; null is None. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

export type FieldId = string;

/** Microseconds since 1970-01-01 UTC. */
export type Micros = number;

export type Status =
  | 'pending'
  | 'running'
  | 'completed'
  | 'failed'
  | 'canceled'
  | 'pruned'
  | 'skipped'
  | 'lost'
  | (string & {});

/** The body of every response with a status of 400 or more. */
export interface ErrorBody {
  error: {
    /** filter | not_found | bad_request | forbidden | unauthorized | no_store (nothing was recorded yet) | store | too_large | internal */
    kind: string;
    /** One line for people; says what, which and what next. */
    message: string;
    /** Of a filter error: the expression and the zero-based column (in UTF-16 units) of the mistake. */
    expression?: string;
    column?: number | null;
    /** Which field of the request was wrong: where, order, columns, group. */
    field?: string;
  };
}

// ---------------------------------------------------------------- GET api/info

export interface Info {
  version: string;
  /** Where the store is, for people. */
  store: string;
  /** Whether POST api/edit is possible. */
  writable: boolean;
  now: Micros;
  /** Names of every run status, and of the sections of a comparison. */
  statuses: Status[];
  sections: string[];
  /** The store's cursor at this moment, to begin watching with. */
  cursor: Cursor;
}

/** Opaque; equal cursors = nothing changed. */
export type Cursor = string;

// ---------------------------------------------------------------- GET api/projects

export interface Projects {
  projects: Project[];
  cursor: Cursor;
}

export interface Project {
  name: string;
  /** Runs at the top level that are not archived, and all runs. */
  runs: number;
  all_runs: number;
  /** Status -> runs at the top level. */
  statuses: Record<Status, number>;
  last_activity: Micros | null;
  /** Runs at the top level that started in each of the last 30 days, oldest first. */
  days: number[];
  experiments: { name: string; runs: number; last_activity: Micros | null }[];
  /** Bytes of the artifacts that its runs produced. */
  artifact_bytes: number;
}

// ---------------------------------------------------------------- POST api/runs

/** Which runs, in which order; part of several requests. */
export interface Selection {
  /** Filter expression; "" = all. */
  where?: string;
  project?: string;
  experiment?: string;
  /** Order expression: "-started" (default), "-metrics.acc.max, name". */
  order?: string;
  /** Only the runs directly below this one (id). Without it: see `nested`. */
  parent?: string;
  /** false (default): only runs at the top level, or, with a filter, still only those. true: all runs. */
  nested?: boolean;
  /** true: only runs in the bin. Default: only others (a filter that mentions `archived` decides for itself). */
  archived?: boolean;
  /** Only runs of one group: each field must have exactly this value (null: the run has none). */
  within?: { field: FieldId; value: Cell }[];
}

export interface RunsRequest extends Selection {
  columns: FieldId[];
  offset: number;
  /** 1 … 1,000; 200 is a good window. */
  limit: number;
  /**
   * The permutation that an earlier window came from. With it, windows fit together while runs appear and change
   * (their cells are always current). When the server has dropped it, the answer has a new one and `moved` is true.
   */
  snapshot?: string;
}

export interface RunsWindow {
  snapshot: string;
  /** The asked-for snapshot was no longer there: rows outside of this window may have moved. */
  moved: boolean;
  /** Runs in this snapshot; -1 never happens. */
  total: number;
  offset: number;
  /** In order; fewer than asked for at the end. A run that was purged meanwhile is left out: use `at`. */
  rows: RunRow[];
  /** Something changed since the snapshot was made; ask without `snapshot` to see it. */
  stale: boolean;
  cursor: Cursor;
  /** Milliseconds that the server took. */
  took_ms: number;
}

export interface RunRow {
  /** Place in the snapshot. */
  at: number;
  id: string;
  name: string;
  status: Status;
  kind: string;
  source: string;
  parent: string | null;
  /** Runs directly below it. */
  children: number;
  archived: boolean;
  /** One for each of the requested columns. */
  cells: Cell[];
}

// ---------------------------------------------------------------- POST api/groups

export interface GroupsRequest extends Selection {
  /** What to group by, outermost first; answers list the distinct combinations of all of them. */
  group: FieldId[];
  /** Numbers get aggregates, other columns the one value that all share. */
  columns: FieldId[];
  /** What groups are sorted by: a place in `columns` by its mean, "group" (by value) or "count". Default "group". */
  sort?: { by: 'group' | 'count' | number; stat?: 'mean' | 'min' | 'max' | 'std'; descending?: boolean };
  offset: number;
  limit: number;
}

export interface GroupsWindow {
  total: number;
  offset: number;
  groups: Group[];
  /** Runs in all groups together. */
  runs: number;
  cursor: Cursor;
  took_ms: number;
}

export interface Group {
  /** One value per field of `group`; null: its runs have none. Goes back as `within`. */
  values: Cell[];
  count: number;
  statuses: Record<Status, number>;
  columns: Aggregate[];
}

/** Of the runs of a group. NaN is left out of the numbers and counted. */
export interface Aggregate {
  /** Runs that have a finite number here. */
  n: number;
  mean: Cell;
  /** Sample standard deviation (n - 1); null for fewer than two. */
  std: Cell;
  min: Cell;
  max: Cell;
  nan: number;
  /** The value that all runs of the group share; undefined if they differ. */
  same?: Cell;
}

// ---------------------------------------------------------------- POST api/runs/ids

/** Ids of a whole selection, e.g. for "select all" or "plot the first 100". */
export interface IdsRequest extends Selection {
  /** At most so many, 1 … 100,000. */
  limit: number;
}
export interface Ids {
  ids: string[];
  total: number;
  cursor: Cursor;
}

// ---------------------------------------------------------------- GET api/columns?project=&search=&kind=&limit=&counts=
//
// counts=0 leaves out how many runs have each (`runs` is null), which takes time where there are many names.

export interface Columns {
  columns: Column[];
  /** How many there are in all that fit the search. */
  total: number;
}

export interface Column {
  id: FieldId;
  kind: 'field' | 'param' | 'metric' | 'system_metric';
  /** Its name as logged, e.g. "val/loss". */
  name: string;
  /** number | text | time | duration | bool | set | any */
  type: string;
  /** A framework's own name of curves that stand under another: good for filters, the same curves again in charts. */
  alias?: boolean;
  /** Runs that have it, counted up to 1,000: with `more`, there are more. Of the fields of every run: null. */
  runs: number | null;
  more?: boolean;
  /** Of a metric: statistics that can follow, `id + "." + stat`; the id alone means `.last`. */
  stats?: string[];
  /** Of a metric: its contexts besides the usual one. */
  contexts?: string[];
}

// ---------------------------------------------------------------- POST api/filter

export interface FilterRequest {
  where?: string;
  order?: string;
  project?: string;
  /** Where the cursor is in `where` (or `order`), in UTF-16 units: asks for completions. */
  caret?: number;
}

export interface FilterAnswer {
  ok: boolean;
  error?: ErrorBody['error'];
  completions: Completion[];
}

export interface Completion {
  /** Replaces the characters from `from` to `to` of the expression. */
  text: string;
  from: number;
  to: number;
  /** field | param | metric | system_metric | stat | function | operator | value */
  kind: string;
  /** For people: how many runs have it, what it is. */
  detail: string;
}

// ---------------------------------------------------------------- POST api/series  (answer: binary frame)

export type XAxis = 'step' | 'epoch' | 'relative' | 'wall' | 'metric';

export interface SeriesRequest {
  /** Ids, at most 1,000. */
  runs: string[];
  /** At most 200 metrics, and 20,000 lines in all. */
  metrics: MetricRef[];
  /** relative: seconds since the run started. wall: seconds since 1970. metric: values of `x_metric` at equal steps. */
  x: XAxis;
  x_metric?: MetricRef;
  /** Equal-width buckets over the shown range: the chart's width in pixels, 1 … 20,000. Default 1,000. */
  buckets?: number;
  /** Shown part of the x axis; either end may be null = open. The points next to its ends come with it. */
  range?: [number | null, number | null];
  /** Adds the arrays `smooth`. Weight 0 … 0.9999 as of TensorBoard; distances are in x, not in points. */
  smooth?: { method: 'ema' | 'gaussian' | 'mean'; weight: number };
  /**
   * Instead of a line per run: a line per group of runs (places in `runs`), averaged on common x.
   * Lines then have `group` in place of `run` and the arrays x, mean, std, min, max, count.
   */
  groups?: number[][];
}

export interface MetricRef {
  key: string;
  /** Which curves of that name: "" (the usual one) by default; null = all contexts. */
  context?: string | null;
  /** Default "metric". */
  kind?: 'metric' | 'system_metric';
}

/**
 * application/octet-stream: 8 bytes little-endian unsigned = length N of the header (a multiple of 8); N bytes of UTF-8
 * JSON = `SeriesHeader`, padded with spaces; then Float64 little-endian. `Slice.at` counts in doubles from there:
 * `new Float64Array(buffer, 8 + N + slice.at * 8, slice.n)` copies nothing.
 */
export interface SeriesHeader {
  lines: Line[];
  /** What came out, in axis units, over all lines: [lowest, highest], null if there is nothing finite. */
  x_range: [number, number] | null;
  y_range: [number, number] | null;
  cursor: Cursor;
  took_ms: number;
}

export interface Line {
  /** Place in `SeriesRequest.runs`; of grouped answers -1. */
  run: number;
  /** Place in `SeriesRequest.groups`, else -1. */
  group: number;
  /** Place in `SeriesRequest.metrics`. */
  metric: number;
  context: string;
  /** Points in the store, and how many of them lie in the range. */
  total: number;
  inside: number;
  /** points: every point (arrays x, y). buckets: arrays x, x0, x1, min, max, mean, first, last, count. band: a group. */
  form: 'points' | 'buckets' | 'band';
  /** Range of this line's x in the whole store, not only of the shown part. */
  x_range: [number, number] | null;
  /** Where its values are NaN, +∞ and −∞: x, at most one per bucket; `counts` has how many there are of each. */
  nonfinite: { nan: number; inf: number; ninf: number };
  arrays: {
    /** Of buckets: mean x of the bucket's points; empty buckets are left out. */
    x: Slice;
    /** points: NaN and ±Inf as logged. */
    y?: Slice;
    /** First and last x in each bucket. */
    x0?: Slice;
    x1?: Slice;
    /** Over the finite values of the bucket; NaN if it has none. */
    min?: Slice;
    max?: Slice;
    mean?: Slice;
    /** As logged (may be NaN or ±Inf). */
    first?: Slice;
    last?: Slice;
    count?: Slice;
    /** band: standard deviation over runs; count = runs that have a value there. */
    std?: Slice;
    /** Smoothed over all points, then the last one of each bucket. As long as x. */
    smooth?: Slice;
    nan?: Slice;
    inf?: Slice;
    ninf?: Slice;
  };
  /** Why there is no line though it was asked for, e.g. "no epochs were logged"; else absent. */
  problem?: string;
}

export interface Slice {
  /** Offset in doubles from the end of the header. */
  at: number;
  n: number;
}

// ---------------------------------------------------------------- GET api/runs/{id}

/** {id} is a whole id, or what the command line takes: the beginning or end of an id, or a name. */
export interface RunDetail {
  id: string;
  name: string;
  status: Status;
  status_reason: string;
  traceback: string;
  kind: string;
  source: string;
  project: string;
  experiment: string;
  user: string;
  host: string;
  pid: number | null;
  position: number | null;
  created: Micros | null;
  started: Micros | null;
  ended: Micros | null;
  updated: Micros | null;
  archived: Micros | null;
  duration_s: number | null;
  tags: string[];
  /** Markdown. */
  note: string;
  /** From the root down to the run directly above. */
  ancestors: RunLink[];
  /** How many runs are directly below; POST api/runs with `parent` lists them. */
  children: number;
  /** Kind -> how many of them. */
  children_kinds: Record<string, number>;
  params: Record<string, Cell>;
  metrics: MetricFacts[];
  system_metrics: MetricFacts[];
  notices: { level: string; source: string; text: string; at: Micros | null }[];
  /** Texts longer than 20,000 characters are cut; `length` has all characters. GET api/runs/{id}/text?index= has it all. */
  texts: { index: number; key: string; step: number | null; at: Micros | null; text: string; length: number }[];
  /** GET api/runs/{id}/plot?index= has the data. */
  plots: PlotLink[];
  artifacts: ArtifactLink[];
  inputs: ArtifactLink[];
  environment: Json;
  code: Json;
  console_lines: number;
  /** Whether GET api/runs/{id}/study answers. */
  is_study: boolean;
  cursor: Cursor;
}

export interface RunLink {
  id: string;
  name: string;
  kind: string;
  status: Status;
}

export interface MetricFacts {
  key: string;
  context: string;
  count: number;
  nan_count: number;
  /** -1: less is better; 1: more is better; 0: not known. */
  direction: -1 | 0 | 1;
  first: Stat;
  last: Stat;
  min: Stat;
  max: Stat;
  best: Stat | null;
  mean: Cell;
  last_at: Micros | null;
  /** What the framework itself calls it. */
  aliases: string[];
}

export interface Stat {
  value: Cell;
  step: Cell;
}

export interface PlotLink {
  index: number;
  key: string;
  /** Of the kinds in core/epochlog/evaluation/kinds.py: roc, confusion_matrix, importance, histogram … */
  kind: string;
  step: number | null;
  at: Micros | null;
}

/** GET api/runs/{id}/plot?index=   or   ?key=&step= (the latest of that key without a step) */
export interface Plot extends PlotLink {
  data: Json;
}

/** POST api/plots {runs, key, step?}: the latest plot of one key of several runs, to lay over one another. */
export interface PlotsRequest {
  runs: string[];
  key: string;
  step?: number;
}
export interface PlotsAnswer {
  /** One per run, null where it has none. */
  plots: (Plot | null)[];
}

/** POST api/plots/keys {runs}: which plots these runs have. */
export interface PlotKeys {
  keys: { key: string; kind: string; runs: number; steps: number }[];
}

/** GET api/runs/{id}/text?index= */
export interface FullText {
  key: string;
  text: string;
}

// ---------------------------------------------------------------- GET api/runs/{id}/console

/**
 * ?after=N lines behind number N (default 0); ?before=N lines before it (the last ones of them);
 * ?limit= at most so many (default 500, at most 5,000); ?search=REGEX&ignore_case=1 only lines that match;
 * ?context= one process only. Without after and before, but with ?tail=1: the last lines.
 */
export interface Console {
  lines: ConsoleLine[];
  /** All lines that are kept, and how many of them match the search. */
  total: number;
  matching: number;
  /** Lines that were left out because there were too many. */
  left_out: number;
  contexts: string[];
  unfinished: string;
  /** There are more lines before the first, behind the last one of this answer. */
  more_before: boolean;
  more_after: boolean;
}

export interface ConsoleLine {
  /** From 1; a gap to the line before = left out. */
  number: number;
  at: Micros | null;
  stream: 'stdout' | 'stderr' | 'both' | '';
  text: string;
  context: string;
}

// ---------------------------------------------------------------- GET api/runs/{id}/code, api/runs/{id}/diff?other=

export interface Code {
  facts: Json;
  commit: string;
  files: { root: number; path: string; state: string; redacted: boolean; index: number }[];
  /** Notebook cells in the order of execution, "" if none. */
  cells: string;
}

/** GET api/runs/{id}/code/file?index= */
export interface CodeFile {
  path: string;
  text: string | null;
  /** Why there is no text. */
  problem: string;
}

export interface Diff {
  /** Unified diff; "" if nothing differs. */
  diff: string;
  truncated: boolean;
}

// ---------------------------------------------------------------- POST api/compare

export interface CompareRequest {
  /** 2 … 100 ids. */
  runs: string[];
  /** Place in `runs` that deltas are taken to. Default 0. */
  baseline?: number;
  /** Default: all of run, params, metrics, tags, datasets, environment, code. */
  sections?: string[];
  /** first | last | min | max | best | mean; default last, min, max, best. */
  statistics?: string[];
  /** true: rows in which all runs agree, too. */
  all?: boolean;
}

export interface Comparison {
  runs: (RunLink & { started: Micros | null })[];
  baseline: number;
  rows: ComparedRow[];
  /** Section -> rows in all, and rows that differ. */
  counts: Record<string, { all: number; differing: number }>;
  took_ms: number;
}

export interface ComparedRow {
  section: string;
  name: string;
  differs: boolean;
  /** One for each run; null = it has none. */
  values: Cell[];
  /** Difference to the baseline's number; null where either is no finite number. */
  deltas: (number | null)[] | null;
}

// ---------------------------------------------------------------- GET api/runs/{id}/study?part=…&objective=0

/** part=summary (default) */
export interface StudySummary {
  name: string;
  objectives: string[];
  directions: ('minimize' | 'maximize')[];
  /** Place in `trials`, null if there is none. */
  best: number | null;
  params: string[];
  trials: StudyTrial[];
  user_attrs: Record<string, Json>;
}
export interface StudyTrial {
  run: string;
  number: number;
  /** COMPLETE | PRUNED | FAIL | RUNNING | WAITING */
  state: string;
  values: Cell[] | null;
  params: Record<string, Cell>;
  constraints: Record<string, number>;
  feasible: boolean;
  started: Micros | null;
  ended: Micros | null;
  duration_s: number | null;
}
/** part=history */
export interface StudyHistory {
  objective: string;
  direction: string;
  numbers: number[];
  values: Cell[];
  feasible: boolean[];
  best: Cell[];
}
export interface ParamAxis {
  name: string;
  numeric: boolean;
  log: boolean;
  choices: Json[] | null;
}
/** part=importance */
export interface StudyImportance {
  objective: string;
  method: string;
  explained: Record<string, number>;
  importances: Record<string, number>;
}
/** part=slice&param=… */
export interface StudySlice {
  axis: ParamAxis;
  objective: string;
  numbers: number[];
  x: Cell[];
  values: Cell[];
  feasible: boolean[];
}
/** part=contour&param=X&param=Y */
export interface StudyContour {
  x_axis: ParamAxis;
  y_axis: ParamAxis;
  objective: string;
  numbers: number[];
  x: Cell[];
  y: Cell[];
  values: Cell[];
  feasible: boolean[];
}
/** part=parallel (&param=… repeated; default all) */
export interface StudyParallel {
  axes: ParamAxis[];
  objective: string;
  numbers: number[];
  rows: Cell[][];
  values: Cell[];
}
/** part=edf */
export interface StudyEdf {
  objective: string;
  x: Cell[];
  y: number[];
}
/** part=pareto */
export interface StudyPareto {
  objectives: string[];
  directions: string[];
  numbers: number[];
  values: Cell[][];
  feasible: boolean[];
  /** Numbers of the trials on the front. */
  best: number[];
}
/** part=timeline */
export interface StudyTimeline {
  bars: { number: number; state: string; feasible: boolean; started: Micros; ended: Micros | null }[];
}
/** part=intermediate */
export interface StudyIntermediate {
  curves: { number: number; state: string; steps: number[]; values: Cell[] }[];
}

// ---------------------------------------------------------------- POST api/importance

/** Which params explain a metric over a selection of runs (the same method as for studies). */
export interface ImportanceRequest extends Selection {
  metric: FieldId;
  /** Instead of a selection: these runs. */
  runs?: string[];
}
export interface ParamImportance {
  metric: FieldId;
  method: string;
  /** Runs with a finite value of the metric. */
  runs: number;
  /** Largest first; correlation is of ranks (Spearman), null for params that are no numbers. */
  params: { name: string; importance: number; explained: number; correlation: number | null; runs: number }[];
}

// ---------------------------------------------------------------- artifacts

export interface ArtifactLink {
  /** Of this version. */
  id: string;
  name: string;
  type: string;
  version: number;
  direction: 'in' | 'out';
  role: string;
  format: string;
  size: number | null;
  digest: string;
  aliases: string[];
  step: number | null;
  created: Micros | null;
  /** live | pending | missing | expired | deleted */
  state: string;
  /** Whether the store holds its content. */
  held: boolean;
  /** Number of files, of a folder; else 0. */
  files: number;
}

/** GET api/artifacts?project=&type=&name=&search=&offset=&limit= : newest version of each artifact. */
export interface Artifacts {
  artifacts: (ArtifactLink & { versions: number; producer: RunLink | null })[];
  types: Record<string, number>;
  total: number;
}

/** GET api/artifacts/{id} */
export interface ArtifactDetail extends ArtifactLink {
  uri: string;
  serializer: string;
  description: string;
  schema: Json;
  stats: Json;
  meta: Json;
  producer: RunLink | null;
  consumers: RunLink[];
  versions: { id: string; version: number; created: Micros | null; digest: string; size: number | null; aliases: string[] }[];
  /** Of a folder, sorted by path, at most 5,000. */
  members: { path: string; size: number; digest: string }[];
}

/**
 * GET api/artifacts/{id}/preview?file=  A safe look: texts are to be shown as text, never as HTML.
 * Images, audio, video and HTML are shown from `content`, which answers with its own sandbox policy:
 * <img src>, <iframe sandbox="" src>.
 */
export interface Preview {
  kind: 'text' | 'json' | 'table' | 'image' | 'svg' | 'html' | 'audio' | 'video' | 'binary' | 'folder' | 'missing';
  media_type: string;
  size: number | null;
  text?: string;
  truncated?: boolean;
  table?: { columns: string[]; rows: Cell[][]; total: number | null };
  /** Relative address of the content, to be shown and to be saved. */
  content?: string;
  download?: string;
  problem?: string;
}

// ---------------------------------------------------------------- GET api/lineage?run=ID | ?artifact=ID  &hops=2&limit=300

export interface Lineage {
  nodes: LineageNode[];
  edges: { from: string; to: string; role: string }[];
  /** Node ids with neighbours that were left out (too far, or too many). */
  folded: Record<string, number>;
}

export interface LineageNode {
  /** "run:ID" or "artifact:ID". */
  id: string;
  type: 'run' | 'artifact';
  label: string;
  /** Of a run its kind, of an artifact its type. */
  kind: string;
  status: Status | null;
  version: number | null;
  /** Hops from the start. */
  hops: number;
  /** Column (left to right: what came first) and row of a layered layout, if one wants to use it. */
  layer: number;
  row: number;
}

// ---------------------------------------------------------------- POST api/edit

export interface EditRequest {
  /** 1 … 10,000 ids. */
  runs: string[];
  add_tags?: string[];
  remove_tags?: string[];
  note?: string;
  /** true: into the bin, with all runs inside; false: back. Runs that are still running stay. */
  archived?: boolean;
}
export interface EditAnswer {
  /** Runs that were changed. */
  changed: number;
  /** Ids that were left alone, and why. */
  skipped: Record<string, string>;
  cursor: Cursor;
}

// ---------------------------------------------------------------- WebSocket api/live

/** One socket per tab. What is sent replaces what was sent before. */
export type LiveRequest =
  | {
      type: 'watch';
      /** Runs that are shown (ids, at most 2,000): their changes are told one by one. */
      runs: string[];
      /** Whether a table of runs is shown: tells when any run came, went or changed. */
      list: boolean;
      /** Where the tab stands; what changed since comes at once. */
      cursor: Cursor | null;
    }
  | { type: 'pause' };

/** At most 4 a second; what happens in between is put together. */
export type LiveNote =
  | { type: 'hello'; cursor: Cursor }
  | {
      type: 'changed';
      cursor: Cursor;
      /** Watched runs that changed. */
      runs: { id: string; status: Status; updated: Micros; points: number }[];
      /** Something in the store changed, whichever run it was (only with `list`). */
      list: boolean;
      /** Runs at the top level. */
      total: number;
    }
  | { type: 'error'; message: string };
