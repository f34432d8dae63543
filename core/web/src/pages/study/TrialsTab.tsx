// All trials as a table: sorted by any column, only the rows that are seen are in the page, chosen ones compared.
import { useLayoutEffect, useMemo, useRef, useState } from "react";
import { href, route, useRoute } from "../../app/router";
import { clip, formatAgo } from "../../base/format";
import { Icon } from "../../components/Icon";
import { ValueCell } from "../../components/ValueCell";
import type { Cell, StudyTrial } from "../../wire/types";
import { compareHref, RUNS_MAX } from "../compare/address";
import { paramField } from "../compare/fields";
import { windowOf } from "../compare/windows";
import { lookOf, objectiveField, sortedTrials, valueOf } from "./model";
import { MarkIcon } from "./StateLegend";
import type { StudyProps } from "./StudyPage";

const ROW = 28;

interface Column {
  id: string;
  name: string;
  width: number;
  type?: string;
  cell: (trial: StudyTrial) => Cell | undefined;
}

export function TrialsTab({ summary, kept }: StudyProps) {
  const { params } = useRoute();
  const sort = params.get("sort") ?? "number";
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const columns = useMemo<Column[]>(
    () => [
      ...summary.objectives.map((name, i) => ({ id: objectiveField(i), name, width: 120, cell: (trial: StudyTrial) => valueOf(trial, i) })),
      ...summary.params.map((name) => ({ id: paramField(name), name, width: 130, cell: (trial: StudyTrial) => trial.params[name] })),
      { id: "duration", name: "duration", width: 90, type: "duration", cell: (trial) => trial.duration_s },
    ],
    [summary],
  );
  const rows = useMemo(() => sortedTrials(summary, summary.trials.filter((trial) => kept.has(trial.number)), sort), [summary, kept.size, sort]);
  const scroller = useRef<HTMLDivElement>(null);
  const [view, setView] = useState({ from: 0, to: 0 });
  const look = () => {
    const box = scroller.current;
    if (!box) return;
    const next = windowOf(rows.length, ROW, box.scrollTop, box.clientHeight, 8);
    setView((old) => (old.from === next.from && old.to === next.to ? old : next));
  };
  useLayoutEffect(() => {
    look();
    const observer = new ResizeObserver(look);
    observer.observe(scroller.current!);
    return () => observer.disconnect();
  }, [rows.length]);
  const toggle = (run: string) => {
    const next = new Set(chosen);
    if (!next.delete(run) && next.size < RUNS_MAX) next.add(run);
    setChosen(next);
  };
  const template = `34px 74px 108px ${columns.map((column) => `${column.width}px`).join(" ")} 110px`;
  const width = 34 + 74 + 108 + columns.reduce((sum, column) => sum + column.width, 0) + 110;
  const heads = [{ id: "number", name: "trial" }, { id: "state", name: "state" }, ...columns, { id: "started", name: "started" }];
  return (
    <div className="trials">
      <div className="compare-tools">
        <span className="muted">{chosen.size ? `${chosen.size} chosen` : "Tick trials to compare them."}</span>
        {chosen.size > 1 && <a className="button primary" href={compareHref([...chosen])}>Compare {chosen.size} trials</a>}
      </div>
      <div ref={scroller} className="trials-table" role="grid" aria-label="Trials" aria-rowcount={rows.length + 1} tabIndex={0} onScroll={look}>
        <div className="trials-sheet" style={{ width, height: (rows.length + 1) * ROW }}>
          <div className="trials-row head" role="row" aria-rowindex={1} style={{ gridTemplateColumns: template }}>
            <span role="columnheader" aria-label="chosen" />
            {heads.map((column) => <Head key={column.id} id={column.id} name={column.name} sort={sort} />)}
          </div>
          {rows.slice(view.from, view.to).map((trial, i) => {
            const state = lookOf(trial);
            const best = summary.best !== null && summary.trials[summary.best] === trial;
            return (
              <div key={trial.number} className={`trials-row ${state.name}`} role="row" aria-rowindex={view.from + i + 2} style={{ gridTemplateColumns: template, top: (view.from + i + 1) * ROW }}>
                <span role="gridcell"><input type="checkbox" aria-label={`Choose trial ${trial.number}`} checked={chosen.has(trial.run)} onChange={() => toggle(trial.run)} /></span>
                <span role="gridcell"><a href={href("run", trial.run)}>{trial.number}</a>{best && <span title="best"><MarkIcon shape="star" color={{ theme: "good" }} /></span>}</span>
                <span role="gridcell"><MarkIcon shape={state.shape} color={state.color} /> {state.name}</span>
                {columns.map((column) => <span key={column.id} role="gridcell"><ValueCell value={column.cell(trial)} type={column.type} chars={40} /></span>)}
                <span role="gridcell" className="faint">{formatAgo(trial.started)}</span>
              </div>
            );
          })}
        </div>
      </div>
    </div>
  );
}

function Head({ id, name, sort }: { id: string; name: string; sort: string }) {
  const up = sort === id;
  const down = sort === `-${id}`;
  return (
    <span role="columnheader" aria-sort={up ? "ascending" : down ? "descending" : "none"}>
      <button type="button" title={`Sort by ${name.slice(0, 200)}`} onClick={() => route.patch({ sort: up ? `-${id}` : id }, true)}>
        <span>{clip(name, 60)}</span>
        {(up || down) && <Icon name={up ? "up" : "down"} size={11} />}
      </button>
    </span>
  );
}
