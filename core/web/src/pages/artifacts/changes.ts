// What differs between two versions of an artifact: facts, schema, statistics, files.
import { isSpecial } from "../../base/format";
import type { ArtifactDetail, Cell, Json } from "../../wire/types";

export interface Change {
  name: string;
  before: Cell;
  after: Cell;
}

const LEAVES_MAX = 5000;

/** Nested data as dotted names; lists of plain values as one text. */
export function leaves(value: Json, prefix = "", into = new Map<string, Cell>()): Map<string, Cell> {
  if (into.size >= LEAVES_MAX) return into;
  if (value !== null && typeof value === "object" && !isSpecial(value)) {
    const entries = Array.isArray(value) ? value.map((each, i) => [String(named(each) ?? i), each] as const) : Object.entries(value);
    if (Array.isArray(value) && value.every((each) => each === null || typeof each !== "object")) into.set(prefix, value.map(String).join(", "));
    else {
      for (const [key, each] of entries) {
        const known = Array.isArray(value) && named(each) !== null;
        leaves(known ? unnamed(each) : each, prefix ? `${prefix}.${key}` : key, into);
      }
    }
  } else into.set(prefix, value as Cell);
  return into;
}

/** Entries of a schema are known by their name, wherever they stand. */
function named(value: Json): string | null {
  const name = value !== null && typeof value === "object" && !Array.isArray(value) ? value.name : null;
  return typeof name === "string" ? name : null;
}

/** Without the name that its place already says. */
function unnamed(value: Json): Json {
  const { name: _, ...rest } = value as { [key: string]: Json };
  return rest;
}

export function changes(before: ArtifactDetail, after: ArtifactDetail): Change[] {
  const [old, now] = [facts(before), facts(after)];
  const names = [...new Set([...old.keys(), ...now.keys()])];
  return names.flatMap((name) => {
    const [a, b] = [old.get(name) ?? null, now.get(name) ?? null];
    return JSON.stringify(a) === JSON.stringify(b) ? [] : [{ name, before: a, after: b }];
  });
}

function facts(detail: ArtifactDetail): Map<string, Cell> {
  const found = new Map<string, Cell>([["digest", detail.digest.slice(0, 16)], ["size", detail.size], ["format", detail.format], ["serializer", detail.serializer], ["made by", detail.producer?.name ?? null]]);
  for (const [prefix, value] of [["schema", detail.schema], ["stats", detail.stats], ["meta", detail.meta]] as const) if (value !== null) leaves(value, prefix, found);
  for (const member of detail.members) found.set(`file ${member.path}`, member.digest ? member.digest.slice(0, 12) : member.size);
  return found;
}
