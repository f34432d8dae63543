// Diffs of git and of difflib, whatever their lines look like.
import { expect, test } from "vitest";
import { parseDiff } from "./diff";

const GIT = `diff --git a/train.py b/train.py
index 1..2 100644
--- a/train.py
+++ b/train.py
@@ -1,3 +1,3 @@ def f():
 a
--- b
+++ c
 d
\\ No newline at end of file
diff --git a/old.py b/old.py
deleted file mode 100644
--- a/old.py
+++ /dev/null
@@ -1 +0,0 @@
-x
`;

test("lines that look like headers stay lines", () => {
  const [file] = parseDiff(GIT);
  expect(file).toMatchObject({ name: "train.py", added: 1, removed: 1 });
  expect(file!.lines.map((line) => [line.kind, line.text, line.before, line.after])).toEqual([
    ["hunk", "@@ -1,3 +1,3 @@ def f():", null, null],
    ["same", "a", 1, 1],
    ["removed", "-- b", 2, null],
    ["added", "++ c", null, 2],
    ["same", "d", 3, 3],
  ]);
});

test("a deleted file keeps its name", () => {
  expect(parseDiff(GIT)[1]).toMatchObject({ name: "old.py", added: 0, removed: 1 });
});

test("diffs without git's header are split by file", () => {
  const files = parseDiff("--- a.py\t1\n+++ a.py\t2\n@@ -1 +1 @@\n-1\n+2\n--- b.py\n+++ b.py\n@@ -0,0 +1 @@\n+x\n");
  expect(files.map((file) => [file.name, file.added, file.removed])).toEqual([["a.py", 1, 1], ["b.py", 1, 0]]);
});

test("nothing differs: no files", () => {
  expect(parseDiff("")).toEqual([]);
});
