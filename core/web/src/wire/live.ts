// One socket per tab: says which runs are shown, hears what changed, comes back by itself when the line breaks.
import { Signal } from "../base/signal";
import type { Cursor, LiveNote, LiveRequest } from "./types";

export type Changed = Extract<LiveNote, { type: "changed" }>;
export type LiveState = "connecting" | "live" | "waiting" | "paused";

export interface Watch {
  runs: readonly string[];
  /** Whether any change in the store matters, not only those of `runs`. */
  list: boolean;
  tell: (note: Changed) => void;
}

const RUNS_MAX = 2000;
const BACKOFF_MS = [500, 1000, 2000, 5000, 10_000, 30_000];

/** What all watchers of a tab want together. */
export function united(watches: Iterable<Watch>): { runs: string[]; list: boolean } {
  const runs = new Set<string>();
  let list = false;
  for (const watch of watches) {
    for (const id of watch.runs) runs.add(id);
    list ||= watch.list;
  }
  return { runs: [...runs].slice(0, RUNS_MAX), list };
}

export class Live {
  readonly state = new Signal<LiveState>("waiting");
  private watches = new Set<Watch>();
  private socket: WebSocket | null = null;
  private cursor: Cursor | null = null;
  private failures = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private said = "";
  private planned = false;

  constructor(private address: string) {}

  /** Begins; nothing is sent while the tab is hidden. */
  start(): void {
    document.addEventListener("visibilitychange", () => (document.hidden ? this.pause() : this.connect()));
    this.connect();
  }

  /** Registers interest; the answer takes it back. */
  watch(watch: Watch): () => void {
    this.watches.add(watch);
    this.plan();
    return () => {
      this.watches.delete(watch);
      this.plan();
    };
  }

  private connect(): void {
    clearTimeout(this.timer);
    if (this.socket || document.hidden) return;
    this.state.set("connecting");
    const socket = new WebSocket(this.address);
    this.socket = socket;
    socket.onopen = () => {
      this.failures = 0;
      this.said = "";
      this.state.set("live");
      this.say();
    };
    socket.onmessage = (event) => this.hear(JSON.parse(String(event.data)) as LiveNote);
    socket.onclose = () => this.lost(socket);
  }

  private lost(socket: WebSocket): void {
    if (this.socket !== socket) return;
    this.socket = null;
    if (document.hidden) return;
    this.state.set("waiting");
    const wait = BACKOFF_MS[Math.min(this.failures++, BACKOFF_MS.length - 1)]!;
    this.timer = setTimeout(() => this.connect(), wait * (0.75 + Math.random() / 2));
  }

  private pause(): void {
    clearTimeout(this.timer);
    const socket = this.socket;
    this.socket = null;
    this.state.set("paused");
    socket?.close();
  }

  private hear(note: LiveNote): void {
    if (note.type === "error") return;
    this.cursor = note.cursor;
    if (note.type !== "changed") return;
    const changed = new Set(note.runs.map((run) => run.id));
    for (const watch of [...this.watches]) {
      if ((watch.list && note.list) || watch.runs.some((id) => changed.has(id))) watch.tell(note);
    }
  }

  /** Many watchers come and go while a page is drawn: one message for all of them. */
  private plan(): void {
    if (this.planned) return;
    this.planned = true;
    setTimeout(() => {
      this.planned = false;
      this.say();
    }, 50);
  }

  private say(): void {
    if (this.socket?.readyState !== WebSocket.OPEN) return;
    const wanted = united(this.watches);
    const text = JSON.stringify(wanted);
    if (text === this.said) return;
    this.said = text;
    const request: LiveRequest = { type: "watch", ...wanted, cursor: this.cursor };
    this.socket.send(JSON.stringify(request));
  }
}

/** The address of the socket beside a page. */
export function liveAddress(page: string): string {
  const url = new URL("api/live", page);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  url.hash = "";
  url.search = "";
  return url.href;
}
