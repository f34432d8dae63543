// A hyperparameter study: its trials, what mattered, what was best.
import type { PageProps } from "../../app/pages";
import { Empty, Panel } from "../../components/Panel";

export default function StudyPage({ id }: PageProps) {
  return (
    <div className="page">
      <div className="page-body">
        <Panel title="StudyPage"><Empty>{id || "Not built yet."}</Empty></Panel>
      </div>
    </div>
  );
}
