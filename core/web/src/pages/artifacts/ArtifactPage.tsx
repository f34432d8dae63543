// One version of an artifact: its content to look at, its versions and facts, where it came from and who used it.
import { api } from "../../api";
import type { PageProps } from "../../app/navigation";
import { href, useRoute, route } from "../../app/router";
import { clip, formatAgo, formatBytes, formatDate } from "../../base/format";
import { useQuery } from "../../base/useQuery";
import { JsonTree } from "../../components/plots/JsonTree";
import { Empty, Loaded, Panel } from "../../components/Panel";
import { StatusDot } from "../../components/Status";
import { Tabs, useTab, type Tab } from "../../components/Tabs";
import type { ArtifactDetail, Json, RunLink } from "../../wire/types";
import { PreviewView } from "../run/ArtifactLook";
import { LineageView } from "./LineageView";
import { StateBadge } from "./StateBadge";
import { Versions } from "./Versions";
import "../run/run.css";
import "../../components/plots/plots.css";
import "./artifacts.css";

const FILES_SHOWN = 500;
const FACTS_FIRST = ["model", "checkpoint", "dataset"];

export default function ArtifactPage({ id }: PageProps) {
  const query = useQuery(id || null, (signal) => api.artifact(id, signal), false);
  if (!id) return <div className="page"><Empty><a href={href("artifacts")}>All artifacts</a></Empty></div>;
  return <div className="page artifact-page"><Loaded query={query}>{(detail) => <Shown detail={detail} />}</Loaded></div>;
}

function Shown({ detail }: { detail: ArtifactDetail }) {
  const content = { id: "content", title: "Content", count: detail.members.length || undefined };
  const facts = { id: "facts", title: "Facts" };
  const tabs: Tab[] = [
    // Of models and data, what is known tells more than their bytes.
    ...(FACTS_FIRST.includes(detail.type) ? [facts, content] : [content, facts]),
    { id: "versions", title: "Versions", count: detail.versions.length },
    { id: "lineage", title: "Lineage" },
  ];
  const tab = useTab(tabs);
  return (
    <>
      <div className="artifact-top">
        <div className="artifact-title">
          <a className="muted" href={href("artifacts", "", { type: detail.type })}>{detail.type}</a>
          <h1>{clip(detail.name, 200)}</h1>
          <span className="muted">v{detail.version}</span>
          {detail.aliases.map((alias) => <span key={alias} className="tag">{clip(alias, 60)}</span>)}
          <StateBadge state={detail.state} held={detail.held} />
          <span className="muted">{formatBytes(detail.size)} · {formatAgo(detail.created)}</span>
          {detail.producer && <span className="muted">made by <Run link={detail.producer} /></span>}
        </div>
        <Tabs tabs={tabs} />
      </div>
      <div className="page-body">
        {tab === "content" && <Content detail={detail} />}
        {tab === "facts" && <Facts detail={detail} />}
        {tab === "versions" && <Versions detail={detail} />}
        {tab === "lineage" && <LineageView start={`artifact:${detail.id}`} />}
      </div>
    </>
  );
}

export function Run({ link }: { link: RunLink }) {
  return <a href={href("run", link.id)} title={link.name.slice(0, 500)}><StatusDot status={link.status} /> {clip(link.name, 50)}</a>;
}

function Content({ detail }: { detail: ArtifactDetail }) {
  const wanted = useRoute().params.get("file");
  const folder = detail.members.length > 0;
  const file = folder ? (detail.members.find((member) => member.path === wanted) ?? detail.members[0])?.path : undefined;
  const query = useQuery(detail.held ? `${detail.id} ${file ?? ""}` : null, (signal) => api.preview(detail.id, file, signal), false);
  if (!detail.held) {
    return <Panel><Empty>Only the fingerprint and the facts of this {detail.type} were recorded, not its content.</Empty></Panel>;
  }
  return (
    <div className={`artifact-content ${folder ? "folder" : ""}`}>
      {folder && (
        <Panel title={`${detail.members.length} ${detail.members.length === 1 ? "file" : "files"}`}>
          <ul className="file-names">
            {detail.members.slice(0, FILES_SHOWN).map((member) => (
              <li key={member.path}>
                <button type="button" aria-current={member.path === file ? "true" : undefined} title={member.path.slice(0, 1000)} onClick={() => route.patch({ file: member.path }, true)}>
                  <span className="path">{member.path}</span>
                  <span className="faint">{formatBytes(member.size)}</span>
                </button>
              </li>
            ))}
          </ul>
          {detail.members.length > FILES_SHOWN && <p className="muted">and {detail.members.length - FILES_SHOWN} more</p>}
        </Panel>
      )}
      <Panel title={file ?? detail.name}>
        <Loaded query={query}>{(preview) => <PreviewView preview={preview} name={file ?? detail.name} />}</Loaded>
      </Panel>
    </div>
  );
}

function Facts({ detail }: { detail: ArtifactDetail }) {
  const rows: [string, string][] = [
    ["id", detail.id], ["digest", detail.digest], ["format", detail.format], ["serializer", detail.serializer], ["uri", detail.uri],
    ["made", formatDate(detail.created)], ["size", detail.size === null ? "" : `${detail.size} bytes`], ["step", detail.step === null ? "" : String(detail.step)], ["description", detail.description],
  ];
  return (
    <>
      <Panel title="Facts">
        <table className="plain-table facts-table">
          <tbody>
            {rows.filter(([, value]) => value).map(([name, value]) => <tr key={name}><th scope="row">{name}</th><td className={name === "digest" || name === "id" ? "mono" : ""}>{value.slice(0, 5000)}</td></tr>)}
            <tr><th scope="row">made by</th><td>{detail.producer ? <Run link={detail.producer} /> : "not recorded"}</td></tr>
            <tr>
              <th scope="row">used by</th>
              <td>
                {detail.consumers.length ? detail.consumers.slice(0, 50).map((link) => <span key={link.id} className="consumer"><Run link={link} /></span>) : "no run yet"}
                {detail.consumers.length > 50 && ` and ${detail.consumers.length - 50} more`}
              </td>
            </tr>
          </tbody>
        </table>
      </Panel>
      {([["Schema", detail.schema], ["Statistics", detail.stats], ["More", detail.meta]] as [string, Json][]).map(([title, value]) => !isEmpty(value) && (
        <Panel key={title} title={title}><JsonTree value={value} open={2} /></Panel>
      ))}
    </>
  );
}

function isEmpty(value: Json): boolean {
  return value === null || (typeof value === "object" && Object.keys(value).length === 0);
}
