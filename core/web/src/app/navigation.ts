// What the pages are called, and how one gets there.
export interface PageProps {
  /** What the address names behind the page, e.g. a run's id; "" if nothing. */
  id: string;
}

/** In the bar at the top; pipelines and models come between once they have pages. "g" and the key go there. */
export const NAVIGATION = [
  { page: "projects", title: "Projects", key: "p", also: [] },
  { page: "runs", title: "Runs", key: "r", also: ["run"] },
  { page: "study", title: "Studies", key: "s", also: [] },
  { page: "compare", title: "Compare", key: "c", also: [] },
  { page: "artifacts", title: "Artifacts", key: "a", also: ["artifact", "lineage"] },
] as const satisfies readonly { page: string; title: string; key: string; also: readonly string[] }[];
