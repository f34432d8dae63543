// Runs side by side: what differs, curves and plots over one another, params against metrics, code.
import { useEffect, useMemo, useState } from "react";
import { api } from "../../api";
import { route, useRoute } from "../../app/router";
import type { PageProps } from "../../app/navigation";
import { colorBook } from "../../base/colors";
import { useLive } from "../../base/useLive";
import { useQuery } from "../../base/useQuery";
import { Empty, Loaded } from "../../components/Panel";
import { Tabs, useTab, type Tab } from "../../components/Tabs";
import type { Comparison } from "../../wire/types";
import { CodeTab } from "./CodeTab";
import { compareHref, RUNS_MAX, runsOf } from "./address";
import { CurvesTab } from "./CurvesTab";
import { ExploreTab } from "./ExploreTab";
import { variablesOf } from "./fields";
import { FilterBar, useFilter } from "./FilterBar";
import { Legend } from "./Legend";
import { PlotsTab } from "./PlotsTab";
import { RunPicker } from "./RunPicker";
import { TableTab } from "./TableTab";
import "./compare.css";

const TABS: readonly Tab[] = [
  { id: "table", title: "Differences" },
  { id: "curves", title: "Curves" },
  { id: "plots", title: "Evaluation" },
  { id: "params", title: "Params × metrics" },
  { id: "code", title: "Code" },
];

export default function ComparePage(_: PageProps) {
  const { params } = useRoute();
  const asked = runsOf(params);
  const ids = asked.slice(0, RUNS_MAX);
  if (ids.length < 2) return <Choosing ids={ids} />;
  return <Compared ids={ids} left={asked.length - ids.length} />;
}

function Choosing({ ids }: { ids: string[] }) {
  return (
    <div className="page">
      <div className="page-body">
        <h1>Compare runs</h1>
        <p className="muted">Choose {ids.length ? "one more run" : "two or more runs"} here, or select them in the table of runs and press “Compare”.</p>
        <RunPicker chosen={ids} onChange={(next) => route.go(compareHref(next), true)} />
      </div>
    </div>
  );
}

function Compared({ ids, left }: { ids: string[]; left: number }) {
  const { params } = useRoute();
  useMemo(() => colorBook.assign(ids), [ids.join()]);
  const tab = useTab(TABS);
  const all = params.get("all") === "1";
  const baseline = Math.max(ids.indexOf(params.get("base") ?? ""), 0);
  const statistics = params.get("stats")?.split(",").filter(Boolean);
  const request = { runs: ids, baseline, all, statistics };
  const query = useQuery(JSON.stringify(request), (signal) => api.compare(request, signal));
  const [stale, setStale] = useState(false);
  useLive(ids, false, () => setStale(true));
  useEffect(() => {
    if (!stale) return;
    // A comparison is dear: at most one every few seconds, however fast its runs write.
    const timer = setTimeout(() => {
      setStale(false);
      query.reload();
    }, 3000);
    return () => clearTimeout(timer);
  }, [stale]);
  return (
    <div className={`page compare-page ${tab === "table" || tab === "curves" ? "filling" : ""}`}>
      <div className="compare-top">
        <div className="compare-title">
          <h1>Compare {ids.length} runs</h1>
          {left > 0 && <span className="muted" role="status">the first {RUNS_MAX} of {ids.length + left}</span>}
        </div>
        {query.data && <Legend ids={ids} runs={query.data.runs} baseline={baseline} />}
        <Tabs tabs={TABS} />
      </div>
      <Loaded query={query} isEmpty={(data) => data.runs.length < 2} empty="Fewer than two of these runs exist.">
        {(data) => <Body key={ids.join()} data={data} tab={tab} all={all} />}
      </Loaded>
    </div>
  );
}

function Body({ data, tab, all }: { data: Comparison; tab: string; all: boolean }) {
  const variables = useMemo(() => variablesOf(data.rows), [data]);
  const filter = useFilter(data, variables);
  const shown = useMemo(() => data.runs.map((_, i) => i).filter((i) => filter.keep[i]), [data, filter.keep]);
  const state = { data, variables, shown, filter };
  return (
    <>
      <FilterBar filter={filter} shown={shown.length} total={data.runs.length} />
      {tab === "table" && <TableTab {...state} all={all} />}
      {tab === "params" && <ExploreTab {...state} />}
      {tab !== "table" && tab !== "params" && !shown.length && <Empty>The filter leaves no run.</Empty>}
      {tab === "curves" && shown.length > 0 && <CurvesTab {...state} />}
      {tab === "plots" && shown.length > 0 && <PlotsTab {...state} />}
      {tab === "code" && <CodeTab {...state} />}
    </>
  );
}
