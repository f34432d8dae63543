// What there is in the store: each project with its experiments, how its runs went, and when.
import { useState } from "react";
import { api } from "../../api";
import type { PageProps } from "../../app/navigation";
import { href } from "../../app/router";
import { clip, formatAgo, formatBytes, formatCount, formatDate } from "../../base/format";
import { useLive } from "../../base/useLive";
import { useQuery } from "../../base/useQuery";
import { Button } from "../../components/Button";
import { Loaded } from "../../components/Panel";
import { StatusDot } from "../../components/Status";
import type { Project } from "../../wire/types";
import "./projects.css";

const EXPERIMENTS_SHOWN = 8;

export default function ProjectsPage(_: PageProps) {
  const query = useQuery("projects", (signal) => api.projects(signal));
  useLive([], true, query.reload);
  return (
    <div className="page">
      <div className="page-body">
        <h1>Projects</h1>
        <Loaded query={query} isEmpty={(data) => !data.projects.length} empty="Nothing was recorded yet.">
          {(data) => <div className="projects">{data.projects.map((each) => <Card key={each.name} project={each} />)}</div>}
        </Loaded>
      </div>
    </div>
  );
}

function Card({ project }: { project: Project }) {
  const [all, setAll] = useState(false);
  const inner = project.all_runs - project.runs;
  const shown = all ? project.experiments : project.experiments.slice(0, EXPERIMENTS_SHOWN);
  const few = project.experiments.length === 1 && project.experiments[0]!.name === "default";
  return (
    <section className="panel project" aria-label={`Project ${project.name}`}>
      <header><h2><a href={href("runs", "", { project: project.name })}>{clip(project.name || "(no name)", 80)}</a></h2></header>
      <div className="panel-body">
        <dl>
          <div><dt>runs</dt><dd>{formatCount(project.runs)}{inner > 0 && <small title="Folds, trials, candidates and what else is inside of runs"> + {formatCount(inner)} inner</small>}</dd></div>
          <div><dt>last activity</dt><dd title={formatDate(project.last_activity)}>{formatAgo(project.last_activity)}</dd></div>
          <div><dt>artifacts</dt><dd>{formatBytes(project.artifact_bytes)}</dd></div>
        </dl>
        <Days days={project.days} />
        <ul className="project-statuses" aria-label="States of its runs">
          {Object.entries(project.statuses).sort((a, b) => b[1] - a[1]).map(([status, count]) => (
            <li key={status}>
              <a href={href("runs", "", { project: project.name, q: `status == "${status}"` })}><StatusDot status={status} />{formatCount(count)} {status}</a>
            </li>
          ))}
        </ul>
        {!few && (
          <table className="plain-table">
            <thead><tr><th>Experiment</th><th className="number">Runs</th><th className="number">Last activity</th></tr></thead>
            <tbody>
              {shown.map((each) => (
                <tr key={each.name}>
                  <td><a href={href("runs", "", { project: project.name, experiment: each.name })}>{clip(each.name || "(no name)", 60)}</a></td>
                  <td className="number">{formatCount(each.runs)}</td>
                  <td className="number">{formatAgo(each.last_activity)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
        {shown.length < project.experiments.length && <Button kind="quiet" onClick={() => setAll(true)}>All {formatCount(project.experiments.length)} experiments</Button>}
      </div>
    </section>
  );
}

/** Runs started in each of the last days, as bars. */
function Days({ days }: { days: readonly number[] }) {
  const most = Math.max(...days, 1);
  const total = days.reduce((sum, each) => sum + each, 0);
  const label = `${formatCount(total)} runs started in the last ${days.length} days`;
  return (
    <div className="project-days">
      <svg viewBox={`0 0 ${days.length * 8} 32`} preserveAspectRatio="none" role="img" aria-label={label}>
        {days.map((count, i) => {
          const height = count ? Math.max((count / most) * 30, 2) : 1;
          return <rect key={i} className={count ? "" : "none"} x={i * 8 + 1} y={32 - height} width="6" height={height}><title>{`${formatCount(count)} runs, ${days.length - 1 - i === 0 ? "today" : `${days.length - 1 - i} d ago`}`}</title></rect>;
        })}
      </svg>
      <small className="faint">{label}</small>
    </div>
  );
}
