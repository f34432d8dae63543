import { expect, it } from "vitest";
import { categoriesIn, kept, stepped } from "./ranges";
import { categoryScale, numericScale } from "./scale";

const number = { id: "x", name: "x", scale: numericScale([0, 10]) };
const choice = { id: "c", name: "c", scale: categoryScale(["a", "b", "c", "d"]) };

it("a row is kept when it lies in every chosen range, and never where it has no value", () => {
  const row = (cells: (number | string | null)[]) => ({ cells });
  const ranges = { x: [0.2, 0.5], c: [0, 0.5] } as const;
  expect(kept(row([3, "a"]), [number, choice], ranges)).toBe(true);
  expect(kept(row([6, "a"]), [number, choice], ranges)).toBe(false);
  expect(kept(row([3, "d"]), [number, choice], ranges)).toBe(false);
  expect(kept(row([null, "a"]), [number, choice], ranges)).toBe(false);
  expect(kept(row([null, "a"]), [number, choice], { c: [0, 0.5] })).toBe(true);
});

it("arrow keys choose an end first, then move, widen and take back", () => {
  expect(stepped(number.scale, undefined, 1, false)).toEqual([0.75, 1]);
  expect(stepped(number.scale, [0.75, 1], -1, false)).toEqual([0.7, 0.95]);
  const [low, high] = stepped(number.scale, [0, 0.25], 1, true)!;
  expect([low, high]).toEqual([0, 0.3]);
  expect(stepped(number.scale, [0.05, 1], 1, true)).toBeNull();
  expect(stepped(number.scale, [0, 0.02], -1, true)).toBeNull();
  expect(categoriesIn(choice.scale, stepped(choice.scale, undefined, -1, false)!)).toEqual(["a"]);
});
