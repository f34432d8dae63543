// Versions of an artifact, newest first, and what differs between this one and another.
import { api } from "../../api";
import { href, route, useRoute } from "../../app/router";
import { clip, formatBytes, formatCount, formatDate } from "../../base/format";
import { useQuery } from "../../base/useQuery";
import { Loaded, Panel } from "../../components/Panel";
import { ValueCell } from "../../components/ValueCell";
import type { ArtifactDetail } from "../../wire/types";
import { changes } from "./changes";

const SHOWN = 200;

export function Versions({ detail }: { detail: ArtifactDetail }) {
  const { params } = useRoute();
  const versions = [...detail.versions].sort((a, b) => b.version - a.version);
  const before = versions.find((each) => each.version < detail.version);
  const other = versions.find((each) => each.id === params.get("with") && each.id !== detail.id) ?? before ?? versions.find((each) => each.id !== detail.id);
  return (
    <>
      {other && <Against detail={detail} other={other.id} versions={versions} />}
      <Panel title={`${formatCount(versions.length)} ${versions.length === 1 ? "version" : "versions"}`}>
        <div className="artifact-scroll">
          <table className="plain-table">
            <thead><tr><th>Version</th><th>Made</th><th className="number">Size</th><th>Digest</th><th>Aliases</th></tr></thead>
            <tbody>
              {versions.slice(0, SHOWN).map((each) => (
                <tr key={each.id} className={each.id === detail.id ? "current" : ""}>
                  <td>{each.id === detail.id ? <strong>v{each.version} (this one)</strong> : <a href={href("artifact", each.id, { tab: "versions" })}>v{each.version}</a>}</td>
                  <td>{formatDate(each.created)}</td>
                  <td className="number">{formatBytes(each.size)}</td>
                  <td className="mono" title={each.digest}>{each.digest.slice(0, 12)}</td>
                  <td>{each.aliases.map((alias) => <span key={alias} className="tag">{clip(alias, 40)}</span>)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
        {versions.length > SHOWN && <p className="muted">and {formatCount(versions.length - SHOWN)} older ones</p>}
      </Panel>
    </>
  );
}

function Against({ detail, other, versions }: { detail: ArtifactDetail; other: string; versions: ArtifactDetail["versions"] }) {
  const query = useQuery(other, (signal) => api.artifact(other, signal), false);
  return (
    <Panel
      title={`What differs in v${detail.version} from`}
      actions={(
        <select aria-label="Version to compare with" value={other} onChange={(event) => route.patch({ with: event.target.value }, true)}>
          {versions.filter((each) => each.id !== detail.id).slice(0, SHOWN).map((each) => <option key={each.id} value={each.id}>v{each.version}</option>)}
        </select>
      )}
    >
      <Loaded query={query}>
        {(old) => {
          const rows = changes(old, detail);
          if (!rows.length) return <p className="muted">{old.digest === detail.digest ? "Nothing: the content is the same." : "The content differs; everything recorded about it is the same."}</p>;
          return (
            <table className="plain-table changes">
              <thead><tr><th>What</th><th>v{old.version}</th><th>v{detail.version}</th></tr></thead>
              <tbody>
                {rows.slice(0, SHOWN).map((row) => (
                  <tr key={row.name}><th scope="row" className="mono">{clip(row.name, 120)}</th><td><ValueCell value={row.before} /></td><td><ValueCell value={row.after} baseline={row.before} /></td></tr>
                ))}
              </tbody>
            </table>
          );
        }}
      </Loaded>
    </Panel>
  );
}
