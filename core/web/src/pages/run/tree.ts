// Params as a tree: "optimizer.lr" and "optimizer.betas" stand below "optimizer".
import type { Cell } from "../../wire/types";
import { formatCell } from "../../base/format";

export interface TreeNode {
  /** Part of the name at this level. */
  label: string;
  /** The whole name, also of a branch. */
  name: string;
  /** undefined: nothing was logged under this very name. */
  value?: Cell;
  children: TreeNode[];
}

/** Branches only where at least two names share a beginning. */
export function paramTree(params: Readonly<Record<string, Cell>>): TreeNode[] {
  const root: TreeNode = { label: "", name: "", children: [] };
  for (const name of Object.keys(params).sort((a, b) => a.localeCompare(b, "en", { numeric: true }))) {
    let at = root;
    const parts = name.split(".");
    parts.forEach((label, i) => {
      const path = parts.slice(0, i + 1).join(".");
      let next = at.children.find((child) => child.name === path);
      if (!next) {
        next = { label, name: path, children: [] };
        at.children.push(next);
      }
      at = next;
    });
    at.value = params[name]!;
  }
  return root.children.map(folded);
}

/** A branch with one child and no value of its own is one row with it. */
function folded(node: TreeNode): TreeNode {
  const children = node.children.map(folded);
  if (node.value === undefined && children.length === 1) {
    const only = children[0]!;
    return { ...only, label: `${node.label}.${only.label}` };
  }
  return { ...node, children };
}

/** The params that fit a search: every word of it in the name or the value. */
export function searched(params: Readonly<Record<string, Cell>>, search: string): Record<string, Cell> {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  if (!words.length) return params;
  return Object.fromEntries(
    Object.entries(params).filter(([name, value]) => {
      const text = `${name}\n${formatCell(value)}`.toLowerCase();
      return words.every((word) => text.includes(word));
    }),
  );
}

export function countLeaves(nodes: readonly TreeNode[]): number {
  return nodes.reduce((sum, node) => sum + (node.value !== undefined ? 1 : 0) + countLeaves(node.children), 0);
}
