// One run: what it was, what it logged, where it came from; the parts are tabs, kept in the address.
import "./run.css";
import { useEffect, useMemo, type ComponentType } from "react";
import { api } from "../../api";
import { useKeys } from "../../app/keys";
import type { PageProps } from "../../app/navigation";
import { href, route } from "../../app/router";
import { useQuery } from "../../base/useQuery";
import { later } from "../../components/later";
import { Empty, Failed, Loading } from "../../components/Panel";
import { Tabs, useTab, type Tab } from "../../components/Tabs";
import type { RunDetail } from "../../wire/types";
import { Header } from "./Header";
import { Overview } from "./Overview";
import { Params } from "./Params";
import { useFresh } from "./useFresh";

export interface PartProps {
  run: RunDetail;
  reload: () => void;
}

const PARTS: Record<string, ComponentType<PartProps>> = {
  overview: Overview,
  params: Params,
  charts: later<PartProps>(() => import("./Charts")),
  plots: later<PartProps>(() => import("./Evaluation")),
  hardware: later<PartProps>(() => import("./Hardware")),
  data: later<PartProps>(() => import("./DataModels")),
  code: later<PartProps>(() => import("./Code")),
  environment: later<PartProps>(() => import("./Environment")),
  console: later<PartProps>(() => import("./Console")),
};

export default function RunPage({ id }: PageProps) {
  const query = useQuery(id ? `run/${id}` : null, (signal) => api.run(id, signal));
  const run = query.data;
  useFresh(run, query.reload);
  useEffect(() => {
    if (run) document.title = `${run.name} · epochlog`;
  }, [run?.name]);
  if (!id) return <div className="page"><Empty>No run is named in the address. <a href={href("runs")}>All runs</a></Empty></div>;
  if (!run) {
    return (
      <div className="page">
        <div className="page-body">{query.error ? <><Failed error={query.error} retry={query.reload} /><p className="muted"><a href={href("runs")}>All runs</a></p></> : <Loading what="Loading the run" />}</div>
      </div>
    );
  }
  return <Loaded run={run} reload={query.reload} />;
}

function Loaded({ run, reload }: PartProps) {
  const tabs = useMemo(() => tabsOf(run), [run]);
  const chosen = useTab(tabs);
  const Part = PARTS[chosen]!;
  useKeys((event) => {
    const at = tabs.findIndex((tab) => tab.id === chosen);
    const next = /^[1-9]$/.test(event.key) ? tabs[Number(event.key) - 1] : event.key === "[" ? tabs[at - 1] : event.key === "]" ? tabs[at + 1] : undefined;
    if (next) {
      route.patch({ tab: next.id === tabs[0]!.id ? null : next.id });
      return true;
    }
    if (event.key === "u" && run.ancestors.length) {
      route.go(href("run", run.ancestors.at(-1)!.id));
      return true;
    }
    if (event.key === "/") {
      const field = document.querySelector<HTMLInputElement>(".run-part input[type=search]");
      field?.focus();
      field?.select();
      return field !== null;
    }
    return false;
  });
  return (
    <div className="page run-page" data-status={run.status}>
      <Header run={run} reload={reload} />
      <div className="run-tabs"><Tabs tabs={tabs} /></div>
      <div className={`page-body run-part part-${chosen}`} role="tabpanel" aria-label={tabs.find((tab) => tab.id === chosen)?.title}>
        <Part run={run} reload={reload} />
      </div>
    </div>
  );
}

function tabsOf(run: RunDetail): Tab[] {
  const some = (count: number) => (count ? count : undefined);
  return [
    { id: "overview", title: "Overview" },
    { id: "params", title: "Params", count: some(Object.keys(run.params).length) },
    { id: "charts", title: "Charts", count: some(new Set(run.metrics.map((metric) => metric.key)).size) },
    { id: "plots", title: "Evaluation", count: some(new Set(run.plots.map((plot) => plot.key)).size) },
    { id: "hardware", title: "Hardware" },
    { id: "data", title: "Data & models", count: some([...run.inputs, ...run.artifacts].filter((each) => each.type !== "code").length) },
    { id: "code", title: "Code" },
    { id: "environment", title: "Environment" },
    { id: "console", title: "Console", count: some(run.console_lines) },
  ];
}
