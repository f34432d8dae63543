// What the run read and made: datasets with their fingerprints, models, checkpoints, files; with a look inside.
import { Fragment, useMemo, useState } from "react";
import { href, route, useRoute } from "../../app/router";
import { clip, formatBytes, formatCount } from "../../base/format";
import { Button } from "../../components/Button";
import { Icon } from "../../components/Icon";
import { Empty, Panel } from "../../components/Panel";
import type { ArtifactLink } from "../../wire/types";
import { ArtifactLook } from "./ArtifactLook";
import { MiniLineage } from "./MiniLineage";
import type { PartProps } from "./RunPage";

const SECTIONS: { id: string; title: string; takes: (each: ArtifactLink) => boolean }[] = [
  { id: "data", title: "Data that it read", takes: (each) => each.direction === "in" && each.type === "dataset" },
  { id: "inputs", title: "Other inputs", takes: (each) => each.direction === "in" && each.type !== "dataset" },
  { id: "models", title: "Models", takes: (each) => each.direction === "out" && each.type === "model" },
  { id: "checkpoints", title: "Checkpoints", takes: (each) => each.direction === "out" && each.type === "checkpoint" },
  { id: "artifacts", title: "Other files that it made", takes: (each) => each.direction === "out" && !["model", "checkpoint"].includes(each.type) },
];

/** So many artifacts whose content is gone are folded. */
const FOLD_FROM = 4;

export default function DataModels({ run }: PartProps) {
  const { params } = useRoute();
  const opened = params.get("look");
  const [past, setPast] = useState(false);
  const all = useMemo(() => [...run.inputs, ...run.artifacts].filter((each) => each.type !== "code"), [run.inputs, run.artifacts]);
  if (!all.length) return <Empty>{run.status === "running" ? "Nothing yet." : "No data, models or files were logged."}</Empty>;
  return (
    <>
      <MiniLineage run={run} />
      {SECTIONS.map(({ id, title, takes }) => {
        const taken = all.filter(takes);
        if (!taken.length) return null;
        const gone = taken.filter((each) => each.state === "deleted");
        const found = past || gone.length < FOLD_FROM ? taken : taken.filter((each) => each.state !== "deleted");
        return (
          <Panel key={id} title={<>{title}<span className="count">{formatCount(taken.length)}</span></>}>
            <div className="table-scroll">
              <table className="plain-table artifacts">
                <thead><tr><th>name</th><th>{id === "data" ? "role" : "aliases"}</th><th className="number">step</th><th>format</th><th className="number">size</th><th>{id === "data" ? "fingerprint" : "digest"}</th></tr></thead>
                <tbody>
                  {found.map((each) => {
                    const key = `${each.id}${each.role}${each.step ?? ""}`;
                    const open = opened === key;
                    return (
                      <Fragment key={key}>
                        <tr className={open ? "open" : ""}>
                          <td>
                            <button type="button" className="link-button" aria-expanded={open} onClick={() => route.patch({ look: open ? null : key, file: null }, true)}>
                              <Icon name={open ? "down" : "right"} size={11} />
                              {clip(each.name, 70)}
                            </button>
                            <a className="count" href={href("artifact", each.id)} title="All about this artifact">v{each.version}</a>
                            <State artifact={each} />
                          </td>
                          <td>{id === "data" ? each.role : each.aliases.map((alias) => <span key={alias} className="tag">{alias}</span>)}</td>
                          <td className="number">{each.step ?? ""}</td>
                          <td>{each.format}{each.files > 0 && <span className="count">{formatCount(each.files)} files</span>}</td>
                          <td className="number">{formatBytes(each.size)}</td>
                          <td className="mono faint" title={each.digest}>{each.digest.replace(/^[a-z0-9-]+:/, "").slice(0, 12)}</td>
                        </tr>
                        {open && <tr className="look"><td colSpan={6}><ArtifactLook artifact={each} /></td></tr>}
                      </Fragment>
                    );
                  })}
                </tbody>
              </table>
            </div>
            {gone.length >= FOLD_FROM && (
              <Button kind="quiet" onClick={() => setPast(!past)}>{past ? "Hide those that were deleted" : `${formatCount(gone.length)} more, which training itself deleted`}</Button>
            )}
          </Panel>
        );
      })}
    </>
  );
}

const STATES: Record<string, string> = { pending: "still being stored", missing: "its content is lost", expired: "its content was removed after its time", deleted: "its content was deleted" };

function State({ artifact }: { artifact: ArtifactLink }) {
  const said = STATES[artifact.state] ?? (artifact.held || artifact.type === "dataset" ? "" : "kept elsewhere");
  return said ? <span className={`artifact-state ${artifact.state}`}>{said}</span> : null;
}
