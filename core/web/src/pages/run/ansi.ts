// Console text with ANSI escapes as spans: colours and weights become class names, everything else is dropped.

export interface Span {
  text: string;
  /** Class names, "" for plain text. */
  look: string;
  /** Colours outside of the sixteen named ones, "#rrggbb". */
  color?: string;
  background?: string;
}

interface Look {
  fg: string;
  bg: string;
  bold: boolean;
  dim: boolean;
  italic: boolean;
  underline: boolean;
  strike: boolean;
  inverse: boolean;
}

const PLAIN: Look = { fg: "", bg: "", bold: false, dim: false, italic: false, underline: false, strike: false, inverse: false };
const NAMES = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"];
const ESC = "\u001b";
// Colours (SGR), other control sequences, titles and links (OSC, ended by BEL or ST), two-character escapes.
const ESCAPES = new RegExp(
  `${ESC}\\[([0-9;:]*)m|${ESC}\\[[0-9;:?<=>]*[ -/]*[@-~]|[${ESC}]\\][^\\u0007${ESC}]*(?:\\u0007|${ESC}\\\\)?|${ESC}[ -/]*[0-~]|${ESC}`,
  "g",
);
// eslint-disable-next-line no-control-regex
const CONTROLS = /[\u0000-\u0008\u000b-\u001a\u001c-\u001f\u007f]/g;

/** The text alone. */
export function stripAnsi(text: string): string {
  return text.replace(ESCAPES, "").replace(CONTROLS, "");
}

/** What is left of a line that was overwritten with carriage returns, as a terminal shows it in the end. */
export function overwritten(text: string): string {
  const trimmed = text.endsWith("\r") ? text.slice(0, -1) : text;
  const at = trimmed.lastIndexOf("\r");
  return at < 0 ? trimmed : trimmed.slice(at + 1);
}

/** A line as spans; every line begins plain, as kept lines are shown one by one. */
export function spans(line: string): Span[] {
  const text = overwritten(line);
  const out: Span[] = [];
  let look = PLAIN;
  let from = 0;
  const add = (part: string) => {
    const clean = part.replace(CONTROLS, "");
    if (clean) out.push(styled(clean, look));
  };
  for (const match of text.matchAll(ESCAPES)) {
    add(text.slice(from, match.index));
    from = match.index + match[0].length;
    if (match[1] !== undefined) look = changed(look, match[1]);
  }
  add(text.slice(from));
  return out;
}

function styled(text: string, look: Look): Span {
  const [fg, bg] = look.inverse ? [look.bg || "default-inverse", look.fg || "default-inverse"] : [look.fg, look.bg];
  const classes = (["bold", "dim", "italic", "underline", "strike"] as const).filter((each) => look[each]).map((each) => `ansi-${each}`);
  if (fg && !fg.startsWith("#")) classes.push(`ansi-${fg}`);
  if (bg && !bg.startsWith("#")) classes.push(`ansi-bg-${bg}`);
  const span: Span = { text, look: classes.join(" ") };
  if (fg.startsWith("#")) span.color = fg;
  if (bg.startsWith("#")) span.background = bg;
  return span;
}

function changed(look: Look, codes: string): Look {
  const numbers = codes.split(/[;:]/).map((code) => (code === "" ? 0 : Number(code)));
  let next = look;
  for (let i = 0; i < numbers.length; i++) {
    const code = numbers[i]!;
    if (code === 38 || code === 48) {
      const [color, used] = extended(numbers.slice(i + 1));
      i += used;
      if (color) next = { ...next, [code === 38 ? "fg" : "bg"]: color };
    } else next = simple(next, code);
  }
  return next;
}

function simple(look: Look, code: number): Look {
  if (code === 0) return PLAIN;
  if (code === 1) return { ...look, bold: true };
  if (code === 2) return { ...look, dim: true };
  if (code === 3) return { ...look, italic: true };
  if (code === 4) return { ...look, underline: true };
  if (code === 7) return { ...look, inverse: true };
  if (code === 9) return { ...look, strike: true };
  if (code === 22) return { ...look, bold: false, dim: false };
  if (code === 23) return { ...look, italic: false };
  if (code === 24) return { ...look, underline: false };
  if (code === 27) return { ...look, inverse: false };
  if (code === 29) return { ...look, strike: false };
  if (code >= 30 && code <= 37) return { ...look, fg: NAMES[code - 30]! };
  if (code === 39) return { ...look, fg: "" };
  if (code >= 40 && code <= 47) return { ...look, bg: NAMES[code - 40]! };
  if (code === 49) return { ...look, bg: "" };
  if (code >= 90 && code <= 97) return { ...look, fg: `bright-${NAMES[code - 90]!}` };
  if (code >= 100 && code <= 107) return { ...look, bg: `bright-${NAMES[code - 100]!}` };
  return look;
}

/** "5;n" of 256 colours or "2;r;g;b": the colour and how many numbers it took. */
function extended(rest: number[]): [string, number] {
  if (rest[0] === 5 && rest[1] !== undefined) return [indexed(rest[1]), 2];
  if (rest[0] === 2 && rest.length >= 4) return [hex(rest[1]!, rest[2]!, rest[3]!), 4];
  return ["", rest.length];
}

function indexed(n: number): string {
  if (n < 8) return NAMES[n]!;
  if (n < 16) return `bright-${NAMES[n - 8]!}`;
  if (n < 232) {
    const level = (k: number) => (k === 0 ? 0 : 55 + k * 40);
    const at = n - 16;
    return hex(level(Math.floor(at / 36)), level(Math.floor(at / 6) % 6), level(at % 6));
  }
  const grey = 8 + (Math.min(n, 255) - 232) * 10;
  return hex(grey, grey, grey);
}

function hex(...rgb: number[]): string {
  return `#${rgb.map((each) => Math.min(Math.max(Math.round(each) || 0, 0), 255).toString(16).padStart(2, "0")).join("")}`;
}
