// One value of any kind: numbers aligned, long texts cut with the whole in the tooltip, odd values marked.
import { asNumber, clip, formatCell, formatDelta, isSpecial } from "../base/format";
import type { Cell } from "../wire/types";

export function ValueCell({ value, type = "any", baseline, chars = 120 }: {
  value: Cell | undefined;
  /** Of the column: number | text | time | duration | bool | set | any */
  type?: string;
  /** Adds the difference to this number. */
  baseline?: Cell;
  chars?: number;
}) {
  if (value === null || value === undefined) return <span className="value missing">–</span>;
  if (Array.isArray(value)) return <span className="value">{value.map((tag) => <span key={tag} className="tag">{tag}</span>)}</span>;
  const text = formatCell(value, type);
  const number = asNumber(value);
  const base = baseline === undefined ? null : asNumber(baseline);
  const kind = number !== null ? "number" : isSpecial(value) ? "special" : typeof value;
  const odd = number !== null && !Number.isFinite(number) ? "odd" : "";
  return (
    <span className={`value ${kind} ${odd}`} title={text.length > chars ? text.slice(0, 4000) : undefined}>
      {clip(text, chars)}
      {base !== null && number !== null && Number.isFinite(number - base) && (
        <span className="delta">{formatDelta(number - base)}</span>
      )}
    </span>
  );
}
