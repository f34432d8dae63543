// Rows that live on the server: windows of them are loaded when they come near, and rows open into further rows.

export interface Loaded<R> {
  rows: { at: number; row: R }[];
  total: number;
  snapshot?: string;
  /** The order changed under us: windows loaded before don't fit any more. */
  moved?: boolean;
  /** There is news that this snapshot doesn't show. */
  stale?: boolean;
}

export type Load<R> = (offset: number, limit: number, snapshot: string | undefined, signal: AbortSignal) => Promise<Loaded<R>>;

export interface Kind<R> {
  keyOf: (row: R) => string;
  /** Loads what is inside a row; null: nothing can be. */
  inside: (row: R) => Load<R> | null;
  onChange: () => void;
  onError: (error: unknown) => void;
  onStale?: (stale: boolean) => void;
}

export const WINDOW = 200;

/** One list of rows, all of the same parent. */
export class RowList<R> {
  /** -1: not known yet. */
  total = -1;
  private rows = new Map<number, R>();
  private asked = new Map<number, AbortController>();
  /** After a failure nothing is asked for until somebody says so. */
  private failed = false;
  private snapshot: string | undefined;
  private children = new Map<string, RowList<R>>();
  /** Place -> what is open there, kept in step with the rows. */
  private open = new Map<number, RowList<R>>();

  constructor(private kind: Kind<R>, private opened: Set<string>, private load: Load<R>) {}

  get(at: number): R | undefined {
    return this.rows.get(at);
  }

  /** Rows of this list and of everything open in it; one, while nothing is known. */
  size(): number {
    let size = this.total < 0 ? 1 : this.total;
    for (const child of this.open.values()) size += child.size();
    return size;
  }

  /** What the n-th shown row is. */
  locate(n: number, depth = 0): Found<R> {
    let skipped = 0;
    for (const [at, child] of this.sorted()) {
      if (n <= at + skipped) break;
      const size = child.size();
      if (n <= at + skipped + size) return child.locate(n - at - skipped - 1, depth + 1);
      skipped += size;
    }
    return { list: this, at: n - skipped, depth, row: this.rows.get(n - skipped), open: this.open.has(n - skipped) };
  }

  /** Where a row is shown, -1 if it isn't loaded. */
  find(key: string): number {
    for (const [at, row] of this.rows) if (this.kind.keyOf(row) === key) return this.shownAt(at);
    for (const [at, child] of this.open) {
      const inner = child.find(key);
      if (inner >= 0) return this.shownAt(at) + 1 + inner;
    }
    return -1;
  }

  private shownAt(at: number): number {
    let place = at;
    for (const [other, child] of this.open) if (other < at) place += child.size();
    return place;
  }

  private sorted(): [number, RowList<R>][] {
    return [...this.open].sort((a, b) => a[0] - b[0]);
  }

  /** Loads the windows that hold [from, to), as far as they aren't there. */
  need(from: number, to: number): void {
    if (this.failed) return;
    const end = this.total < 0 ? WINDOW : Math.min(to, this.total);
    for (let window = Math.floor(Math.max(from, 0) / WINDOW); window * WINDOW < end; window++) {
      if (!this.asked.has(window)) void this.fetch(window);
    }
  }

  /** Forgets windows that are far away and were not answered yet: scrolling past asks for nothing. */
  abandon(from: number, to: number): void {
    for (const [window, abort] of this.asked) {
      const far = (window + 1) * WINDOW < from - WINDOW || window * WINDOW > to + WINDOW;
      if (far && !this.rows.has(window * WINDOW)) {
        abort.abort();
        this.asked.delete(window);
      }
    }
  }

  /** Loads shown windows again; `fresh` also looks at the order anew. Old rows stay until then. */
  async refresh(from: number, to: number, fresh: boolean): Promise<void> {
    this.failed = false;
    if (fresh) this.snapshot = undefined;
    for (const abort of this.asked.values()) abort.abort();
    this.asked.clear();
    const first = Math.floor(Math.max(from, 0) / WINDOW);
    await this.fetch(first, fresh);
    if (this.total > 0) this.need(from, to);
    await Promise.all([...this.open.values()].map((child) => child.refresh(0, WINDOW, fresh)));
  }

  private async fetch(window: number, replaceAll = false): Promise<void> {
    const abort = new AbortController();
    this.asked.set(window, abort);
    try {
      const found = await this.load(window * WINDOW, WINDOW, this.snapshot, abort.signal);
      if (abort.signal.aborted) return;
      this.take(found, window, replaceAll || found.moved === true);
    } catch (error) {
      if (abort.signal.aborted) return;
      this.asked.delete(window);
      this.failed = true;
      this.kind.onError(error);
    }
  }

  private take(found: Loaded<R>, window: number, replaceAll: boolean): void {
    this.snapshot = found.snapshot;
    this.total = found.total;
    if (replaceAll) {
      this.rows.clear();
      this.open.clear();
      for (const [other, abort] of this.asked) {
        if (other === window) continue;
        abort.abort();
        this.asked.delete(other);
      }
    }
    for (const { at, row } of found.rows) {
      this.rows.set(at, row);
      this.reopen(at, row);
    }
    this.kind.onStale?.(found.stale ?? false);
    this.kind.onChange();
  }

  private reopen(at: number, row: R): void {
    const key = this.kind.keyOf(row);
    const load = this.opened.has(key) ? this.kind.inside(row) : null;
    if (!load) {
      this.open.delete(at);
      return;
    }
    let child = this.children.get(key);
    if (!child) {
      child = new RowList(this.kind, this.opened, load);
      this.children.set(key, child);
      child.need(0, WINDOW);
    }
    this.open.set(at, child);
  }

  /** Opens or closes the row at a place. */
  toggle(at: number): void {
    const row = this.rows.get(at);
    if (row === undefined || !this.kind.inside(row)) return;
    const key = this.kind.keyOf(row);
    if (this.opened.has(key)) this.opened.delete(key);
    else this.opened.add(key);
    this.reopen(at, row);
    this.kind.onChange();
  }

  /** Stops what is on its way. */
  dispose(): void {
    for (const abort of this.asked.values()) abort.abort();
    for (const child of this.children.values()) child.dispose();
  }

  /** Loaded rows in order, those inside of open ones too. */
  *loaded(): Generator<R> {
    for (const at of [...this.rows.keys()].sort((a, b) => a - b)) {
      yield this.rows.get(at)!;
      const child = this.open.get(at);
      if (child) yield* child.loaded();
    }
  }
}

export interface Found<R> {
  list: RowList<R>;
  /** Its place in that list. */
  at: number;
  depth: number;
  /** undefined: not loaded yet. */
  row: R | undefined;
  open: boolean;
}
