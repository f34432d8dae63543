// Above the tabs: where the run belongs, its name, state, time and tags, and what can be done with it.
import { useState } from "react";
import { api, ApiError } from "../../api";
import { href } from "../../app/router";
import { formatAgo, formatDate, formatDuration } from "../../base/format";
import { Button, IconButton } from "../../components/Button";
import { Icon } from "../../components/Icon";
import { MenuItem, Popover } from "../../components/Popover";
import { StatusBadge, StatusDot } from "../../components/Status";
import type { RunDetail } from "../../wire/types";
import type { PartProps } from "./RunPage";
import { useNow } from "./useFresh";

/** How long it took, or has been going on. */
export function durationOf(run: Pick<RunDetail, "status" | "started" | "duration_s">, now: number): number | null {
  if (run.status === "running" && run.started !== null) return Math.max(0, (now - run.started) / 1e6);
  return run.duration_s;
}

export function Header({ run, reload }: PartProps) {
  const now = useNow(run.status === "running");
  const [problem, setProblem] = useState("");
  const edit = async (change: Parameters<typeof api.edit>[0]) => {
    try {
      const answer = await api.edit(change);
      setProblem(Object.values(answer.skipped)[0] ?? "");
      reload();
    } catch (error) {
      setProblem(ApiError.of(error).message);
    }
  };
  return (
    <header className="run-header">
      <Crumbs run={run} />
      <div className="run-title">
        <h1 title={run.name}>{run.name}</h1>
        <StatusBadge status={run.status} reason={run.status_reason} />
        <span className="run-kind">{run.kind}{run.source && ` · ${run.source}`}</span>
        <span className="run-time" title={`started ${formatDate(run.started)}, ended ${formatDate(run.ended)}`}>
          {formatDuration(durationOf(run, now))} · {run.status === "running" ? "started " : ""}{formatAgo(run.status === "running" ? run.started : (run.ended ?? run.started ?? run.created))}
        </span>
        {run.archived !== null && <span className="badge">in the bin</span>}
        <div className="run-actions">
          {run.is_study && <a className="button" href={href("study", run.id)}><Icon name="chart" />Study</a>}
          <Popover label="What to do with this run" icon="more" align="right">
            {(close) => (
              <>
                <MenuItem icon="split" onPick={() => { location.hash = href("compare", "", { runs: run.id }); close(); }}>Compare…</MenuItem>
                <MenuItem icon="copy" onPick={() => { void navigator.clipboard?.writeText(run.id); close(); }}>Copy its id</MenuItem>
                <MenuItem icon="copy" onPick={() => { void navigator.clipboard?.writeText(`epochlog.run(${JSON.stringify(run.id)})`); close(); }}>Copy Python to load it</MenuItem>
                {run.archived === null
                  ? <MenuItem icon="trash" danger onPick={() => { void edit({ runs: [run.id], archived: true }); close(); }}>Move to the bin</MenuItem>
                  : <MenuItem icon="restore" onPick={() => { void edit({ runs: [run.id], archived: false }); close(); }}>Restore</MenuItem>}
              </>
            )}
          </Popover>
        </div>
      </div>
      <TagEditor run={run} onAdd={(tag) => void edit({ runs: [run.id], add_tags: [tag] })} onRemove={(tag) => void edit({ runs: [run.id], remove_tags: [tag] })} />
      {problem && <p className="run-problem" role="alert">{problem}</p>}
    </header>
  );
}

function Crumbs({ run }: { run: RunDetail }) {
  return (
    <nav className="crumbs" aria-label="Where this run belongs">
      <a href={href("runs", "", { project: run.project })}>{run.project || "runs"}</a>
      {run.experiment && run.experiment !== "default" && <><Icon name="right" size={10} /><a href={href("runs", "", { project: run.project, experiment: run.experiment })}>{run.experiment}</a></>}
      {run.ancestors.map((each) => (
        <span key={each.id} className="crumb">
          <Icon name="right" size={10} />
          <StatusDot status={each.status} />
          <a href={href("run", each.id)}>{each.name}</a>
          <span className="faint">{each.kind}</span>
        </span>
      ))}
      {run.ancestors.length > 0 && <span className="crumb"><Icon name="right" size={10} /><span>{run.kind}{run.position !== null && ` ${run.position}`}</span></span>}
    </nav>
  );
}

function TagEditor({ run, onAdd, onRemove }: { run: RunDetail; onAdd: (tag: string) => void; onRemove: (tag: string) => void }) {
  const [open, setOpen] = useState(false);
  const [text, setText] = useState("");
  const add = () => {
    const tag = text.trim();
    if (tag && !run.tags.includes(tag)) onAdd(tag);
    setText("");
    setOpen(false);
  };
  return (
    <div className="run-tags">
      {run.tags.map((tag) => (
        <span key={tag} className="tag" title={tag}>
          {tag}
          <button type="button" className="tag-remove" aria-label={`Remove the tag ${tag}`} onClick={() => onRemove(tag)}><Icon name="close" size={9} /></button>
        </span>
      ))}
      {open ? (
        <form onSubmit={(event) => { event.preventDefault(); add(); }}>
          <input
            type="text" autoFocus aria-label="New tag" value={text} maxLength={200}
            onChange={(event) => setText(event.target.value)}
            onKeyDown={(event) => event.key === "Escape" && setOpen(false)}
            onBlur={() => !text && setOpen(false)}
          />
          <Button kind="primary" onClick={add}>Add</Button>
        </form>
      ) : run.tags.length ? <IconButton icon="plus" label="Add a tag" onClick={() => setOpen(true)} /> : <Button kind="quiet" icon="tag" onClick={() => setOpen(true)}>Tag</Button>}
    </div>
  );
}
