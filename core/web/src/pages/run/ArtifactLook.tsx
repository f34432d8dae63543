// Inside an artifact: its facts, its files, and a look that can't run anything.
import { useState } from "react";
import { api } from "../../api";
import { href, route, useRoute } from "../../app/router";
import { formatBytes, formatCount, formatDate } from "../../base/format";
import { useQuery } from "../../base/useQuery";
import { Button } from "../../components/Button";
import { Icon } from "../../components/Icon";
import { Markdown } from "../../components/Markdown";
import { DataTable } from "../../components/plots/DataTable";
import { isRecord, toText } from "../../components/plots/data";
import { JsonTree } from "../../components/plots/JsonTree";
import { Empty, Failed, Loaded } from "../../components/Panel";
import { StatusDot } from "../../components/Status";
import type { ArtifactDetail, ArtifactLink, Cell, Json, Preview, RunLink } from "../../wire/types";
import { SourceView } from "./SourceView";

const MEMBERS_SHOWN = 300;

export function ArtifactLook({ artifact }: { artifact: ArtifactLink }) {
  const query = useQuery(`artifact/${artifact.id}`, (signal) => api.artifact(artifact.id, signal));
  return (
    <Loaded query={query}>
      {(detail) => (
        <div className="artifact-look">
          <Facts detail={detail} />
          <Content detail={detail} />
        </div>
      )}
    </Loaded>
  );
}

function Facts({ detail }: { detail: ArtifactDetail }) {
  const deep: [string, Json][] = [["Schema", detail.schema], ["Statistics", detail.stats], ["Meta", detail.meta]];
  return (
    <div className="artifact-facts">
      <dl className="facts">
        {([["Address", detail.uri], ["Digest", detail.digest], ["Made", formatDate(detail.created)], ["Serializer", detail.serializer], ["Description", detail.description]] as const).map(([name, value]) => value && [<dt key={name}>{name}</dt>, <dd key={`${name}=`} className={name === "Digest" || name === "Address" ? "mono plain" : "plain"}>{value}</dd>])}
        {detail.producer && [<dt key="p">Made by</dt>, <dd key="p="><Run link={detail.producer} /></dd>]}
        {detail.consumers.length > 0 && [<dt key="c">Read by</dt>, <dd key="c=">{detail.consumers.slice(0, 12).map((each) => <Run key={each.id} link={each} />)}{detail.consumers.length > 12 && <span className="faint"> and {detail.consumers.length - 12} more</span>}</dd>]}
        {detail.versions.length > 1 && [<dt key="v">Versions</dt>, <dd key="v=">{detail.versions.slice(-8).map((each) => <a key={each.id} className="version" href={href("artifact", each.id)} aria-current={each.id === detail.id ? "true" : undefined}>v{each.version}</a>)}</dd>]}
      </dl>
      {deep.map(([title, value]) => isRecord(value) && Object.keys(value).length > 0 && (
        <details key={title} open={title !== "Meta"}>
          <summary>{title}</summary>
          <JsonTree value={value} open={2} />
        </details>
      ))}
    </div>
  );
}

function Run({ link }: { link: RunLink }) {
  return <a className="run-link" href={href("run", link.id)}><StatusDot status={link.status} /> {link.name}</a>;
}

function Content({ detail }: { detail: ArtifactDetail }) {
  const { params } = useRoute();
  const folder = detail.members.length > 0;
  const file = folder ? (params.get("file") ?? undefined) : undefined;
  const chosen = folder && !detail.members.some((member) => member.path === file) ? undefined : file;
  const [all, setAll] = useState(false);
  const query = useQuery(!folder || chosen !== undefined ? `preview/${detail.id}/${chosen ?? ""}` : null, (signal) => api.preview(detail.id, chosen, signal), false);
  if (!folder && !detail.held) return null;
  return (
    <div className="artifact-content">
      {folder && (
        <ul className="file-list" aria-label="Files">
          {detail.members.slice(0, all ? undefined : MEMBERS_SHOWN).map((member) => (
            <li key={member.path}>
              <button type="button" aria-current={member.path === chosen ? "true" : undefined} onClick={() => route.patch({ file: member.path }, true)}>
                <Icon name="file" />
                <span className="grow">{member.path}</span>
                <span className="faint">{formatBytes(member.size)}</span>
              </button>
            </li>
          ))}
          {!all && detail.members.length > MEMBERS_SHOWN && <li><Button kind="quiet" onClick={() => setAll(true)}>{formatCount(detail.members.length - MEMBERS_SHOWN)} more</Button></li>}
        </ul>
      )}
      <div className="file-view">
        {folder && chosen === undefined ? <p className="faint">Choose a file.</p> : query.error ? <Failed error={query.error} retry={query.reload} /> : <Loaded query={query}>{(preview) => <PreviewView preview={preview} name={chosen ?? detail.name} />}</Loaded>}
      </div>
    </div>
  );
}

export function PreviewView({ preview, name }: { preview: Preview; name: string }) {
  return (
    <div className="preview" data-kind={preview.kind}>
      <p className="preview-head">
        <span className="faint">{[preview.media_type, formatBytes(preview.size)].filter(Boolean).join(" · ")}</span>
        {preview.download && <a className="button" href={preview.download} download><Icon name="download" />Save</a>}
      </p>
      {preview.problem && <p className="run-problem">{preview.problem}</p>}
      <Shown preview={preview} name={name} />
      {preview.truncated && <p className="muted">Only its beginning is shown.</p>}
    </div>
  );
}

function Shown({ preview, name }: { preview: Preview; name: string }) {
  switch (preview.kind) {
    case "image":
    case "svg":
      // An SVG inside <img> runs no scripts and loads nothing.
      return <img className="preview-image" src={preview.content} alt={name} />;
    case "audio":
      return <audio controls src={preview.content} aria-label={name} />;
    case "video":
      return <video controls src={preview.content} aria-label={name} />;
    case "html":
      return <iframe className="preview-page" sandbox="" src={preview.content} title={name} referrerPolicy="no-referrer" />;
    case "table":
      return preview.table ? (
        <>
          <DataTable label={name} columns={preview.table.columns.map((title) => ({ title }))} rows={preview.table.rows as Json[][]} />
          {preview.table.total !== null && preview.table.total > preview.table.rows.length && <p className="muted">{formatCount(preview.table.rows.length)} of {formatCount(preview.table.total)} rows</p>}
        </>
      ) : null;
    case "json":
      return <JsonText text={preview.text ?? ""} name={name} />;
    case "text":
      if (/\.(md|markdown)$/i.test(name)) return <Markdown text={preview.text ?? ""} />;
      return <SourceView text={preview.text ?? ""} name={name} />;
    case "missing":
      return <Empty>{preview.problem ? "" : "The store has no content of it."}</Empty>;
    default:
      return preview.problem ? null : <p className="faint">{preview.text ? toText(preview.text as Cell & Json) : "No look inside of such files."}</p>;
  }
}

function JsonText({ text, name }: { text: string; name: string }) {
  let value: Json;
  try {
    value = JSON.parse(text) as Json;
  } catch {
    return <SourceView text={text} name={name} />;
  }
  return <JsonTree value={value} open={2} />;
}
