// Names with dots become a tree that loses no param.
import { expect, test } from "vitest";
import { countLeaves, paramTree, searched } from "./tree";

test("names that share a beginning stand below it", () => {
  const tree = paramTree({ "optimizer.lr": 0.1, "optimizer.betas": "x", depth: 3 });
  expect(tree.map((node) => node.label)).toEqual(["depth", "optimizer"]);
  expect(tree[1]!.children.map((node) => node.name)).toEqual(["optimizer.betas", "optimizer.lr"]);
});

test("a branch of one is no branch", () => {
  expect(paramTree({ "a.b.c": 1 })).toEqual([{ label: "a.b.c", name: "a.b.c", value: 1, children: [] }]);
});

test("a name may be a value and a branch", () => {
  const tree = paramTree({ a: 1, "a.b": 2 });
  expect(tree[0]).toMatchObject({ name: "a", value: 1 });
  expect(countLeaves(tree)).toBe(2);
});

test("a search takes all its words, in names and values", () => {
  expect(searched({ lr: 0.1, solver: "adam", "solver.lr": 1 }, "LR solver")).toEqual({ "solver.lr": 1 });
  expect(searched({ lr: 0.1, solver: "adam" }, "adam")).toEqual({ solver: "adam" });
});
