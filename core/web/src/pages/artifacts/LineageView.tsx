// Where things came from: runs and artifacts around one of them, from left to right, with the same said as text.
import { useMemo, useRef, useState, type KeyboardEvent } from "react";
import { api } from "../../api";
import { route, useRoute } from "../../app/router";
import { useQuery } from "../../base/useQuery";
import { IconButton } from "../../components/Button";
import { Loaded } from "../../components/Panel";
import { fold, foldEdges, ordered, type Folded } from "../../chart/dag";
import type { Lineage } from "../../wire/types";
import { LineageNodeView, NODE_HEIGHT, NODE_WIDTH } from "./LineageNodeView";
import { LineageText } from "./LineageText";
import { itemsOf, type Item } from "./nodes";
import "./artifacts.css";

const NODES_MAX = 300;
const GAP_X = 74;
const GAP_Y = 12;
const EDGE = 10;
const HOPS = [1, 2, 3, 4, 6];

/** `start`: "run:ID" or "artifact:ID". */
export function LineageView({ start }: { start: string }) {
  const { params } = useRoute();
  const hops = HOPS.find((each) => String(each) === params.get("hops")) ?? 2;
  const id = start.slice(start.indexOf(":") + 1);
  const query = useQuery(`${start} ${hops}`, (signal) => api.lineage({ [start.startsWith("run:") ? "run" : "artifact"]: id, hops, limit: NODES_MAX }, signal));
  return (
    <div className="lineage-view">
      <div className="lineage-tools">
        <label className="check">
          Steps away
          <select value={hops} onChange={(event) => route.patch({ hops: event.target.value === "2" ? null : event.target.value }, true)}>
            {HOPS.map((each) => <option key={each} value={each}>{each}</option>)}
          </select>
        </label>
        <span className="muted">Arrow keys follow the lines, Enter opens.</span>
      </div>
      <Loaded query={query} isEmpty={(data) => data.nodes.length < 2} empty="Nothing was read or made here, as far as it was recorded.">
        {(data) => <Graph lineage={data} start={start} />}
      </Loaded>
    </div>
  );
}

function Graph({ lineage, start }: { lineage: Lineage; start: string }) {
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const [lit, setLit] = useState<string | null>(null);
  const [zoom, setZoom] = useState(1);
  const root = useRef<SVGSVGElement>(null);
  const { columns, edges, places, width, height } = useMemo(() => layout(lineage, start, open), [lineage, start, open]);
  const near = useMemo(() => {
    const ids = new Set<string>();
    if (lit) for (const edge of edges) if (edge.from === lit || edge.to === lit) ids.add(edge.from).add(edge.to);
    return ids;
  }, [lit, edges]);
  const hidden = Object.values(lineage.folded).reduce((sum, each) => sum + each, 0);
  const move = (event: KeyboardEvent, column: number, row: number) => {
    const at = columns[column]![row]!;
    const beside = (side: "from" | "to") => {
      const height = (id: string) => Math.abs(places.get(id)!.y - places.get(at.id)!.y);
      return edges.filter((edge) => edge[side === "from" ? "to" : "from"] === at.id).map((edge) => edge[side]).sort((a, b) => height(a) - height(b))[0];
    };
    const next = event.key === "ArrowUp" ? columns[column]![row - 1]?.id : event.key === "ArrowDown" ? columns[column]![row + 1]?.id : event.key === "ArrowLeft" ? beside("from") : event.key === "ArrowRight" ? beside("to") : undefined;
    if (!event.key.startsWith("Arrow")) return;
    event.preventDefault();
    if (next === undefined) return;
    const target = [...(root.current?.querySelectorAll<SVGElement>("[data-node]") ?? [])].find((each) => each.dataset.node === next);
    target?.focus();
  };
  const all = lineage.nodes.length;
  return (
    <>
      <div className="lineage-bar">
        <span className="muted" role="status">
          {all} runs and artifacts{hidden > 0 && `, ${hidden} more further away`}
        </span>
        {open.size > 0 && <button type="button" className="button quiet" onClick={() => setOpen(new Set())}>Fold again</button>}
        <span className="grow" />
        <IconButton icon="zoomOut" label="Smaller" onClick={() => setZoom(Math.max(zoom / 1.25, 0.3))} />
        <IconButton icon="plus" label="Larger" onClick={() => setZoom(Math.min(zoom * 1.25, 2.5))} />
      </div>
      <div className="lineage-room" tabIndex={-1}>
        <svg ref={root} width={width * zoom} height={height * zoom} viewBox={`0 0 ${width} ${height}`} role="group" aria-label={`Lineage: ${all} runs and artifacts. The same is said as text below.`}>
          <defs>
            <marker id="lineage-arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0.500L7 4L0 7.500z" /></marker>
          </defs>
          {edges.map((edge) => {
            const [a, b] = [places.get(edge.from)!, places.get(edge.to)!];
            const [x1, y1, x2, y2] = [a.x + NODE_WIDTH, a.y + NODE_HEIGHT / 2, b.x - 2, b.y + NODE_HEIGHT / 2];
            const bend = Math.max(Math.abs(x2 - x1) / 2, 30);
            const roles = [...new Set(edge.of.map((each) => each.role).filter(Boolean))].slice(0, 6).join(", ");
            const on = lit !== null && (edge.from === lit || edge.to === lit);
            return (
              <path key={`${edge.from} ${edge.to}`} className={`lineage-edge ${on ? "lit" : lit ? "dim" : ""}`} d={`M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`} markerEnd="url(#lineage-arrow)">
                <title>{roles}</title>
              </path>
            );
          })}
          {columns.flatMap((column, c) => column.map((item, r) => (
            <LineageNodeView
              key={item.id}
              item={item}
              at={places.get(item.id)!}
              self={item.id === start}
              dim={lit !== null && item.id !== lit && !near.has(item.id)}
              hidden={item.members.length === 1 ? (lineage.folded[item.id] ?? 0) : 0}
              onLight={setLit}
              onOpen={() => setOpen(new Set(open).add(item.id))}
              onKey={(event) => move(event, c, r)}
            />
          )))}
        </svg>
      </div>
      <LineageText lineage={lineage} />
    </>
  );
}

interface Layout {
  columns: Folded<Item>[][];
  edges: ReturnType<typeof foldEdges<Item, Lineage["edges"][number]>>;
  places: Map<string, { x: number; y: number }>;
  width: number;
  height: number;
}

export function layout(lineage: Lineage, start: string, open: ReadonlySet<string>): Layout {
  const folded = fold(itemsOf(lineage.nodes, start), lineage.edges, open);
  const edges = foldEdges(folded, lineage.edges);
  const columns = ordered(folded, edges);
  const tallest = Math.max(1, ...columns.map((column) => column.length));
  const height = tallest * (NODE_HEIGHT + GAP_Y) - GAP_Y + 2 * EDGE;
  const places = new Map<string, { x: number; y: number }>();
  columns.forEach((column, c) => {
    const top = (height - (column.length * (NODE_HEIGHT + GAP_Y) - GAP_Y)) / 2;
    column.forEach((item, r) => places.set(item.id, { x: EDGE + c * (NODE_WIDTH + GAP_X), y: top + r * (NODE_HEIGHT + GAP_Y) }));
  });
  return { columns, edges, places, width: columns.length * (NODE_WIDTH + GAP_X) - GAP_X + 2 * EDGE, height };
}
