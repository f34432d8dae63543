// Nodes of a lineage as items of the layered picture.
import { href } from "../../app/router";
import type { DagNode } from "../../chart/dag";
import type { LineageNode } from "../../wire/types";

export interface Item extends DagNode {
  node: LineageNode;
}

/** The node where the view begins is never folded away. */
export function itemsOf(nodes: readonly LineageNode[], start: string): Item[] {
  return nodes.map((node) => ({ id: node.id, layer: node.layer, row: node.row, kind: node.id === start ? "" : `${node.type} ${node.kind}`, node }));
}

/** The address of a node's own page. */
export function nodeHref(node: Pick<LineageNode, "id" | "type">): string {
  return href(node.type, node.id.slice(node.id.indexOf(":") + 1));
}
