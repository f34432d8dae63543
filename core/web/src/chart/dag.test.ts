import { describe, expect, it } from "vitest";
import { crossings, fold, foldEdges, ordered, type DagNode } from "./dag";

const node = (id: string, layer: number, row: number, kind = "run fit"): DagNode => ({ id, layer, row, kind });

describe("folding", () => {
  const trials = Array.from({ length: 40 }, (_, i) => node(`run${i}`, 1, i, "run trial"));
  const models = trials.map((_, i) => node(`model${i}`, 2, i, "artifact model"));
  const nodes = [node("data", 0, 0, "artifact dataset"), ...trials, ...models];
  const edges = trials.flatMap((trial, i) => [{ from: "data", to: trial.id }, { from: trial.id, to: `model${i}` }]);

  it("makes one node of forty trials and one of their forty models", () => {
    const folded = fold(nodes, edges);
    expect(folded.map((each) => each.members.length).sort((a, b) => a - b)).toEqual([1, 40, 40]);
    const between = foldEdges(folded, edges);
    expect(between).toHaveLength(2);
    expect(between.every((edge) => edge.of.length === 40)).toBe(true);
  });

  it("unfolds what was asked for, and leaves few nodes alone", () => {
    const group = fold(nodes, edges).find((each) => each.id.includes("trial") && each.layer === 1)!;
    expect(fold(nodes, edges, new Set([group.id]))).toHaveLength(42);
    expect(fold(nodes.slice(0, 4), edges)).toHaveLength(4);
  });

  it("keeps apart what has another hub, and the node without a kind", () => {
    const more = [...nodes, node("other", 0, 1, "artifact dataset"), node("self", 1, 99, ""), ...[0, 1, 2].map((i) => node(`late${i}`, 1, 100 + i, "run trial"))];
    const links = [...edges, ...[0, 1, 2].map((i) => ({ from: "other", to: `late${i}` })), { from: "data", to: "self" }];
    const alone = fold(more, links).filter((each) => each.members.length === 1).map((each) => each.id);
    expect(alone).toEqual(expect.arrayContaining(["self", "late0", "late1", "late2", "data", "other"]));
  });
});

describe("ordering", () => {
  it("uncrosses what can be uncrossed", () => {
    const nodes = [node("a", 0, 0), node("b", 0, 1), node("c", 0, 2), node("x", 1, 0), node("y", 1, 1), node("z", 1, 2)];
    const edges = [{ from: "a", to: "z" }, { from: "b", to: "y" }, { from: "c", to: "x" }];
    expect(crossings([nodes.slice(0, 3), nodes.slice(3)], edges)).toBe(3);
    expect(crossings(ordered(nodes, edges), edges)).toBe(0);
  });

  it("has every node once, in columns without gaps", () => {
    const nodes = [node("a", -3, 0), node("b", 5, 0), node("c", 5, 1), node("lonely", 9, 0)];
    const columns = ordered(nodes, [{ from: "a", to: "c" }, { from: "gone", to: "a" }]);
    expect(columns.map((column) => column.length)).toEqual([1, 2, 1]);
    expect(columns.flat()).toHaveLength(4);
  });

  it("takes cycles as they come", () => {
    expect(ordered([node("a", 0, 0), node("b", 1, 0)], [{ from: "a", to: "b" }, { from: "b", to: "a" }]).flat()).toHaveLength(2);
  });
});
