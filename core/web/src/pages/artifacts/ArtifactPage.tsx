// One version of an artifact: preview, members, who made and used it.
import type { PageProps } from "../../app/pages";
import { Empty, Panel } from "../../components/Panel";

export default function ArtifactPage({ id }: PageProps) {
  return (
    <div className="page">
      <div className="page-body">
        <Panel title="ArtifactPage"><Empty>{id || "Not built yet."}</Empty></Panel>
      </div>
    </div>
  );
}
