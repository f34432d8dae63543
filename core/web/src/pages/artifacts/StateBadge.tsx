// Whether the content of an artifact is there, in a word.
const WORDS: Record<string, [string, string]> = {
  live: ["kept", "The store holds its content"],
  pending: ["pending", "Its content is being stored"],
  missing: ["missing", "Its content was not found where it should be"],
  expired: ["expired", "Its content was removed to free space; its fingerprint stays"],
  deleted: ["deleted", "Its content was deleted"],
};

export function StateBadge({ state, held }: { state: string; held: boolean }) {
  const [word, why] = state === "live" && !held ? ["fingerprint", "Only its fingerprint and facts were recorded, not its content"] : (WORDS[state] ?? [state, state]);
  const tone = state === "missing" ? "failed" : state === "live" && held ? "kept" : "";
  return <span className={`artifact-state ${tone}`} title={why}>{word}</span>;
}
