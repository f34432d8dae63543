// What somebody types to find runs: a filter, or a piece of a name.
import { quoted } from "./fields";

/** Plain words look for names; anything that has an operator is a filter. */
export function whereOf(text: string): string {
  const words = text.trim();
  if (!words || /[=<>()]|\b(in|is|and|or|not)\b/.test(words)) return words;
  return `like(name, ${quoted(`%${words}%`)})`;
}
