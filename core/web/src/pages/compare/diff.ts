// A unified diff taken apart: files, and lines with their numbers on both sides.

export interface DiffLine {
  kind: "same" | "added" | "removed" | "hunk" | "note";
  text: string;
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

/** Within a hunk the counts decide what a line is, so that a removed "-- x" is never taken for a file's name. */
export function parseDiff(text: string): DiffFile[] {
  const files: DiffFile[] = [];
  let file: DiffFile | null = null;
  let [before, after, leftBefore, leftAfter] = [0, 0, 0, 0];
  const add = (kind: DiffLine["kind"], line: string, b: number | null = null, a: number | null = null) => {
    file ??= begin(files, "");
    file.lines.push({ kind, text: line, before: b, after: a });
  };
  for (const line of text.replace(/\n$/, "").split("\n")) {
    if (leftBefore > 0 || leftAfter > 0) {
      const sign = line[0] ?? " ";
      if (sign === "\\") add("note", line.slice(2));
      else if (sign === "+") {
        add("added", line.slice(1), null, after++);
        file!.added++;
        leftAfter--;
      } else if (sign === "-") {
        add("removed", line.slice(1), before++, null);
        file!.removed++;
        leftBefore--;
      } else {
        add("same", line.slice(1), before++, after++);
        leftBefore--;
        leftAfter--;
      }
      continue;
    }
    const hunk = HUNK.exec(line);
    if (hunk) {
      [before, after] = [Number(hunk[1]), Number(hunk[3])];
      [leftBefore, leftAfter] = [Number(hunk[2] ?? 1), Number(hunk[4] ?? 1)];
      add("hunk", line);
    } else if (line.startsWith("--- ")) file = begin(files, nameOf(line));
    else if (line.startsWith("+++ ") && file) {
      const name = nameOf(line);
      if (name !== "/dev/null") file.name = name;
    } else if (line.startsWith("\\")) add("note", line.slice(2));
    else if (line.trim() && !/^(diff|index|new file|deleted file|similarity|rename|old mode|new mode) /.test(line)) add("note", line);
  }
  return files;
}

function begin(files: DiffFile[], name: string): DiffFile {
  const file = { name, added: 0, removed: 0, lines: [] };
  files.push(file);
  return file;
}

function nameOf(line: string): string {
  return line.slice(4).split("\t")[0]!.replace(/^[ab]\//, "");
}
