// Markdown into a tree of plain data: headings, lists, quotes, code, tables, emphasis and links; never HTML.

export type Inline =
  | { type: "text"; text: string }
  | { type: "code"; text: string }
  | { type: "strong" | "em" | "strike"; children: Inline[] }
  | { type: "link"; address: string; children: Inline[] }
  | { type: "break" };

export type Block =
  | { type: "heading"; level: number; children: Inline[] }
  | { type: "paragraph"; children: Inline[] }
  | { type: "code"; language: string; text: string }
  | { type: "quote"; blocks: Block[] }
  | { type: "list"; ordered: boolean; start: number; items: Item[] }
  | { type: "table"; head: Inline[][]; rows: Inline[][][] }
  | { type: "rule" };

export interface Item {
  /** Of a task list; null: no task. */
  checked: boolean | null;
  blocks: Block[];
}

const DEPTH_MAX = 20;
const BULLET = /^( {0,3})([-*+]|\d{1,9}[.)])( +|$)(.*)$/;

export function parseMarkdown(text: string, depth = 0): Block[] {
  const lines = text.replace(/\r\n?/g, "\n").replace(/\t/g, "    ").split("\n");
  const blocks: Block[] = [];
  let at = 0;
  while (at < lines.length) {
    const line = lines[at]!;
    if (!line.trim()) {
      at++;
      continue;
    }
    const [block, next] = depth < DEPTH_MAX ? oneBlock(lines, at, depth) : paragraph(lines, at);
    blocks.push(block);
    at = next;
  }
  return blocks;
}

type Found = [Block, number];

function oneBlock(lines: string[], at: number, depth: number): Found {
  const line = lines[at]!;
  const fence = /^ {0,3}(```+|~~~+)\s*([\w+#.-]*)/.exec(line);
  if (fence) return fenced(lines, at, fence[1]!, fence[2]!);
  const heading = /^ {0,3}(#{1,6})(?:\s+(.*?))?(?:\s+#+)?\s*$/.exec(line);
  if (heading) return [{ type: "heading", level: heading[1]!.length, children: parseInline(heading[2] ?? "") }, at + 1];
  if (/^ {0,3}([-*_])( *\1){2,} *$/.test(line)) return [{ type: "rule" }, at + 1];
  if (/^ {0,3}>/.test(line)) return quote(lines, at, depth);
  if (BULLET.test(line)) return list(lines, at, depth);
  if (isTable(lines, at)) return table(lines, at);
  return paragraph(lines, at);
}

function fenced(lines: string[], at: number, fence: string, language: string): Found {
  let end = at + 1;
  while (end < lines.length && !lines[end]!.trimStart().startsWith(fence)) end++;
  return [{ type: "code", language, text: lines.slice(at + 1, end).join("\n") }, end + 1];
}

function quote(lines: string[], at: number, depth: number): Found {
  const inner: string[] = [];
  while (at < lines.length && lines[at]!.trim() && (/^ {0,3}>/.test(lines[at]!) || inner.length)) {
    inner.push(lines[at++]!.replace(/^ {0,3}> ?/, ""));
  }
  return [{ type: "quote", blocks: parseMarkdown(inner.join("\n"), depth + 1) }, at];
}

function list(lines: string[], at: number, depth: number): Found {
  const first = BULLET.exec(lines[at]!)!;
  const ordered = /\d/.test(first[2]!);
  const items: Item[] = [];
  while (at < lines.length) {
    const found = BULLET.exec(lines[at]!);
    if (!found || /\d/.test(found[2]!) !== ordered) break;
    const indent = found[1]!.length + found[2]!.length + Math.min(found[3]!.length || 1, 4);
    const inner = [found[4]!];
    at++;
    while (at < lines.length && (belongs(lines[at]!, indent) || (!lines[at]!.trim() && belongs(lines[at + 1] ?? "", indent)))) {
      inner.push(lines[at++]!.slice(indent));
    }
    while (at < lines.length && !lines[at]!.trim() && BULLET.test(lines[at + 1] ?? "")) at++;
    const box = /^\[([ xX])\] +/.exec(inner[0]!);
    if (box) inner[0] = inner[0]!.slice(box[0].length);
    items.push({ checked: box ? box[1] !== " " : null, blocks: parseMarkdown(inner.join("\n"), depth + 1) });
  }
  return [{ type: "list", ordered, start: ordered ? parseInt(first[2]!, 10) : 1, items }, at];
}

function belongs(line: string, indent: number): boolean {
  return line.trim() !== "" && line.length - line.trimStart().length >= Math.min(indent, 2);
}

function isTable(lines: string[], at: number): boolean {
  return lines[at]!.includes("|") && /^ {0,3}\|?( *:?-+:? *\|)* *:?-+:? *\|?\s*$/.test(lines[at + 1] ?? "") && lines[at + 1]!.includes("-");
}

function cells(line: string): Inline[][] {
  return line.trim().replace(/^\||\|$/g, "").split(/(?<!\\)\|/).map((cell) => parseInline(cell.trim().replace(/\\\|/g, "|")));
}

function table(lines: string[], at: number): Found {
  const head = cells(lines[at]!);
  const rows: Inline[][][] = [];
  at += 2;
  while (at < lines.length && lines[at]!.includes("|") && lines[at]!.trim()) rows.push(cells(lines[at++]!));
  return [{ type: "table", head, rows }, at];
}

function paragraph(lines: string[], at: number): Found {
  const text = [lines[at++]!];
  while (at < lines.length && lines[at]!.trim() && !/^ {0,3}(#{1,6}\s|```|~~~|>)/.test(lines[at]!) && !BULLET.test(lines[at]!)) {
    text.push(lines[at++]!);
  }
  return [{ type: "paragraph", children: parseInline(text.join("\n").trim()) }, at];
}

/** Addresses that a link may lead to; anything else (javascript:, data: …) stays text. */
export function safeAddress(address: string): string | null {
  const text = address.trim();
  if (/^(https?:|mailto:)/i.test(text) || text.startsWith("#/")) return text;
  return null;
}

// Spans are bounded, so that no text can make the search slow.
const INLINE = new RegExp(
  [
    String.raw`\\([\\${"`"}*_{}[\]()#+.!|~-])`, // 1: escaped
    String.raw`(?<!${"`"})(${"`"}{1,8})(?!${"`"})([\s\S]{0,1000}?[^${"`"}])\2(?!${"`"})`, // 2, 3: code
    String.raw`\[([^[\]\n]{0,1000})\]\(([^)\s]{1,2000})\)`, // 4, 5: link
    String.raw`(\*\*|__)(?=\S)([\s\S]{0,1000}?\S)\6(?!\*)`, // 6, 7: strong
    String.raw`~~(?=\S)([\s\S]{0,1000}?\S)~~`, // 8: strike
    String.raw`(?<![\w*])\*(?=[^\s*])([^*]{0,1000}?[^\s*])\*(?!\*)`, // 9: em
    String.raw`(?<![\w_])_(?=[^\s_])([^_]{0,1000}?[^\s_])_(?!\w)`, // 10: em
    String.raw`(https?:\/\/[^\s<>()[\]]+[^\s<>()[\].,;:!?'"])`, // 11: bare address
    String.raw`( {2,}\n|\\\n)`, // 12: break
  ].join("|"),
  "g",
);

export function parseInline(text: string, depth = 0): Inline[] {
  const out: Inline[] = [];
  const add = (plain: string) => {
    const last = out.at(-1);
    if (!plain) return;
    if (last?.type === "text") last.text += plain;
    else out.push({ type: "text", text: plain });
  };
  if (depth > DEPTH_MAX) return [{ type: "text", text }];
  let from = 0;
  for (const m of text.matchAll(INLINE)) {
    add(text.slice(from, m.index));
    from = m.index + m[0].length;
    const inner = (part: string) => parseInline(part, depth + 1);
    const address = m[5] ?? m[11];
    if (m[1]) add(m[1]);
    else if (m[3] !== undefined) out.push({ type: "code", text: m[3].trim() });
    else if (address !== undefined && safeAddress(address)) {
      out.push({ type: "link", address, children: m[4] ? inner(m[4]) : [{ type: "text", text: address }] });
    } else if (m[7] !== undefined) out.push({ type: "strong", children: inner(m[7]) });
    else if (m[8] !== undefined) out.push({ type: "strike", children: inner(m[8]) });
    else if (m[9] !== undefined || m[10] !== undefined) out.push({ type: "em", children: inner((m[9] ?? m[10])!) });
    else if (m[12]) out.push({ type: "break" });
    else add(m[0]);
  }
  add(text.slice(from));
  return out;
}
