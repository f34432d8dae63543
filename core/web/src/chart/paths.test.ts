import { describe, expect, it } from "vitest";
import { peaks } from "./paths";

const found = (values: number[], way: 1 | -1 = 1) => [...peaks(Float64Array.from(values), 0, values.length, way)];

describe("peaks of a band", () => {
  it("are places above both sides, with the value from which on they stand out", () => {
    expect(found([1, 2, 1, 1, 9, 1, 3])).toEqual([[1, 1], [4, 1], [6, 1]]);
  });
  it("may be two wide, at either end of the band too", () => {
    expect(found([1, 1, 1, 8, 7, 1, 1])).toEqual([[3, 1], [4, 1]]);
    expect(found([9, 1, 1, 1, 9])).toEqual([[0, 1], [4, 1]]);
    expect(found([5, 5, 5])).toEqual([]);
  });
  it("point down at its lower edge", () => {
    expect(found([0, 0, -9, 0, 0], -1)).toEqual([[2, 0]]);
  });
  it("are not where a band rises or has gaps", () => {
    expect(found([1, 2, 3, 3, 3])).toEqual([]);
    expect(found([1, NaN, 1])).toEqual([]);
  });
});
