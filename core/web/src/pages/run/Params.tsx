// All params as a searchable tree, or as a flat table; long values open in place.
import { useMemo, useState } from "react";
import { route, useRoute } from "../../app/router";
import { asNumber, formatCell, formatCount, isSpecial } from "../../base/format";
import { Button, Choice } from "../../components/Button";
import { JsonTree } from "../../components/plots/JsonTree";
import { csv, saveText } from "../../base/files";
import { Empty, Panel } from "../../components/Panel";
import type { Cell, Json } from "../../wire/types";
import type { PartProps } from "./RunPage";
import { countLeaves, paramTree, searched, type TreeNode } from "./tree";

const LONG = 160;

export function Params({ run }: Pick<PartProps, "run">) {
  const { params: address } = useRoute();
  const search = address.get("search") ?? "";
  const view = address.get("params") === "table" ? "table" : "tree";
  const found = useMemo(() => searched(run.params, search), [run.params, search]);
  const all = Object.keys(run.params).length;
  const count = Object.keys(found).length;
  const save = () => saveText(csv(["param", "value"], Object.entries(run.params).map(([name, value]) => [name, value as Json])), `${run.name}-params.csv`, "text/csv");
  return (
    <Panel
      title={<>Params<span className="count">{search ? `${formatCount(count)} of ${formatCount(all)}` : formatCount(all)}</span></>}
      actions={
        <>
          <input type="search" placeholder="Name or value" aria-label="Search params" value={search} onChange={(event) => route.patch({ search: event.target.value }, true)} />
          <Choice label="Form" value={view} onChange={(value) => route.patch({ params: value === "table" ? value : null }, true)} options={[{ value: "tree", label: "Tree" }, { value: "table", label: "Table" }]} />
          <Button kind="quiet" icon="download" onClick={save} disabled={!all}>CSV</Button>
        </>
      }
    >
      {!all ? <Empty>No params were logged.</Empty> : !count ? <Empty>No param fits “{search}”.</Empty> : (
        <div className="params" role={view === "tree" ? "tree" : "table"} aria-label="Params">
          {view === "tree"
            ? paramTree(found).map((node) => <Node key={node.name} node={node} open={search !== "" || count < 60} />)
            : Object.entries(found).sort(([a], [b]) => a.localeCompare(b)).map(([name, value]) => <Row key={name} label={name} value={value} />)}
        </div>
      )}
    </Panel>
  );
}

function Node({ node, open }: { node: TreeNode; open: boolean }) {
  if (!node.children.length) return <Row label={node.label} name={node.name} value={node.value!} tree />;
  return (
    <details className="param-branch" open={open} role="treeitem" aria-label={node.name}>
      <summary><span className="param-name">{node.label}</span><span className="count">{countLeaves(node.children)}</span></summary>
      {node.value !== undefined && <Row label="(itself)" value={node.value} tree />}
      {node.children.map((child) => <Node key={child.name} node={child} open={open} />)}
    </details>
  );
}

function Row({ label, name = label, value, tree }: { label: string; name?: string; value: Cell; tree?: boolean }) {
  return (
    <div className="param-row" role={tree ? "treeitem" : "row"}>
      <span className="param-name" title={name} role={tree ? undefined : "rowheader"}>{label}</span>
      <span className="param-value" role={tree ? undefined : "cell"}><Value value={value} /></span>
    </div>
  );
}

function Value({ value }: { value: Cell }) {
  const [open, setOpen] = useState(false);
  if (isSpecial(value) && value.$ === "json") {
    const data = parsed(value.v);
    if (data !== undefined && value.v.length > 60) return <JsonTree value={data} open={1} />;
  }
  const text = formatCell(value);
  const number = asNumber(value);
  const look = number !== null ? (Number.isFinite(number) ? "number" : "odd") : isSpecial(value) || typeof value === "boolean" ? "special" : "";
  // Numbers are shown as they were logged, not rounded.
  const whole = typeof value === "number" ? String(value) : text;
  return (
    <>
      <span className={`plain ${look}`} title={isSpecial(value) && value.$ === "opaque" ? value.t : undefined}>{open || whole.length <= LONG ? whole : `${whole.slice(0, LONG)}…`}</span>
      {whole.length > LONG && <Button kind="quiet" onClick={() => setOpen(!open)}>{open ? "Less" : "More"}</Button>}
    </>
  );
}

function parsed(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined; // Cut to 2,000 characters.
  }
}
