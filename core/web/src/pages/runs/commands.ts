// What the command palette can do on the runs page: layout, filter, and anything that a column is for.
import { api } from "../../api";
import { fits, useCommands, type Command } from "../../app/commands";
import type { FieldId } from "../../wire/types";
import { titleOf, typeOf } from "./fields";
import { compare } from "./SelectionBar";
import type { View } from "./view";

const COLUMNS_SHOWN = 6;
/** What stands before a column's name when somebody types the whole command. */
const VERBS = /^(sort by|(show|hide) column|(group|colour lines) by)\s*/i;

interface Context {
  view: View;
  columns: FieldId[];
  ticked: ReadonlySet<string>;
  change: (change: Partial<View>) => void;
}

export function useRunsCommands(context: Context): void {
  useCommands(() => pageCommands(context));
  useCommands(async (text, signal) => {
    const search = text.replace(VERBS, "");
    if (search.length < 2) return [];
    const found = await api.columns({ project: context.view.project, search, limit: 50, counts: "0" }, signal);
    // "optimizer.lr" and "lr" before "lr_scheduler.kwargs".
    const ends = (name: string) => Number(name.split(/[./]/).at(-1)?.toLowerCase() === search.toLowerCase());
    const columns = found.columns.sort((a, b) => ends(b.name) - ends(a.name)).slice(0, COLUMNS_SHOWN);
    return columns.flatMap((column) => columnCommands(column.id, context)).filter((command) => fits(command, text));
  });
}

function pageCommands({ view, ticked, change }: Context): Command[] {
  const action = (title: string, next: Partial<View>, key?: string): Command => ({ id: `runs ${title}`, kind: "action", title, key, run: () => change(next) });
  const found = [
    action("Table only", { layout: "table" }, "["),
    action("Table and charts", { layout: "both" }),
    action("Charts only", { layout: "charts" }, "]"),
    action(view.nested ? "List top runs only" : "List folds, trials and other inner runs, too", { nested: !view.nested }),
    action(view.archived ? "Leave the bin" : "Show archived runs only", { archived: !view.archived }),
    action(view.logY ? "Linear y axes" : "Logarithmic y axes", { logY: !view.logY }),
  ];
  if (view.where) found.push(action("Clear the filter", { where: "" }));
  if (view.group.length) found.push(action("Don't group", { group: [], hide: [] }));
  if (ticked.size > 1) found.push({ id: "runs compare", kind: "action", title: `Compare the ${ticked.size} ticked runs`, key: "c", run: () => compare([...ticked]) });
  return found;
}

/** Everything that a column is for. */
export function columnCommands(id: FieldId, { view, columns, change }: Pick<Context, "view" | "columns" | "change">): Command[] {
  const { title } = titleOf(id);
  const command = (what: string, next: Partial<View>): Command => ({ id: `${what} ${id}`, kind: "column", title: `${what} ${title}`, run: () => change(next) });
  const shown = columns.includes(id) ? columns : [...columns, id];
  const down = typeOf(id) !== "text" && typeOf(id) !== "any";
  const found = [
    command("Sort by", { order: down ? `-${id}` : id, columns: shown === columns ? view.columns : shown }),
    columns.includes(id) ? command("Hide column", { columns: columns.filter((each) => each !== id) }) : command("Show column", { columns: shown }),
  ];
  // Numbers that nearly never repeat are no groups.
  if (typeOf(id) === "any" || typeOf(id) === "text") found.push(command("Group by", { group: [id], hide: [] }), command("Colour lines by", { colorBy: id }));
  return found;
}
