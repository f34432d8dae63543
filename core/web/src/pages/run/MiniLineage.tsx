// Where the run's inputs came from and who used what it made: a few boxes in columns, what came first at the left.
import { useMemo } from "react";
import { api } from "../../api";
import { href } from "../../app/router";
import { clip } from "../../base/format";
import { useQuery } from "../../base/useQuery";
import { statusClass } from "../../components/Status";
import { Failed, Panel } from "../../components/Panel";
import type { Lineage, LineageNode, RunDetail } from "../../wire/types";

const [WIDTH, HEIGHT, GAP_X, GAP_Y] = [176, 30, 54, 10];
const NODES_MAX = 40;

export interface Placed extends LineageNode {
  x: number;
  y: number;
}

/** Boxes by layer, packed from the top; layers without boxes take no room. */
export function placed(nodes: readonly LineageNode[]): { nodes: Placed[]; width: number; height: number } {
  const layers = [...new Set(nodes.map((node) => node.layer))].sort((a, b) => a - b);
  const columns = layers.map((layer) => nodes.filter((node) => node.layer === layer).sort((a, b) => a.row - b.row));
  const tallest = Math.max(1, ...columns.map((column) => column.length));
  const height = tallest * (HEIGHT + GAP_Y) - GAP_Y;
  const found = columns.flatMap((column, c) => {
    const top = (height - (column.length * (HEIGHT + GAP_Y) - GAP_Y)) / 2;
    return column.map((node, r) => ({ ...node, x: c * (WIDTH + GAP_X), y: top + r * (HEIGHT + GAP_Y) }));
  });
  return { nodes: found, width: Math.max(columns.length * (WIDTH + GAP_X) - GAP_X, WIDTH), height };
}

export function MiniLineage({ run }: { run: RunDetail }) {
  const query = useQuery(`lineage/${run.id}/${run.artifacts.length}/${run.inputs.length}`, (signal) => api.lineage({ run: run.id, hops: 2, limit: NODES_MAX }, signal));
  if (query.error) return <Panel title="Lineage"><Failed error={query.error} retry={query.reload} /></Panel>;
  if (!query.data || query.data.edges.length === 0) return null;
  return <Panel title="Lineage"><Graph lineage={query.data} self={`run:${run.id}`} /></Panel>;
}

const ALIKE_SHOWN = 3;

/** Of many versions of one artifact in a column, as checkpoints are, only the newest are drawn. */
export function folding(nodes: readonly LineageNode[]): { kept: LineageNode[]; alike: number } {
  const groups = new Map<string, LineageNode[]>();
  for (const node of nodes) {
    const key = node.type === "run" ? node.id : `${node.layer}/${node.kind}/${node.label}`;
    groups.set(key, [...(groups.get(key) ?? []), node]);
  }
  const newest = new Set([...groups.values()].flatMap((group) => [...group].sort((a, b) => (b.version ?? 0) - (a.version ?? 0)).slice(0, ALIKE_SHOWN)));
  const kept = nodes.filter((node) => newest.has(node));
  return { kept, alike: nodes.length - kept.length };
}

function Graph({ lineage, self }: { lineage: Lineage; self: string }) {
  const { kept, alike } = useMemo(() => folding(lineage.nodes), [lineage]);
  const { nodes, width, height } = useMemo(() => placed(kept), [kept]);
  const at = new Map(nodes.map((node) => [node.id, node]));
  const folded = Object.values(lineage.folded).reduce((sum, each) => sum + each, 0);
  return (
    <div className="lineage">
      <svg width={width + 4} height={height + 4} role="group" aria-label={`${nodes.length} runs and artifacts around this run`}>
        {lineage.edges.map((edge, i) => {
          const [from, to] = [at.get(edge.from), at.get(edge.to)];
          if (!from || !to) return null;
          const [x0, y0, x1, y1] = [from.x + WIDTH + 2, from.y + HEIGHT / 2 + 2, to.x + 2, to.y + HEIGHT / 2 + 2];
          const bend = Math.max((x1 - x0) / 2, 18);
          return <path key={i} className="edge" d={`M${x0} ${y0}C${x0 + bend} ${y0} ${x1 - bend} ${y1} ${x1} ${y1}`}><title>{edge.role}</title></path>;
        })}
        {nodes.map((node) => (
          <a key={node.id} href={href(node.type === "run" ? "run" : "artifact", node.id.slice(node.id.indexOf(":") + 1))} className={`node ${node.type} ${node.id === self ? "self" : ""}`} aria-label={`${node.kind} ${node.label}`}>
            <title>{node.label}</title>
            <rect x={node.x + 2} y={node.y + 2} width={WIDTH} height={HEIGHT} rx={node.type === "run" ? 15 : 4} />
            {node.status && <circle className={`status-fill ${statusClass(node.status)}`} cx={node.x + 16} cy={node.y + 2 + HEIGHT / 2} r="4" />}
            <text x={node.x + (node.status ? 27 : 11)} y={node.y + 2 + HEIGHT / 2 + 4}>
              {clip(node.label, 17)}
              <tspan className="node-kind" dx="5">{clip(`${node.kind}${node.version === null ? "" : ` v${node.version}`}`, 24 - Math.min(node.label.length, 17))}</tspan>
            </text>
          </a>
        ))}
      </svg>
      {alike > 0 && <p className="faint">{alike} earlier versions of these are left out; they are listed below.</p>}
      {folded > 0 && <p className="faint">{folded} more further away. <a href={href("artifacts")}>All artifacts</a></p>}
    </div>
  );
}
