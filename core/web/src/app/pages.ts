// Which pages there are, each loaded when it is first opened.
import { lazy, type ComponentType, type LazyExoticComponent } from "react";

export interface PageProps {
  /** What the address names behind the page, e.g. a run's id; "" if nothing. */
  id: string;
}

type Page = LazyExoticComponent<ComponentType<PageProps>>;

export const PAGES: Record<string, Page> = {
  runs: lazy(() => import("../pages/runs/RunsPage")),
  run: lazy(() => import("../pages/run/RunPage")),
  compare: lazy(() => import("../pages/compare/ComparePage")),
  study: lazy(() => import("../pages/study/StudyPage")),
  artifacts: lazy(() => import("../pages/artifacts/ArtifactsPage")),
  artifact: lazy(() => import("../pages/artifacts/ArtifactPage")),
  lineage: lazy(() => import("../pages/artifacts/LineagePage")),
};

/** In the bar at the top; pipelines and models come between once they have pages. */
export const NAVIGATION = [
  { page: "runs", title: "Runs", also: ["run", "study"] },
  { page: "compare", title: "Compare", also: [] },
  { page: "artifacts", title: "Artifacts", also: ["artifact", "lineage"] },
];
