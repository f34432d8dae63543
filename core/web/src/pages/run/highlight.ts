// Python source as marked pieces: strings, comments, numbers, keywords; good enough to read, no parser.

export interface Piece {
  text: string;
  /** string | comment | number | keyword | "" */
  look: string;
}

const PATTERN = new RegExp(
  [
    /([rbfuRBFU]{0,2}("""|''')[\s\S]*?(?:\2|$))/, // 1, 2
    /([rbfuRBFU]{0,2}"(?:[^"\\\n]|\\.)*"?|[rbfuRBFU]{0,2}'(?:[^'\\\n]|\\.)*'?)/, // 3
    /(#[^\n]*)/, // 4
    /\b(False|None|True|and|as|assert|async|await|break|class|continue|def|del|elif|else|except|finally|for|from|global|if|import|in|is|lambda|match|nonlocal|not|or|pass|raise|return|try|while|with|yield)\b/, // 5
    /\b(\d[\d_]*\.?[\d_]*(?:[eE][+-]?\d+)?j?|0[xob][\da-fA-F_]+)\b/, // 6
  ].map((each) => each.source).join("|"),
  "g",
);

/** Lines of pieces; strings over several lines are split. */
export function highlight(text: string): Piece[][] {
  const lines: Piece[][] = [[]];
  const add = (part: string, look: string) => {
    part.split("\n").forEach((line, i) => {
      if (i > 0) lines.push([]);
      if (line) lines.at(-1)!.push({ text: line, look });
    });
  };
  let from = 0;
  for (const match of text.matchAll(PATTERN)) {
    add(text.slice(from, match.index), "");
    from = match.index + match[0].length;
    add(match[0], match[1] || match[3] ? "string" : match[4] ? "comment" : match[5] ? "keyword" : "number");
  }
  add(text.slice(from), "");
  return lines;
}
