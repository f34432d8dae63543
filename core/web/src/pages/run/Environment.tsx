// Where it ran: machine, Python, packages that can be searched, environment variables.
import { useMemo, useState } from "react";
import { route, useRoute } from "../../app/router";
import { formatBytes, formatCount } from "../../base/format";
import { Button } from "../../components/Button";
import { isRecord, toText, type Record_ } from "../../components/plots/data";
import { JsonTree } from "../../components/plots/JsonTree";
import { saveText } from "../../base/files";
import { Empty, Panel } from "../../components/Panel";
import type { Json } from "../../wire/types";
import type { PartProps } from "./RunPage";

const OWN = ["packages", "variables", "direct_packages"];
const TITLES: Record<string, string> = { machine: "Machine", python: "Python", platform: "System", isolation: "Isolation", timezone: "Time zone" };

export default function Environment({ run }: PartProps) {
  const { params } = useRoute();
  const search = (params.get("search") ?? "").toLowerCase();
  const facts = isRecord(run.environment) ? run.environment : {};
  if (!Object.keys(facts).length) return <Empty>{run.ancestors.length ? "It ran in the environment of the run that it belongs to." : "No environment was recorded."}</Empty>;
  const fits = (text: string) => text.toLowerCase().includes(search);
  const groups = Object.entries(facts).filter(([name]) => !OWN.includes(name));
  const grouped = groups.filter(([, value]) => isRecord(value)) as [string, Record_][];
  const loose = groups.filter(([, value]) => !isRecord(value));
  return (
    <>
      <div className="chart-tools">
        <input type="search" placeholder="Package, variable or fact" aria-label="Search the environment" value={params.get("search") ?? ""} onChange={(event) => route.patch({ search: event.target.value }, true)} />
      </div>
      <div className="environment">
        {grouped.map(([name, values]) => <Facts key={name} title={TITLES[name] ?? name.replaceAll("_", " ")} values={Object.entries(values)} fits={fits} />)}
        {loose.length > 0 && <Facts title="Others" values={loose} fits={fits} />}
      </div>
      <Packages facts={facts} fits={fits} name={run.name} searching={search !== ""} />
      <Variables facts={facts} fits={fits} />
    </>
  );
}

type Fits = (text: string) => boolean;

function Facts({ title, values, fits }: { title: string; values: [string, Json][]; fits: Fits }) {
  const shown = values.filter(([name, value]) => value !== null && value !== "" && fits(`${title} ${name} ${isRecord(value) ? JSON.stringify(value) : toText(value)}`));
  if (!shown.length) return null;
  return (
    <Panel title={title}>
      <dl className="facts">
        {shown.map(([name, value]) => {
          const deep = isRecord(value) || (Array.isArray(value) && value.some(isRecord));
          return [
            <dt key={name}>{name.replaceAll("_", " ")}</dt>,
            <dd key={`${name}=`} className={deep ? "" : "plain"}>{deep ? <JsonTree value={value} open={1} /> : name.endsWith("_bytes") && typeof value === "number" ? formatBytes(value) : typeof value === "boolean" ? (value ? "yes" : "no") : toText(value)}</dd>,
          ];
        })}
      </dl>
    </Panel>
  );
}

function Packages({ facts, fits, name, searching }: { facts: Record_; fits: Fits; name: string; searching: boolean }) {
  const packages = isRecord(facts.packages) ? facts.packages : {};
  const direct = isRecord(facts.direct_packages) ? facts.direct_packages : {};
  const all = useMemo(() => Object.entries(packages).sort(([a], [b]) => a.localeCompare(b)), [packages]);
  const shown = all.filter(([each, version]) => fits(`${each} ${toText(version)}`));
  if (!all.length) return null;
  const save = () => saveText(`${all.map(([each, version]) => `${each}==${toText(version)}`).join("\n")}\n`, `${name}-requirements.txt`, "text/plain");
  return (
    <Panel
      title={<>Packages<span className="count">{searching ? `${formatCount(shown.length)} of ${formatCount(all.length)}` : formatCount(all.length)}</span></>}
      actions={<Button kind="quiet" icon="download" onClick={save}>requirements.txt</Button>}
    >
      {!shown.length ? <Empty>No package is called that.</Empty> : (
        <ul className="packages">
          {shown.map(([each, version]) => (
            <li key={each}>
              <span className="package-name">{each}</span>
              <span className="mono">{toText(version)}</span>
              {direct[each] !== undefined && <Direct facts={direct[each]} />}
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}

/** Installed from elsewhere than an index: a folder or a commit, which the version does not tell. */
function Direct({ facts }: { facts: Json | undefined }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <button type="button" className="tag direct" aria-expanded={open} onClick={() => setOpen(!open)}>{isRecord(facts) && facts.editable === true ? "editable" : "from source"}</button>
      {open && facts !== undefined && <div className="direct-facts"><JsonTree value={facts} open={2} /></div>}
    </>
  );
}

function Variables({ facts, fits }: { facts: Record_; fits: Fits }) {
  const variables = isRecord(facts.variables) ? Object.entries(facts.variables) : [];
  const shown = variables.filter(([name, value]) => fits(`${name} ${toText(value)}`)).sort(([a], [b]) => a.localeCompare(b));
  if (!shown.length) return null;
  return (
    <Panel title={<>Environment variables<span className="count">{formatCount(variables.length)}</span></>}>
      <dl className="facts wide-names">
        {shown.map(([name, value]) => [<dt key={name} className="mono">{name}</dt>, <dd key={`${name}=`} className="mono plain">{toText(value)}</dd>])}
      </dl>
    </Panel>
  );
}
