// Which pages there are, each loaded when it is first opened.
import { lazy, type ComponentType, type LazyExoticComponent } from "react";

export interface PageProps {
  /** What the address names behind the page, e.g. a run's id; "" if nothing. */
  id: string;
}

type Page = LazyExoticComponent<ComponentType<PageProps>>;

export const PAGES: Record<string, Page> = {
  projects: lazy(() => import("../pages/projects/ProjectsPage")),
  runs: lazy(() => import("../pages/runs/RunsPage")),
  run: lazy(() => import("../pages/run/RunPage")),
  compare: lazy(() => import("../pages/compare/ComparePage")),
  study: lazy(() => import("../pages/study/StudyPage")),
  artifacts: lazy(() => import("../pages/artifacts/ArtifactsPage")),
  artifact: lazy(() => import("../pages/artifacts/ArtifactPage")),
  lineage: lazy(() => import("../pages/artifacts/LineagePage")),
};

/** In the bar at the top; pipelines and models come between once they have pages. "g" and the key go there. */
export const NAVIGATION = [
  { page: "projects", title: "Projects", key: "p", also: [] },
  { page: "runs", title: "Runs", key: "r", also: ["run"] },
  { page: "study", title: "Studies", key: "s", also: [] },
  { page: "compare", title: "Compare", key: "c", also: [] },
  { page: "artifacts", title: "Artifacts", key: "a", also: ["artifact", "lineage"] },
] as const satisfies readonly { page: string; title: string; key: string; also: readonly string[] }[];
