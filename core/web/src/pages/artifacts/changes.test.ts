import { expect, it } from "vitest";
import type { ArtifactDetail } from "../../wire/types";
import { changes, leaves } from "./changes";
import { itemsOf } from "./nodes";

const detail = (more: Partial<ArtifactDetail>): ArtifactDetail => ({ digest: "d", size: 1, format: "csv", serializer: "", producer: null, schema: null, stats: null, meta: null, members: [], ...more }) as unknown as ArtifactDetail;

it("columns of a schema are known by name, wherever they stand", () => {
  const before = detail({ schema: { columns: [{ name: "a", dtype: "int" }, { name: "b", dtype: "int" }] } });
  const after = detail({ schema: { columns: [{ name: "b", dtype: "int" }, { name: "a", dtype: "float" }] } });
  expect(changes(before, after)).toEqual([{ name: "schema.columns.a.dtype", before: "int", after: "float" }]);
});

it("files that came, went and changed are told", () => {
  const before = detail({ members: [{ path: "x", size: 1, digest: "1" }, { path: "y", size: 1, digest: "1" }] });
  const after = detail({ members: [{ path: "x", size: 1, digest: "2" }, { path: "z", size: 1, digest: "1" }] });
  expect(changes(before, after).map((each) => [each.name, each.before, each.after])).toEqual([["file x", "1", "2"], ["file y", "1", null], ["file z", null, "1"]]);
});

it("nested data become dotted names, special numbers stay what they are", () => {
  expect([...leaves({ a: { b: [1, 2], c: { $: "nan" } }, d: null })]).toEqual([["a.b", "1, 2"], ["a.c", { $: "nan" }], ["d", null]]);
});

it("the node where a lineage begins is never folded away", () => {
  const node = { id: "run:1", type: "run" as const, label: "x", kind: "fit", status: null, version: null, hops: 0, layer: 0, row: 0 };
  expect(itemsOf([node, { ...node, id: "run:2" }], "run:1").map((item) => item.kind)).toEqual(["", "run fit"]);
});
