// The code that ran: commit and its state, uncommitted changes, kept files, difference to another run.
import { useMemo, useState } from "react";
import { api } from "../../api";
import { href, route, useRoute } from "../../app/router";
import { formatAgo, formatCount } from "../../base/format";
import { useQuery } from "../../base/useQuery";
import { Button } from "../../components/Button";
import { Icon } from "../../components/Icon";
import { isRecord, toText } from "../../components/plots/data";
import { Empty, Failed, Loaded, Loading, Panel } from "../../components/Panel";
import type { Code as CodeAnswer, Json, RunDetail } from "../../wire/types";
import { DiffView } from "./DiffView";
import { dig } from "./Overview";
import type { PartProps } from "./RunPage";
import { SourceView } from "./SourceView";

const OTHERS = 60;

export default function Code({ run }: PartProps) {
  const query = useQuery(`code/${run.id}`, (signal) => api.code(run.id, signal));
  return (
    <Loaded query={query}>
      {(code) => {
        const git = dig(code.facts, "git");
        const diff = toText(dig(git, "diff"));
        return (
          <>
            <Commit code={code} />
            {diff && <Panel title="Changes that were not committed"><DiffView text={diff} empty="None." />{dig(git, "diff_truncated") === true && <p className="muted">The rest was too long to keep.</p>}</Panel>}
            <Difference run={run} />
            <Files run={run} code={code} />
            {code.cells && <Panel title="Notebook cells, in the order they ran"><SourceView text={code.cells} name="cells.py" /></Panel>}
          </>
        );
      }}
    </Loaded>
  );
}

function texts(value: Json | undefined): string[] {
  return Array.isArray(value) ? value.map(toText) : [];
}

function Commit({ code }: { code: CodeAnswer }) {
  const git = dig(code.facts, "git");
  const fact = (name: string) => (dig(git, name) === undefined || dig(git, name) === null ? "" : toText(dig(git, name)));
  const dirty = dig(git, "dirty") === true;
  const changed = texts(dig(git, "changed_files"));
  const untracked = texts(dig(git, "untracked"));
  const argv = texts(dig(code.facts, "argv"));
  return (
    <Panel title="Commit">
      {code.commit ? (
        <p className="commit">
          <code>{code.commit}</code>
          {fact("branch") && <span>on <b>{fact("branch")}</b></span>}
          <span className={`badge ${dirty ? "canceled" : ""}`}>{dirty ? "with uncommitted changes" : "clean"}</span>
          {fact("committed_at") && <span className="muted">{fact("committed_at")}</span>}
        </p>
      ) : <p className="muted">No commit{fact("reason") && `: ${fact("reason").replace(/^fatal: /, "")}`}. The files below are what ran.</p>}
      {fact("message") && <pre className="commit-message">{fact("message")}</pre>}
      <dl className="facts">
        {[["Command", argv.join(" ")], ["Folder", toText(dig(code.facts, "working_directory"))], ["Repository", fact("top")], ["Remote", fact("remote")], ["Script", toText(dig(code.facts, "entry", "script"))]].map(([name, value]) => value && [<dt key={name}>{name}</dt>, <dd key={`${name}=`} className="mono plain">{value}</dd>])}
        {changed.length > 0 && [<dt key="c">Changed</dt>, <dd key="c=" className="mono plain">{changed.join("\n")}</dd>]}
        {untracked.length > 0 && [<dt key="u">Not in git</dt>, <dd key="u=" className="mono plain">{untracked.join("\n")}</dd>]}
      </dl>
    </Panel>
  );
}

/** Against another run: the one before it in the project, unless another is picked. */
function Difference({ run }: { run: RunDetail }) {
  const { params } = useRoute();
  const other = params.get("other") ?? "";
  const root = run.ancestors[0]?.id ?? run.id;
  const others = useQuery(`others/${run.project}`, (signal) => api.runs({ project: run.project, columns: ["started"], offset: 0, limit: OTHERS, order: "-started" }, signal));
  const diff = useQuery(other ? `diff/${run.id}/${other}` : null, (signal) => api.diff(other, run.id, signal), false);
  const rows = others.data?.rows.filter((row) => row.id !== root) ?? [];
  const at = others.data?.rows.findIndex((row) => row.id === root) ?? -1;
  const before = at >= 0 ? others.data!.rows[at + 1] : undefined;
  return (
    <Panel
      title="Difference to another run"
      actions={
        <>
          {before && other !== before.id && <Button kind="quiet" onClick={() => route.patch({ other: before.id })}>To the run before</Button>}
          <select aria-label="Run to compare the code with" value={other} onChange={(event) => route.patch({ other: event.target.value })}>
            <option value="">Choose a run…</option>
            {other && !rows.some((row) => row.id === other) && <option value={other}>{other}</option>}
            {rows.map((row) => <option key={row.id} value={row.id}>{row.name}{typeof row.cells[0] === "number" ? `, ${formatAgo(row.cells[0])}` : ""}</option>)}
          </select>
        </>
      }
    >
      {others.error && <Failed error={others.error} retry={others.reload} />}
      {!other ? <p className="faint">Lines with − are of the run you choose, lines with + of this one.</p> : diff.error ? <Failed error={diff.error} retry={diff.reload} /> : !diff.data ? <Loading /> : (
        <>
          <p className="muted">from <a href={href("run", other, { tab: "code" })}>{rows.find((row) => row.id === other)?.name ?? other}</a> to this run</p>
          <DiffView text={diff.data.diff} empty="Both ran the same code." />
          {diff.data.truncated && <p className="muted">The rest is too long to show.</p>}
        </>
      )}
    </Panel>
  );
}

function Files({ run, code }: { run: RunDetail; code: CodeAnswer }) {
  const { params } = useRoute();
  const [search, setSearch] = useState("");
  const entry = toText(dig(code.facts, "entry", "script"));
  const usual = code.files.find((file) => file.state === "script") ?? code.files.find((file) => entry.endsWith(file.path)) ?? code.files[0];
  const wanted = params.get("file");
  const chosen = code.files.find((file) => String(file.index) === wanted) ?? usual;
  const source = useQuery(chosen ? `file/${run.id}/${chosen.index}` : null, (signal) => api.codeFile(run.id, chosen!.index, signal), false);
  const shown = useMemo(() => code.files.filter((file) => file.path.toLowerCase().includes(search.toLowerCase())), [code.files, search]);
  const script = toText(dig(code.facts, "entry", "source"));
  const skipped = dig(code.facts, "files", "skipped");
  if (!code.files.length) {
    return script ? <Panel title="Script"><SourceView text={script} name={entry} /></Panel> : <Panel title="Files"><Empty>No files were kept: git has them all, or there was no script.</Empty></Panel>;
  }
  return (
    <Panel
      title={<>Files that were kept<span className="count">{formatCount(code.files.length)}</span></>}
      actions={code.files.length > 8 && <input type="search" placeholder="File" aria-label="Search files" value={search} onChange={(event) => setSearch(event.target.value)} />}
    >
      <div className="files">
        <ul className="file-list" aria-label="Files">
          {shown.map((file) => (
            <li key={file.index}>
              <button type="button" aria-current={file === chosen ? "true" : undefined} onClick={() => route.patch({ file: file === usual ? null : file.index }, true)}>
                <Icon name="file" />
                <span className="grow">{file.path}</span>
                <span className="faint">{file.state}</span>
              </button>
            </li>
          ))}
          {isRecord(skipped) && Object.entries(skipped).map(([path, why]) => <li key={path} className="skipped" title={toText(why)}><Icon name="file" />{path} <span className="faint">not kept: {toText(why)}</span></li>)}
        </ul>
        <div className="file-view">
          {chosen?.redacted && <p className="muted">Secrets were taken out of this file before it was kept.</p>}
          <Loaded query={source}>{(file) => (file.text === null ? <Empty>{file.problem || "No text."}</Empty> : <SourceView text={file.text} name={file.path} />)}</Loaded>
        </div>
      </div>
    </Panel>
  );
}
