// A unified diff as lines with their numbers on both sides, file by file.

export interface DiffLine {
  kind: "same" | "added" | "removed" | "hunk" | "note";
  text: string;
  /** Line numbers before and after; null where there is none. */
  before: number | null;
  after: number | null;
}

export interface DiffFile {
  name: string;
  added: number;
  removed: number;
  lines: DiffLine[];
}

const HUNK = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/;

export function parseDiff(text: string): DiffFile[] {
  const files: DiffFile[] = [];
  let file: DiffFile | null = null;
  let [before, after] = [0, 0];
  // How many lines the hunk still has: inside of one, "--- x" is a removed line and no header.
  let [leftBefore, leftAfter] = [0, 0];
  const open = (name: string) => {
    file = { name, added: 0, removed: 0, lines: [] };
    files.push(file);
  };
  for (const line of text.replace(/\n$/, "").split("\n")) {
    const inside = leftBefore > 0 || leftAfter > 0;
    const hunk = inside ? null : HUNK.exec(line);
    if (!inside && line.startsWith("diff --git ")) open(nameOfGit(line));
    else if (!inside && line.startsWith("--- ")) {
      if (!file || (file as DiffFile).lines.some((each) => each.kind !== "note")) open(nameOf(line.slice(4)));
    } else if (!inside && line.startsWith("+++ ")) {
      const name = nameOf(line.slice(4));
      if (file && name !== "/dev/null") (file as DiffFile).name = name;
    } else if (hunk) {
      if (!file) open("");
      [before, after] = [Number(hunk[1]), Number(hunk[3])];
      [leftBefore, leftAfter] = [Number(hunk[2] ?? 1), Number(hunk[4] ?? 1)];
      file!.lines.push({ kind: "hunk", text: line, before: null, after: null });
    } else if (inside && file) {
      const current: DiffFile = file;
      const sign = line[0];
      if (sign === "\\") current.lines.push({ kind: "note", text: line.slice(2), before: null, after: null });
      else if (sign === "+") {
        current.lines.push({ kind: "added", text: line.slice(1), before: null, after: after++ });
        current.added++;
        leftAfter--;
      } else if (sign === "-") {
        current.lines.push({ kind: "removed", text: line.slice(1), before: before++, after: null });
        current.removed++;
        leftBefore--;
      } else {
        current.lines.push({ kind: "same", text: line.slice(1), before: before++, after: after++ });
        leftBefore--;
        leftAfter--;
      }
    } else if (line.trim() && !/^(index|old mode|new mode|similarity|dissimilarity) /.test(line) && line !== "\\ No newline at end of file") {
      if (!file) open("");
      file!.lines.push({ kind: "note", text: line, before: null, after: null });
    }
  }
  return files;
}

function nameOf(part: string): string {
  const path = part.split("\t")[0]!.trim();
  return path === "/dev/null" ? path : path.replace(/^[ab]\//, "");
}

function nameOfGit(line: string): string {
  const match = / b\/(.+)$/.exec(line);
  return match ? match[1]! : line.slice("diff --git ".length);
}
