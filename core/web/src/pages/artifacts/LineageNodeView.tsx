// One box of a lineage: a run is round, an artifact has corners; a folded box says how many it stands for.
import type { KeyboardEvent } from "react";
import { href } from "../../app/router";
import { clip } from "../../base/format";
import { statusClass } from "../../components/Status";
import type { Folded } from "../../chart/dag";
import { nodeHref, type Item } from "./nodes";

export const NODE_WIDTH = 186;
export const NODE_HEIGHT = 40;
const CHARS = 22;

export function LineageNodeView({ item, at, self, dim, hidden, onLight, onOpen, onKey }: {
  item: Folded<Item>;
  at: { x: number; y: number };
  self: boolean;
  dim: boolean;
  /** Neighbours that are not shown. */
  hidden: number;
  onLight: (id: string | null) => void;
  onOpen: () => void;
  onKey: (event: KeyboardEvent) => void;
}) {
  const { node } = item.members[0]!;
  const many = item.members.length;
  const kind = node.kind || node.type;
  const [title, below] = many > 1
    ? [`${many} × ${kind}`, "click to unfold"]
    : [node.label, node.type === "artifact" ? `${kind}${node.version !== null ? ` v${node.version}` : ""}` : kind];
  const label = many > 1 ? `${many} ${node.type === "run" ? "runs" : "artifacts"} of kind ${kind}: unfold` : `${node.type} ${title.slice(0, 200)}, ${below}${node.status ? `, ${node.status}` : ""}${self ? ", where this view begins" : ""}`;
  const body = (
    <>
      <title>{many > 1 ? item.members.slice(0, 30).map((each) => each.node.label).join("\n").slice(0, 2000) : node.label.slice(0, 2000)}</title>
      {many > 1 && <rect className="behind" x={at.x + 4} y={at.y + 4} width={NODE_WIDTH} height={NODE_HEIGHT} rx={node.type === "run" ? 20 : 5} />}
      <rect x={at.x} y={at.y} width={NODE_WIDTH} height={NODE_HEIGHT} rx={node.type === "run" ? 20 : 5} />
      {node.status && many === 1 && <circle className={`status ${statusClass(node.status)}`} cx={at.x + 17} cy={at.y + 15} r="4" />}
      <text x={at.x + (node.type === "run" ? (node.status && many === 1 ? 27 : 16) : 12)} y={at.y + 19}>{clip(title, CHARS)}</text>
      <text className="below" x={at.x + (node.type === "run" ? 17 : 12)} y={at.y + 33}>{clip(below, 28)}</text>
    </>
  );
  const common = {
    "data-node": item.id,
    "data-kind": kind,
    className: `lineage-node ${node.type} ${self ? "self" : ""} ${dim ? "dim" : ""}`,
    "aria-label": label,
    onPointerEnter: () => onLight(item.id),
    onPointerLeave: () => onLight(null),
    onFocus: () => onLight(item.id),
    onBlur: () => onLight(null),
  };
  return (
    <>
      {many > 1 ? (
        <g
          {...common}
          role="button"
          tabIndex={0}
          onClick={onOpen}
          onKeyDown={(event) => {
            if (event.key === "Enter" || event.key === " ") {
              event.preventDefault();
              onOpen();
            } else onKey(event);
          }}
        >
          {body}
        </g>
      ) : (
        <a {...common} href={nodeHref(node)} onKeyDown={onKey}>{body}</a>
      )}
      {hidden > 0 && (
        <a className="lineage-more" href={href("lineage", item.id)} aria-label={`${hidden} more beside ${node.label.slice(0, 100)}: begin there`}>
          <title>{`${hidden} more beside it: begin there`}</title>
          <rect x={at.x + NODE_WIDTH - 38} y={at.y + NODE_HEIGHT - 17} width="34" height="14" rx="7" />
          <text x={at.x + NODE_WIDTH - 21} y={at.y + NODE_HEIGHT - 6.500}>+{hidden}</text>
        </a>
      )}
    </>
  );
}
