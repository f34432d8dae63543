// Which params explain a metric over the shown runs.
import { useMemo } from "react";
import { api } from "../../api";
import { route } from "../../app/router";
import { useQuery } from "../../base/useQuery";
import { Bars } from "../../chart/Bars";
import { Figure } from "../../chart/Figure";
import { Empty, Loaded } from "../../components/Panel";
import type { ExploreState } from "./ExploreTab";
import { paramField } from "./fields";

const SHOWN = 40;

export function ImportancePanel({ data, shown, variables, metric }: ExploreState) {
  const runs = useMemo(() => shown.map((place) => data.runs[place]!.id), [data, shown]);
  const field = metric?.field ?? null;
  const enough = runs.length >= 3 && field !== null;
  const query = useQuery(enough ? `${field} ${runs.join()}` : null, (signal) => api.importance({ metric: field!, runs }, signal));
  const params = query.data?.params ?? [];
  const shownParams = params.filter((each) => each.importance > 0).slice(0, SHOWN);
  return (
    <section className="panel padded">
      <Figure
        title={`Importance of params${metric ? ` for ${metric.name}` : ""}`}
        caption={query.data && shownParams.length > 0 ? `Over ${query.data.runs} runs, by ${query.data.method}; the arrow is the rank correlation. Few runs say little.` : undefined}
        table={{ columns: ["param", "importance", "explained", "rank correlation", "runs"], rows: () => params.map((each) => ({ cells: [each.name, each.importance, each.explained, each.correlation, each.runs] })) }}
      >
        {enough ? (
          <Loaded query={query} isEmpty={() => shownParams.length === 0} empty="No param explains it: too few runs, or none differs enough.">
            {() => (
              <Bars
                label={`Importance of params for ${metric!.name}`}
                bars={shownParams.map((each) => ({
                  name: each.name, value: each.importance, sign: each.correlation,
                  detail: `${each.name}: explains ${Math.round(each.explained * 100)} % alone, over ${each.runs} runs`,
                }))}
                onPick={(name) => variables.some((each) => each.field === paramField(name)) && route.patch({ sx: paramField(name) }, true)}
              />
            )}
          </Loaded>
        ) : (
          <Empty>It takes at least three runs with a number to explain.</Empty>
        )}
      </Figure>
    </section>
  );
}
