// Lines of a console in chunks: what was fetched is kept, gaps are fetched when they come into view.
import type { Console, ConsoleLine } from "../../wire/types";

export const CHUNK = 500;

/**
 * Pages forward and backward from where it was opened. Lines are numbered from 1 with gaps (left out, or not matching),
 * so that there is no place by number: the list only grows at its ends.
 */
export class ConsoleStore {
  lines: ConsoleLine[] = [];
  total = 0;
  matching = 0;
  leftOut = 0;
  contexts: string[] = [];
  unfinished = "";
  moreBefore = false;
  moreAfter = false;
  loaded = false;

  constructor(
    private fetch: (query: { after?: number; before?: number; limit: number; tail?: boolean }) => Promise<Console>,
  ) {}

  async open(tail: boolean): Promise<void> {
    const page = await this.fetch({ limit: CHUNK, ...(tail ? { tail: true } : {}) });
    this.take(page);
    this.lines = page.lines;
    this.moreBefore = page.more_before;
    this.moreAfter = page.more_after;
    this.loaded = true;
  }

  /** Lines before the first; answers how many came. */
  async earlier(): Promise<number> {
    const first = this.lines[0];
    if (!first || !this.moreBefore) return 0;
    const page = await this.fetch({ before: first.number, limit: CHUNK });
    this.take(page);
    const fresh = page.lines.filter((line) => line.number < first.number);
    this.lines = [...fresh, ...this.lines];
    this.moreBefore = page.more_before && fresh.length > 0;
    return fresh.length;
  }

  /** Lines behind the last, also those that were written since. */
  async later(): Promise<number> {
    const last = this.lines.at(-1);
    const page = await this.fetch({ after: last?.number ?? 0, limit: CHUNK });
    this.take(page);
    const fresh = page.lines.filter((line) => line.number > (last?.number ?? 0));
    if (fresh.length) this.lines = [...this.lines, ...fresh];
    this.moreAfter = page.more_after && fresh.length > 0;
    return fresh.length;
  }

  private take(page: Console): void {
    this.total = page.total;
    this.matching = page.matching;
    this.leftOut = page.left_out;
    this.contexts = page.contexts;
    this.unfinished = page.unfinished;
  }
}
