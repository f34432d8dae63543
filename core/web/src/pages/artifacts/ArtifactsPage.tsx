// Artifacts of the store: types, names, versions.
import type { PageProps } from "../../app/pages";
import { Empty, Panel } from "../../components/Panel";

export default function ArtifactsPage({ id }: PageProps) {
  return (
    <div className="page">
      <div className="page-body">
        <Panel title="ArtifactsPage"><Empty>{id || "Not built yet."}</Empty></Panel>
      </div>
    </div>
  );
}
