// A view survives the way into the address and back.
import { expect, test } from "vitest";
import { patched } from "../../app/router";
import { readView, writeView, type View } from "./view";

test("what the address says is what was shown", () => {
  const view: View = {
    where: 'params.lr < 0.1 and "a,b" in tags', project: "p & q", experiment: "e", order: '-metrics["val/loss"].min, name',
    group: ['params["a,b"]', "params.lr"], columns: ["status", 'metrics["x&y"]'], pinned: ["status"], archived: true, nested: true,
    layout: "charts", auto: 0, show: ["a", "b"], hide: ["c"], baseline: "d", x: "metric", xMetric: "train/loss", smooth: 0.6,
    method: "mean", logX: true, logY: true, clip: true, find: "val/.*", range: [0.5, 12], closed: ["val"],
    colorBy: "params.lr", dashBy: "experiment", facetBy: 'params["a,b"]',
  };
  const text = patched(new URLSearchParams(), writeView(view)).toString();
  expect(readView(new URLSearchParams(text))).toEqual(view);
});

test("the usual view needs no words", () => {
  const usual = readView(new URLSearchParams());
  expect(patched(new URLSearchParams(), writeView(usual)).toString()).toBe("");
});

test("no column at all is not the same as the usual columns", () => {
  const text = patched(new URLSearchParams(), writeView({ columns: [] })).toString();
  expect(readView(new URLSearchParams(text)).columns).toEqual([]);
});

test("nonsense in an address is passed over", () => {
  const view = readView(new URLSearchParams("x=sideways&smooth=high&range=1&view=none&first=-3"));
  expect(view).toMatchObject({ x: "step", smooth: 0, range: null, layout: "both", auto: 0 });
});
