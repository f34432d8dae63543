// What can be done with ticked runs: compare, tag, note, put away; and taking them for the charts.
import { useState } from "react";
import { api, ApiError } from "../../api";
import { href, route } from "../../app/router";
import { Button, IconButton } from "../../components/Button";
import { Popover } from "../../components/Popover";
import { formatCount } from "../../base/format";
import type { EditRequest } from "../../wire/types";

export const COMPARE_MAX = 100;

interface Props {
  ids: string[];
  writable: boolean;
  inBin: boolean;
  onClear: () => void;
  onPlot: () => void;
  onDone: () => void;
}

export function compare(ids: readonly string[]): void {
  if (ids.length > 1) route.go(href("compare", "", { runs: ids.slice(0, COMPARE_MAX).join(",") }));
}

export function SelectionBar({ ids, writable, inBin, onClear, onPlot, onDone }: Props) {
  const [said, setSaid] = useState("");
  async function edit(change: Omit<EditRequest, "runs">): Promise<void> {
    try {
      const answer = await api.edit({ runs: ids, ...change });
      const skipped = Object.values(answer.skipped);
      setSaid(skipped.length ? `${skipped.length} left alone: ${skipped[0]}` : "");
      onDone();
    } catch (error) {
      setSaid(ApiError.of(error).message);
    }
  }
  return (
    <div className="selection" role="toolbar" aria-label={`${ids.length} ticked runs`}>
      <b>{formatCount(ids.length)}</b> ticked
      <Button kind="primary" icon="split" disabled={ids.length < 2 || ids.length > COMPARE_MAX} title={ids.length > COMPARE_MAX ? `At most ${COMPARE_MAX} runs` : "Compare (c)"} onClick={() => compare(ids)}>Compare</Button>
      <Button kind="quiet" icon="chart" onClick={onPlot}>Only these in charts</Button>
      {writable && (
        <>
          <Popover label="Tag ticked runs" icon="tag" text="Tag">{(close) => <TagForm onTag={(change) => { void edit(change); close(); }} />}</Popover>
          {ids.length === 1 && <Popover label="Note" icon="edit" text="Note">{(close) => <NoteForm id={ids[0]!} onNote={(note) => { void edit({ note }); close(); }} />}</Popover>}
          <Button kind="quiet" icon={inBin ? "restore" : "trash"} onClick={() => void edit({ archived: !inBin }).then(onClear)}>{inBin ? "Restore" : "Archive"}</Button>
        </>
      )}
      {said && <span className="said" role="alert">{said}</span>}
      <IconButton icon="close" label="Untick all" onClick={onClear} />
    </div>
  );
}

export function TagForm({ onTag }: { onTag: (change: { add_tags?: string[]; remove_tags?: string[] }) => void }) {
  const [text, setText] = useState("");
  const tags = text.split(",").map((tag) => tag.trim()).filter(Boolean);
  return (
    <form className="tag-form" onSubmit={(event) => { event.preventDefault(); if (tags.length) onTag({ add_tags: tags }); }}>
      <input type="text" aria-label="Tags, separated by commas" placeholder="tag, another tag" value={text} onChange={(event) => setText(event.target.value)} />
      <div className="row">
        <Button kind="primary" disabled={!tags.length} onClick={() => onTag({ add_tags: tags })}>Add</Button>
        <Button disabled={!tags.length} onClick={() => onTag({ remove_tags: tags })}>Remove</Button>
      </div>
    </form>
  );
}

function NoteForm({ id, onNote }: { id: string; onNote: (note: string) => void }) {
  const [text, setText] = useState<string | null>(null);
  if (text === null) void api.run(id).then((run) => setText(run.note), () => setText(""));
  return (
    <form className="note-form" onSubmit={(event) => { event.preventDefault(); onNote(text ?? ""); }}>
      <textarea aria-label="Note, in Markdown" rows={8} value={text ?? ""} placeholder="Markdown" onChange={(event) => setText(event.target.value)} />
      <Button kind="primary" onClick={() => onNote(text ?? "")}>Save</Button>
    </form>
  );
}
