// What the command palette offers: each page says what it can do, everything else stands here.
import { useEffect, useRef } from "react";
import { api } from "../api";
import { likeName } from "../base/where";
import { chooseTheme } from "./theme";
import { helpOpen } from "./Help";
import { NAVIGATION } from "./navigation";
import { href, route } from "./router";
import { savedViews } from "./views";

export interface Command {
  /** Unique among all commands of one answer. */
  id: string;
  /** What it is about: page | view | run | column | action */
  kind: string;
  title: string;
  detail?: string;
  /** Key that does the same. */
  key?: string;
  run: () => void;
}

/** Commands for what was typed; "" when nothing was typed yet. */
export type CommandSource = (text: string, signal: AbortSignal) => Command[] | Promise<Command[]>;

const RUNS_SHOWN = 5;
const KINDS = ["page", "view", "action", "run", "column"];
const sources = new Set<{ current: CommandSource }>();

/** Offers commands while the component is shown. */
export function useCommands(source: CommandSource): void {
  const latest = useRef(source);
  latest.current = source;
  useEffect(() => {
    sources.add(latest);
    return () => void sources.delete(latest);
  }, []);
}

/** Whether all words occur in the command's text. */
export function fits(command: Command, text: string): boolean {
  const where = `${command.kind} ${command.title} ${command.detail ?? ""}`.toLowerCase();
  return text.toLowerCase().split(/\s+/).every((word) => where.includes(word));
}

/** Those that begin with what was typed come first, then by kind: whichever answer came first. */
export function ranked(commands: readonly Command[], text: string): Command[] {
  const begins = (command: Command) => Number(text !== "" && command.title.toLowerCase().startsWith(text.toLowerCase()));
  return [...commands].sort((a, b) => begins(b) - begins(a) || KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind));
}

function usual(): Command[] {
  const pages = NAVIGATION.map(({ page, title, key }) => ({ id: `page ${page}`, kind: "page", title, key: `g ${key}`, run: () => route.go(href(page)) }));
  const views = savedViews.get().map(({ name, hash }) => ({ id: `view ${name}`, kind: "view", title: name, run: () => route.go(hash) }));
  const themes = (["light", "dark", "system"] as const).map((choice) => ({
    id: `theme ${choice}`, kind: "action", title: `Theme: ${choice === "system" ? "as the system" : choice}`, run: () => chooseTheme(choice),
  }));
  return [
    ...pages, ...views, ...themes,
    { id: "help", kind: "action", title: "Keyboard shortcuts", key: "?", run: () => helpOpen.set(true) },
    { id: "link", kind: "action", title: "Copy link to this view", run: () => void navigator.clipboard?.writeText(location.href) },
  ];
}

async function runsNamed(text: string, signal: AbortSignal): Promise<Command[]> {
  const found = await api.runs({ where: likeName(text), nested: true, columns: ["experiment", "kind"], offset: 0, limit: RUNS_SHOWN }, signal);
  return found.rows.map((row) => ({
    id: `run ${row.id}`, kind: "run", title: row.name, detail: [row.status, ...row.cells.filter((cell) => typeof cell === "string" && cell !== "default" && cell !== "run")].join(" · "),
    run: () => route.go(href("run", row.id)),
  }));
}

/** Everything that fits, as it is known: at once what needs no server, then the rest. */
export async function offered(text: string, signal: AbortSignal, tell: (commands: Command[]) => void): Promise<void> {
  let found: Command[] = [];
  const add = (more: Command[]) => {
    found = [...found, ...more];
    if (!signal.aborted) tell(ranked(found, text));
  };
  const fitting = (all: Command[]) => all.filter((command) => fits(command, text));
  const answers = [...sources].map((source) => source.current(text, signal));
  add(fitting(answers.filter((answer) => Array.isArray(answer)).flat()));
  add(fitting(usual()));
  const slow = answers.filter((answer) => answer instanceof Promise);
  if (text.length > 1) slow.push(runsNamed(text, signal));
  // One that fails must not hide what the others found.
  await Promise.all(slow.map((each) => each.then(add, () => {})));
}
