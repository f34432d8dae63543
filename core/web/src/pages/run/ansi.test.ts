// Escapes become looks, and none is left in the text.
import { expect, test } from "vitest";
import { overwritten, spans, stripAnsi } from "./ansi";

const E = "\u001b";

test("named colours and weights become classes until they are reset", () => {
  expect(spans(`a${E}[1;31mb${E}[0mc`)).toEqual([
    { text: "a", look: "" },
    { text: "b", look: "ansi-bold ansi-red" },
    { text: "c", look: "" },
  ]);
});

test("colours of 256 and of 24 bits keep their value", () => {
  expect(spans(`${E}[38;5;196mx${E}[48;2;1;2;300my`)).toEqual([
    { text: "x", look: "", color: "#ff0000" },
    { text: "y", look: "", color: "#ff0000", background: "#0102ff" },
  ]);
  expect(spans(`${E}[38;5;9mx`)[0]!.look).toBe("ansi-bright-red");
});

test("cursor movements, titles and links leave only their text", () => {
  expect(stripAnsi(`${E}[2K${E}]0;title\u0007${E}]8;;http://x${E}\\link${E}]8;;${E}\\ ${E}(Bend\u0008`)).toBe("link end");
});

test("a cut-off escape is dropped, not shown", () => {
  expect(spans(`ok${E}`)).toEqual([{ text: "ok", look: "" }]);
});

test("a progress bar shows its last state", () => {
  expect(overwritten("10%\r50%\r100%\r")).toBe("100%");
});

test("inverse swaps both colours", () => {
  expect(spans(`${E}[7;32mx`)[0]!.look).toBe("ansi-default-inverse ansi-bg-green");
});
