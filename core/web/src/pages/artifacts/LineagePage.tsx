// The lineage of a run or an artifact as a page of its own: "#/lineage/run:ID", "#/lineage/artifact:ID".
import type { PageProps } from "../../app/navigation";
import { href } from "../../app/router";
import { Empty } from "../../components/Panel";
import { LineageView } from "./LineageView";

export default function LineagePage({ id }: PageProps) {
  const known = /^(run|artifact):/.test(id);
  const [kind, rest] = [id.slice(0, id.indexOf(":")), id.slice(id.indexOf(":") + 1)];
  return (
    <div className="page">
      <div className="page-body">
        <div className="artifact-title">
          <h1>Lineage</h1>
          {known && <a href={href(kind, rest)}>{kind === "run" ? "The run itself" : "The artifact itself"}</a>}
        </div>
        {known ? <LineageView start={id} /> : <Empty><span>Open the lineage from a run or an <a href={href("artifacts")}>artifact</a>.</span></Empty>}
      </div>
    </div>
  );
}
