// Artifacts of the store: datasets, models, checkpoints and files, by type and name.
import { useEffect, useState } from "react";
import { api } from "../../api";
import type { PageProps } from "../../app/navigation";
import { href, route, useRoute } from "../../app/router";
import { clip, formatAgo, formatBytes, formatCount } from "../../base/format";
import { useLive } from "../../base/useLive";
import { useQuery } from "../../base/useQuery";
import { Button } from "../../components/Button";
import { Loaded } from "../../components/Panel";
import { StatusDot } from "../../components/Status";
import type { Artifacts } from "../../wire/types";
import { StateBadge } from "./StateBadge";
import "./artifacts.css";

const PAGE = 100;

export default function ArtifactsPage(_: PageProps) {
  const { params } = useRoute();
  const type = params.get("type") ?? "";
  const search = params.get("search") ?? "";
  const offset = Math.max(Math.floor(Number(params.get("from")) || 0), 0);
  const [typed, setTyped] = useState(search);
  useEffect(() => setTyped(search), [search]);
  useEffect(() => {
    const timer = setTimeout(() => typed !== search && route.patch({ search: typed, from: null }, true), 250);
    return () => clearTimeout(timer);
  }, [typed]);
  const query = useQuery(`${type}/${search}/${offset}`, (signal) => api.artifacts({ type, search, offset, limit: PAGE }, signal));
  const [stale, setStale] = useState(false);
  useLive([], true, () => setStale(true));
  return (
    <div className="page">
      <div className="page-body artifacts-page">
        <h1>Artifacts</h1>
        <div className="artifact-tools">
          <input type="search" placeholder="Find by name" aria-label="Find artifacts by name" value={typed} onChange={(event) => setTyped(event.target.value)} />
          {query.data && <Types types={query.data.types} chosen={type} />}
          {stale && <Button kind="quiet" icon="restore" onClick={() => { setStale(false); query.reload(); }}>Something changed: reload</Button>}
        </div>
        <section className="panel">
          <Loaded
            query={query}
            isEmpty={(data) => !data.artifacts.length}
            empty={type || search ? "No artifact like that." : "Nothing was kept yet. Runs keep models, checkpoints and fingerprints of their data by themselves; Run.log_artifact keeps files."}
          >
            {(data) => <List data={data} offset={offset} />}
          </Loaded>
        </section>
      </div>
    </div>
  );
}

function Types({ types, chosen }: { types: Artifacts["types"]; chosen: string }) {
  const all = Object.entries(types).sort(([a], [b]) => a.localeCompare(b));
  const total = all.reduce((sum, [, count]) => sum + count, 0);
  const link = (type: string, count: number) => (
    <a key={type} className={`chip ${type === chosen ? "active" : ""}`} aria-current={type === chosen ? "true" : undefined} href={href("artifacts", "", { type, search: route.get().params.get("search") })}>
      {type || "all"}<span className="count">{formatCount(count)}</span>
    </a>
  );
  return <nav className="chips" aria-label="Types of artifacts">{link("", total)}{all.map(([type, count]) => link(type, count))}</nav>;
}

function List({ data, offset }: { data: Artifacts; offset: number }) {
  const end = offset + data.artifacts.length;
  return (
    <>
      <div className="artifact-scroll">
        <table className="plain-table artifact-table">
          <thead>
            <tr><th>Name</th><th>Type</th><th>Version</th><th className="number">Size</th><th>Made by</th><th>Made</th><th>State</th></tr>
          </thead>
          <tbody>
            {data.artifacts.map((each) => (
              <tr key={each.id}>
                <td className="name"><a href={href("artifact", each.id)} title={each.name.slice(0, 1000)}>{clip(each.name, 80)}</a></td>
                <td>{each.type}</td>
                <td>
                  v{each.version}
                  {each.versions > 1 && <span className="count">of {each.versions}</span>}
                  {each.aliases.map((alias) => <span key={alias} className="tag alias">{clip(alias, 30)}</span>)}
                </td>
                <td className="number">{formatBytes(each.size)}</td>
                <td>{each.producer ? <a href={href("run", each.producer.id)}><StatusDot status={each.producer.status} /> {clip(each.producer.name, 40)}</a> : <span className="faint">–</span>}</td>
                <td className="faint">{formatAgo(each.created)}</td>
                <td><StateBadge state={each.state} held={each.held} /></td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {(offset > 0 || end < data.total) && (
        <div className="artifact-pages">
          <Button disabled={offset === 0} icon="left" onClick={() => route.patch({ from: Math.max(offset - PAGE, 0) || null })}>Earlier</Button>
          <span className="muted">{formatCount(offset + 1)} to {formatCount(end)} of {formatCount(data.total)}</span>
          <Button disabled={end >= data.total} onClick={() => route.patch({ from: end })}>Next</Button>
        </div>
      )}
    </>
  );
}
