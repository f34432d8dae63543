import { expect, it } from "vitest";
import { csv } from "./files";

it("a table as CSV keeps all digits, quotes what needs it, and starts no formula", () => {
  const rows = [["=SUM(A1)", 0.1 + 0.2], ['say "hi"\nthere', null], [["a", "b"], { $: "nan" as const }]];
  expect(csv(["name", "value, or so"], rows)).toBe(`name,"value, or so"\n'=SUM(A1),0.30000000000000004\n"say ""hi""\nthere",\n"a, b",NaN\n`);
});
