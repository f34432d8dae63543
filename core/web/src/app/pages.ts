// Which pages there are; the one that people come to is part of the application, others are loaded when opened.
import type { ComponentType } from "react";
import { later } from "../components/later";
import RunsPage from "../pages/runs/RunsPage";
import type { PageProps } from "./navigation";

const run = later<PageProps>(() => import("../pages/run/RunPage"));
const compare = later<PageProps>(() => import("../pages/compare/ComparePage"));

export const PAGES: Record<string, ComponentType<PageProps>> = {
  projects: later<PageProps>(() => import("../pages/projects/ProjectsPage")),
  runs: RunsPage,
  run,
  compare,
  study: later<PageProps>(() => import("../pages/study/StudyPage")),
  artifacts: later<PageProps>(() => import("../pages/artifacts/ArtifactsPage")),
  artifact: later<PageProps>(() => import("../pages/artifacts/ArtifactPage")),
  lineage: later<PageProps>(() => import("../pages/artifacts/LineagePage")),
};

/** Fetches the pages that people go to from the table of runs, so that they open at once. */
export function fetchAhead(): void {
  for (const page of [run, compare]) page.fetch().catch(() => {}); // Who opens it is told what is wrong.
}
