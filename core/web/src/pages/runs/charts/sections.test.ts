// Facts about sections.ts.
import { expect, test } from "vitest";
import type { Column } from "../../../wire/types";
import { sectionsOf } from "./sections";

const column = (name: string, kind: Column["kind"] = "metric"): Column => ({ id: name, name, kind, type: "number", runs: null });
const SINGLE = new Set(["best_iteration", "test/accuracy"]);

test("curves come first, single numbers after them, hardware last", () => {
  const names = ["best_iteration", "loss", "process/cpu", "test/accuracy", "train/loss", "val/loss"];
  const columns = names.map((name) => column(name, name.startsWith("process") ? "system_metric" : "metric"));
  const { sections } = sectionsOf(columns, "", (id) => SINGLE.has(id));
  expect(sections.map(({ name, metrics }) => [name, metrics.map((each) => each.name)])).toEqual([
    ["", ["loss", "best_iteration"]],
    ["val", ["val/loss"]],
    ["train", ["train/loss"]],
    ["test", ["test/accuracy"]],
    ["system", ["process/cpu"]],
  ]);
});

test("a pattern that is none is said to be so, and hides nothing", () => {
  const { sections, problem } = sectionsOf([column("loss")], "(", () => false);
  expect(problem).not.toBe("");
  expect(sections).toHaveLength(1);
});
