// Plain data of any depth as a tree that opens level by level; long lists come a page at a time.
import { useState } from "react";
import { formatCount, isSpecial } from "../../base/format";
import type { Json } from "../../wire/types";
import { Button } from "../Button";
import { isRecord, toText } from "./data";

const PAGE = 100;

export function JsonTree({ value, name, open = 1 }: { value: Json; name?: string; open?: number }) {
  if (value === null || typeof value !== "object" || isSpecial(value)) {
    return (
      <div className="json-leaf">
        {name !== undefined && <span className="json-name">{name}</span>}
        <span className={`json-value ${value === null ? "null" : typeof value}`}>{toText(value)}</span>
      </div>
    );
  }
  return <Branch value={value} name={name} open={open} />;
}

function Branch({ value, name, open }: { value: Json[] | { [key: string]: Json }; name?: string; open: number }) {
  const [opened, setOpened] = useState(open > 0);
  const [shown, setShown] = useState(PAGE);
  const entries: [string, Json][] = isRecord(value) ? Object.entries(value) : (value as Json[]).map((each, i) => [String(i), each]);
  if (!entries.length) return <div className="json-leaf">{name !== undefined && <span className="json-name">{name}</span>}<span className="json-value null">{Array.isArray(value) ? "empty list" : "empty"}</span></div>;
  const flat = Array.isArray(value) && value.length <= 12 && value.every((each) => each === null || typeof each !== "object" || isSpecial(each));
  if (flat) return <div className="json-leaf">{name !== undefined && <span className="json-name">{name}</span>}<span className="json-value">[{(value as Json[]).map(toText).join(", ")}]</span></div>;
  const body = opened && (
    <div className="json-children">
      {entries.slice(0, shown).map(([key, each]) => <JsonTree key={key} name={key} value={each} open={open - 1} />)}
      {entries.length > shown && <Button kind="quiet" onClick={() => setShown(shown + 10 * PAGE)}>{formatCount(entries.length - shown)} more</Button>}
    </div>
  );
  if (name === undefined) return <div className="json-tree">{body}</div>;
  return (
    <details open={opened} onToggle={(event) => setOpened(event.currentTarget.open)}>
      <summary><span className="json-name">{name}</span> <span className="json-count">{formatCount(entries.length)}</span></summary>
      {body}
    </details>
  );
}
