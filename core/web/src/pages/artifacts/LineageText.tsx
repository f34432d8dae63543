// A lineage in words: what each run read and made, for those who can't see the picture, and to search in.
import { Fragment, type ReactNode } from "react";
import type { Lineage, LineageNode } from "../../wire/types";
import { nodeHref } from "./nodes";

const SHOWN = 40;

export function LineageText({ lineage }: { lineage: Lineage }) {
  const nodes = new Map(lineage.nodes.map((node) => [node.id, node]));
  const runs = lineage.nodes.filter((node) => node.type === "run").sort((a, b) => a.layer - b.layer || a.row - b.row);
  const linked = (ids: string[]): ReactNode => {
    const found = ids.flatMap((id) => nodes.get(id) ?? []);
    if (!found.length) return "nothing that is shown";
    return found.slice(0, SHOWN).map((node, i) => <Fragment key={node.id}>{i > 0 && ", "}<Named node={node} /></Fragment>);
  };
  return (
    <details className="lineage-text">
      <summary>The same as text</summary>
      <ul>
        {runs.map((run) => (
          <li key={run.id}>
            <Named node={run} /> read {linked(lineage.edges.filter((edge) => edge.to === run.id).map((edge) => edge.from))}; made {linked(lineage.edges.filter((edge) => edge.from === run.id).map((edge) => edge.to))}.
          </li>
        ))}
      </ul>
    </details>
  );
}

function Named({ node }: { node: LineageNode }) {
  return <a href={nodeHref(node)}>{node.label.slice(0, 120)}{node.version !== null && ` v${node.version}`}</a>;
}
