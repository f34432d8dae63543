// What somebody types to find runs: a filter, or a piece of a name.

/** A text in the filter language. */
export function quoted(text: string): string {
  return JSON.stringify(text);
}

/** Runs whose name contains these words, in capitals or not. */
export function likeName(words: string): string {
  return `like(name, ${quoted(`%${words.replace(/[\\%_]/g, "\\$&")}%`)})`;
}

/** Plain words look for names; anything that has an operator is a filter. */
export function whereOf(text: string): string {
  const words = text.trim();
  if (!words || /[=<>()]|\b(in|is|and|or|not)\b/.test(words)) return words;
  return likeName(words);
}
