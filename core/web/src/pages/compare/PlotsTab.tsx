// Evaluation plots of the compared runs laid over one another.
import { useMemo } from "react";
import { api } from "../../api";
import { route, useRoute } from "../../app/router";
import { useDark } from "../../app/theme";
import { colorBook } from "../../base/colors";
import { useQuery } from "../../base/useQuery";
import { Empty, Loaded, Panel } from "../../components/Panel";
import { KINDS } from "../../components/plots/kinds";
import { PlotView, type PlotOfRun } from "../../components/PlotView";
import type { PlotKeys } from "../../wire/types";
import type { CompareState } from "./state";
import { WhenSeen } from "../../chart/WhenSeen";

type Key = PlotKeys["keys"][number];

export function PlotsTab({ data, shown }: CompareState) {
  const { params } = useRoute();
  const search = (params.get("plot_search") ?? "").toLowerCase();
  const runs = shown.map((place) => data.runs[place]!.id);
  const query = useQuery(runs.join(), (signal) => api.plotKeys(runs, signal));
  return (
    <div className="page-body">
      <Loaded
        query={query}
        isEmpty={({ keys }) => keys.length === 0}
        empty="These runs have no evaluation plots. Trainings that epochlog knows get them by themselves; Run.log_plot adds more."
      >
        {({ keys }) => {
          const found = [...keys].filter((each) => each.key.toLowerCase().includes(search)).sort((a, b) => b.runs - a.runs);
          return (
            <>
              <div className="compare-tools flat">
                <input type="search" placeholder="Find plots" aria-label="Find plots by name" value={params.get("plot_search") ?? ""} onChange={(event) => route.patch({ plot_search: event.target.value }, true)} />
                <span className="muted">{found.length} of {keys.length}</span>
              </div>
              {!found.length && <Empty>No plot has such a name.</Empty>}
              <div className="chart-wall wide">
                {found.map((each) => (
                  <div key={each.key} className={KINDS[each.kind]?.apart ? "whole" : ""}>
                    <WhenSeen height={320}>{() => <Overlaid of={each} data={data} shown={shown} />}</WhenSeen>
                  </div>
                ))}
              </div>
            </>
          );
        }}
      </Loaded>
    </div>
  );
}

function Overlaid({ of, data, shown }: { of: Key; data: CompareState["data"]; shown: number[] }) {
  const dark = useDark();
  const runs = shown.map((place) => data.runs[place]!);
  const ids = runs.map((run) => run.id);
  const query = useQuery(`${of.key} ${ids.join()}`, (signal) => api.plots({ runs: ids, key: of.key }, signal).then(({ plots }) => ({ plots, of: runs })));
  const plots = useMemo<PlotOfRun[]>(
    () => (query.data?.plots ?? []).flatMap((plot, i) => {
      const run = query.data!.of[i]!;
      return plot ? [{ run: run.id, label: run.name, color: colorBook.color(run.id, dark), data: plot.data }] : [];
    }),
    [query.data, dark],
  );
  return (
    <Panel title={of.key} actions={<span className="muted">{plots.length < runs.length ? `${plots.length} of ${runs.length} runs` : ""}</span>}>
      <Loaded query={query} isEmpty={() => plots.length === 0} empty="No run has it any more.">
        {() => <PlotView plot={of} runs={plots} />}
      </Loaded>
    </Panel>
  );
}
