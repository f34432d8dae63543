// The run's note: Markdown shown as elements, changed in place.
import { useState } from "react";
import { api, ApiError } from "../../api";
import { Button, Choice } from "../../components/Button";
import { Markdown } from "../../components/Markdown";
import { Panel } from "../../components/Panel";
import type { PartProps } from "./RunPage";

export function Notes({ run, reload }: PartProps) {
  const [draft, setDraft] = useState<string | null>(null);
  const [view, setView] = useState<"write" | "look">("write");
  const [problem, setProblem] = useState("");
  const [busy, setBusy] = useState(false);
  const save = async () => {
    if (draft === null) return;
    setBusy(true);
    try {
      const answer = await api.edit({ runs: [run.id], note: draft });
      const why = Object.values(answer.skipped)[0];
      setProblem(why ?? "");
      if (!why) setDraft(null);
      reload();
    } catch (error) {
      setProblem(ApiError.of(error).message);
    } finally {
      setBusy(false);
    }
  };
  const actions = draft === null
    ? <Button kind="quiet" icon="edit" onClick={() => { setDraft(run.note); setView("write"); }}>{run.note ? "Edit" : "Write"}</Button>
    : (
      <>
        <Choice label="View of the note" value={view} onChange={setView} options={[{ value: "write", label: "Write" }, { value: "look", label: "Look" }]} />
        <Button kind="quiet" onClick={() => setDraft(null)}>Cancel</Button>
        <Button kind="primary" disabled={busy} onClick={() => void save()}>Save</Button>
      </>
    );
  return (
    <Panel title="Notes" actions={actions} className="notes">
      {problem && <p className="run-problem" role="alert">{problem}</p>}
      {draft !== null && view === "write" ? (
        <textarea
          autoFocus rows={10} aria-label="Note in Markdown" value={draft}
          onChange={(event) => setDraft(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) void save();
            if (event.key === "Escape") setDraft(null);
          }}
        />
      ) : (draft ?? run.note) ? <Markdown text={draft ?? run.note} /> : <p className="faint">No notes. Markdown, as in <code>run.set_note("…")</code>.</p>}
    </Panel>
  );
}
