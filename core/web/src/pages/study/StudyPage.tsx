// A hyperparameter study: how the best value came about, what mattered, which trials there were.
import { useEffect, useState } from "react";
import { api } from "../../api";
import { href, route, useRoute } from "../../app/router";
import type { PageProps } from "../../app/navigation";
import { clip, formatCell } from "../../base/format";
import { useLive } from "../../base/useLive";
import { useQuery } from "../../base/useQuery";
import { Choice } from "../../components/Button";
import { Empty, Loaded } from "../../components/Panel";
import { Tabs, useTab, type Tab } from "../../components/Tabs";
import type { StudySummary } from "../../wire/types";
import { brushesOf } from "../compare/filter";
import { keptTrials, looksIn } from "./model";
import { OverviewTab } from "./OverviewTab";
import { ParamsTab } from "./ParamsTab";
import { StateLegend } from "./StateLegend";
import { StudyList } from "./StudyList";
import { TrialsTab } from "./TrialsTab";
import "../compare/compare.css";
import "./study.css";

export interface StudyProps {
  id: string;
  summary: StudySummary;
  objective: number;
  /** Changes whenever the study does: part of the keys of what is asked. */
  version: number;
  /** Numbers of the trials that the chosen ranges keep. */
  kept: ReadonlySet<number>;
}

export default function StudyPage({ id }: PageProps) {
  return id ? <Study id={id} /> : <StudyList />;
}

function Study({ id }: { id: string }) {
  const [version, setVersion] = useState(0);
  const query = useQuery(id, (signal) => api.study<StudySummary>(id, "summary", {}, signal));
  const running = query.data?.trials.some((trial) => trial.state === "RUNNING" || trial.state === "WAITING");
  const [stale, setStale] = useState(false);
  useLive([id], running ?? false, () => setStale(true));
  useEffect(() => {
    if (!stale) return;
    const timer = setTimeout(() => {
      setStale(false);
      setVersion((n) => n + 1);
      query.reload();
    }, 2000);
    return () => clearTimeout(timer);
  }, [stale]);
  return (
    <div className="page study-page">
      <Loaded query={query}>{(summary) => <Body id={id} summary={summary} version={version} />}</Loaded>
    </div>
  );
}

function Body({ id, summary, version }: { id: string; summary: StudySummary; version: number }) {
  const { params } = useRoute();
  const several = summary.objectives.length > 1;
  const tabs: Tab[] = [
    { id: "overview", title: "Overview" },
    { id: "params", title: "Params", count: summary.params.length },
    { id: "trials", title: "Trials", count: summary.trials.length },
  ];
  const tab = useTab(tabs);
  const objective = Math.min(Math.max(Number(params.get("objective")) || 0, 0), summary.objectives.length - 1);
  const brushes = brushesOf(params.get("where") ?? "") ?? [];
  const kept = keptTrials(summary, brushes);
  const props: StudyProps = { id, summary, objective, version, kept };
  const best = summary.best === null ? null : summary.trials[summary.best];
  return (
    <>
      <div className="study-top">
        <div className="study-title">
          <h1>{clip(summary.name, 120)}</h1>
          <a href={href("run", id)}>Run of the study</a>
          {several && (
            <Choice
              label="Objective"
              value={String(objective)}
              options={summary.objectives.map((name, i) => ({ value: String(i), label: clip(name, 30) }))}
              onChange={(value) => route.patch({ objective: value === "0" ? null : value }, true)}
            />
          )}
        </div>
        <StateLegend looks={looksIn(summary.trials)} />
        {best && (
          <p className="study-best">
            Best: <strong>{formatCell(best.values?.[0])}</strong> in <a href={href("run", best.run)}>trial {best.number}</a> with{" "}
            {Object.entries(best.params).slice(0, 8).map(([name, cell], i) => (
              <span key={name} className="mono">{i > 0 && ", "}{clip(name, 40)}={clip(formatCell(cell), 40)}</span>
            ))}
          </p>
        )}
        <Tabs tabs={tabs} />
      </div>
      {brushes.length > 0 && tab !== "overview" && (
        <div className="compare-filter" role="status">
          <span>{kept.size} of {summary.trials.length} trials lie in the chosen ranges</span>
          <button type="button" className="button quiet" onClick={() => route.patch({ where: null })}>Show all</button>
        </div>
      )}
      {!summary.trials.length ? <Empty>No trial has begun yet.</Empty> : (
        <>
          {tab === "overview" && <OverviewTab {...props} />}
          {tab === "params" && <ParamsTab {...props} />}
          {tab === "trials" && <TrialsTab {...props} />}
        </>
      )}
    </>
  );
}
