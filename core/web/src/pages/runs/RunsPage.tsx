// The home of a project: its runs as a table, and the curves of some of them.
import { Empty } from "../../components/Panel";

export default function RunsPage() {
  return <Empty>Runs</Empty>;
}
