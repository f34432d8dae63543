// Runs side by side: what differs between them.
import type { PageProps } from "../../app/pages";
import { Empty, Panel } from "../../components/Panel";

export default function ComparePage({ id }: PageProps) {
  return (
    <div className="page">
      <div className="page-body">
        <Panel title="ComparePage"><Empty>{id || "Not built yet."}</Empty></Panel>
      </div>
    </div>
  );
}
