// Markdown becomes the tree that its author meant, and never a way in.
import { describe, expect, test } from "vitest";
import { parseInline, parseMarkdown, safeAddress } from "./markdown";

describe("inline", () => {
  test("emphasis, code and links nest", () => {
    expect(parseInline("a **b *c*** `x*y*` [d](https://e.f/)")).toEqual([
      { type: "text", text: "a " },
      { type: "strong", children: [{ type: "text", text: "b " }, { type: "em", children: [{ type: "text", text: "c" }] }] },
      { type: "text", text: " " },
      { type: "code", text: "x*y*" },
      { type: "text", text: " " },
      { type: "link", address: "https://e.f/", children: [{ type: "text", text: "d" }] },
    ]);
  });

  test("snake_case and 2 * 3 * 4 are no emphasis", () => {
    expect(parseInline("max_bin_size 2 * 3 * 4")).toEqual([{ type: "text", text: "max_bin_size 2 * 3 * 4" }]);
  });

  test("addresses that run something stay text", () => {
    expect(safeAddress("javascript:alert(1)")).toBeNull();
    expect(safeAddress(" JaVaScRiPt:alert(1)")).toBeNull();
    expect(safeAddress("data:text/html,x")).toBeNull();
    expect(parseInline("[x](javascript:alert)")).toEqual([{ type: "text", text: "[x](javascript:alert)" }]);
  });
});

describe("blocks", () => {
  test("markup is text", () => {
    expect(parseMarkdown("<script>alert(1)</script>")).toEqual([
      { type: "paragraph", children: [{ type: "text", text: "<script>alert(1)</script>" }] },
    ]);
  });

  test("headings, lists with tasks, fenced code and tables", () => {
    const kinds = parseMarkdown("# A\n\n- [x] one\n- two\n  - inner\n\n```py\n# no heading\n```\n\na|b\n-|-\n1|2").map((b) => b.type);
    expect(kinds).toEqual(["heading", "list", "code", "table"]);
  });

  test("items know their task and what is inside of them", () => {
    const [list] = parseMarkdown("- [x] one\n- two\n  - inner");
    expect(list).toMatchObject({ ordered: false, items: [{ checked: true }, { checked: null }] });
    expect(list?.type === "list" && list.items[1]!.blocks.map((b) => b.type)).toEqual(["paragraph", "list"]);
  });

  test("quotes a thousand deep end", () => {
    expect(parseMarkdown(">".repeat(5000) + "x")).toHaveLength(1);
  });

  test("long odd texts take no time", () => {
    for (const text of ["*".repeat(20_000), "`".repeat(20_000), "[".repeat(20_000), "_a".repeat(10_000)]) parseMarkdown(text);
  });
});
