// One run: what it was, what it logged, where it came from.
import type { PageProps } from "../../app/pages";
import { Empty, Panel } from "../../components/Panel";

export default function RunPage({ id }: PageProps) {
  return (
    <div className="page">
      <div className="page-body">
        <Panel title="RunPage"><Empty>{id || "Not built yet."}</Empty></Panel>
      </div>
    </div>
  );
}
