// A layered picture of a graph: alike nodes folded into one, rows ordered so that few edges cross.

export interface DagNode {
  id: string;
  /** Column, from the left. */
  layer: number;
  /** Where it stands in its column before anything is ordered. */
  row: number;
  /** Nodes that may be folded into one have the same; "" = never folded. */
  kind: string;
}

export interface DagEdge {
  from: string;
  to: string;
}

export interface Folded<N> {
  id: string;
  layer: number;
  row: number;
  /** One, or those that were folded. */
  members: N[];
}

const FOLD_FROM = 6;
const HUB = 3;
const SWEEPS = 6;

/** Neighbours of every node. */
function neighbours(edges: readonly DagEdge[]): { before: Map<string, string[]>; after: Map<string, string[]> } {
  const before = new Map<string, string[]>();
  const after = new Map<string, string[]>();
  const add = (map: Map<string, string[]>, key: string, value: string) => {
    const list = map.get(key);
    if (list) list.push(value);
    else map.set(key, [value]);
  };
  for (const { from, to } of edges) {
    add(before, to, from);
    add(after, from, to);
  }
  return { before, after };
}

/**
 * Folds nodes that look alike: same column, same kind, same hubs beside them (a hub has three or more edges; of lesser
 * neighbours only the kind counts, so that forty trials with a model each become two nodes).
 * `open` has ids of folded nodes that are to stay apart.
 */
export function fold<N extends DagNode>(nodes: readonly N[], edges: readonly DagEdge[], open: ReadonlySet<string> = new Set(), from = FOLD_FROM): Folded<N>[] {
  const { before, after } = neighbours(edges);
  const known = new Map(nodes.map((node) => [node.id, node]));
  const degree = (id: string) => (before.get(id)?.length ?? 0) + (after.get(id)?.length ?? 0);
  const name = (id: string) => {
    const node = known.get(id);
    return !node || !node.kind || degree(id) >= HUB ? id : `${node.layer} ${node.kind}`;
  };
  const look = (node: N) => {
    const side = (ids: string[] | undefined) => [...new Set((ids ?? []).map(name))].sort().join(",");
    return `fold:${node.layer}/${node.kind}/${side(before.get(node.id))}/${side(after.get(node.id))}`;
  };
  const groups = new Map<string, N[]>();
  const found: Folded<N>[] = [];
  for (const node of nodes) {
    const key = node.kind ? look(node) : "";
    const members = key ? groups.get(key) : undefined;
    if (members) members.push(node);
    else if (key) groups.set(key, [node]);
    else found.push({ id: node.id, layer: node.layer, row: node.row, members: [node] });
  }
  for (const [key, members] of groups) {
    if (members.length >= from && !open.has(key)) found.push({ id: key, layer: members[0]!.layer, row: Math.min(...members.map((node) => node.row)), members });
    else for (const node of members) found.push({ id: node.id, layer: node.layer, row: node.row, members: [node] });
  }
  return found;
}

/** Edges between folded nodes, each once, with how many there were. */
export function foldEdges<N extends DagNode, E extends DagEdge>(folded: readonly Folded<N>[], edges: readonly E[]): { from: string; to: string; of: E[] }[] {
  const owner = new Map(folded.flatMap((each) => each.members.map((node) => [node.id, each.id] as const)));
  const found = new Map<string, { from: string; to: string; of: E[] }>();
  for (const edge of edges) {
    const [from, to] = [owner.get(edge.from), owner.get(edge.to)];
    if (from === undefined || to === undefined || from === to) continue;
    const key = `${from}\n${to}`;
    const entry = found.get(key);
    if (entry) entry.of.push(edge);
    else found.set(key, { from, to, of: [edge] });
  }
  return [...found.values()];
}

/** Columns without gaps, each from top to bottom, ordered by the mean place of the neighbours (barycentre sweeps). */
export function ordered<N extends { id: string; layer: number; row: number }>(nodes: readonly N[], edges: readonly DagEdge[]): N[][] {
  const layers = [...new Set(nodes.map((node) => node.layer))].sort((a, b) => a - b);
  const columns = layers.map((layer) => nodes.filter((node) => node.layer === layer).sort((a, b) => a.row - b.row || a.id.localeCompare(b.id)));
  const { before, after } = neighbours(edges);
  const place = new Map<string, number>();
  const note = (column: N[]) => column.forEach((node, i) => place.set(node.id, (i + 0.5) / column.length));
  columns.forEach(note);
  const sort = (column: N[], beside: Map<string, string[]>) => {
    const wish = new Map(column.map((node) => {
      const places = (beside.get(node.id) ?? []).flatMap((id) => place.get(id) ?? []);
      return [node.id, places.length ? places.reduce((a, b) => a + b, 0) / places.length : place.get(node.id)!];
    }));
    column.sort((a, b) => wish.get(a.id)! - wish.get(b.id)! || place.get(a.id)! - place.get(b.id)!);
    note(column);
  };
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    for (let i = 1; i < columns.length; i++) sort(columns[i]!, before);
    for (let i = columns.length - 2; i >= 0; i--) sort(columns[i]!, after);
  }
  return columns;
}

/** How many pairs of edges between neighbouring columns cross. */
export function crossings(columns: readonly { id: string }[][], edges: readonly DagEdge[]): number {
  const at = new Map(columns.flatMap((column, c) => column.map((node, r) => [node.id, [c, r] as const] as const)));
  let count = 0;
  for (let i = 0; i < edges.length; i++) {
    for (let j = i + 1; j < edges.length; j++) {
      const [a, b, c, d] = [at.get(edges[i]!.from), at.get(edges[i]!.to), at.get(edges[j]!.from), at.get(edges[j]!.to)];
      if (!a || !b || !c || !d || a[0] !== c[0] || b[0] !== d[0]) continue;
      if ((a[1] - c[1]) * (b[1] - d[1]) < 0) count++;
    }
  }
  return count;
}
