// The first tab: how it ended, what came out, notes, runs inside, notices, texts; facts at the side.
import { href, patched, useRoute } from "../../app/router";
import { formatBytes, formatDate, formatDuration } from "../../base/format";
import { isRecord, toText } from "../../components/plots/data";
import { Panel } from "../../components/Panel";
import type { Json } from "../../wire/types";
import { Children } from "./Children";
import { Ending } from "./Ending";
import { Metrics } from "./Metrics";
import { Notes } from "./Notes";
import { Notices, Texts } from "./Texts";
import type { PartProps } from "./RunPage";

export function Overview({ run, reload }: PartProps) {
  return (
    <>
      <Ending run={run} />
      <div className="overview">
        <div className="overview-main">
          <Metrics run={run} />
          {(run.children > 0 || run.ancestors.length > 0) && <Children run={run} />}
          <Notes run={run} reload={reload} />
          <Texts run={run} />
        </div>
        <aside className="overview-side">
          <Facts run={run} />
          <Notices run={run} />
        </aside>
      </div>
    </>
  );
}

/** A value deep in plain data, undefined if there is none. */
export function dig(value: Json | undefined, ...path: string[]): Json | undefined {
  let at = value;
  for (const name of path) at = isRecord(at) ? at[name] : undefined;
  return at;
}

function text(value: Json | undefined): string {
  return value === undefined || value === null ? "" : toText(value);
}

function Facts({ run }: Pick<PartProps, "run">) {
  const { page, id, params } = useRoute();
  const tab = (name: string) => href(page, id, patched(params, { tab: name }));
  const argv = dig(run.code, "argv");
  const command = Array.isArray(argv) ? argv.map(toText).join(" ") : text(dig(run.code, "notebook"));
  const commit = text(dig(run.code, "git", "commit"));
  const memory = dig(run.environment, "machine", "memory_bytes");
  const cores = text(dig(run.environment, "machine", "cpu_usable"));
  const gpus = dig(run.environment, "machine", "gpus") ?? dig(run.environment, "gpus");
  const machine = [cores && `${cores} cores`, typeof memory === "number" && formatBytes(memory), Array.isArray(gpus) && gpus.length && `${gpus.length} GPU`].filter(Boolean).join(", ");
  const python = text(dig(run.environment, "python", "version"));
  const framework = text(run.params.framework as Json | undefined);
  return (
    <Panel title="Facts">
      <dl className="facts">
        <Fact name="Id" value={run.id} mono />
        <Fact name="Project" value={run.project} />
        <Fact name="Experiment" value={run.experiment} />
        <Fact name="Started" value={run.started === null ? "" : formatDate(run.started)} />
        <Fact name="Ended" value={run.ended === null ? "" : formatDate(run.ended)} />
        <Fact name="Duration" value={run.duration_s === null ? "" : formatDuration(run.duration_s)} />
        <Fact name="By" value={[run.user, run.host].filter(Boolean).join(" on ")} />
        <Fact name="Process" value={run.pid === null ? "" : String(run.pid)} />
        <Fact name="Recorded by" value={[run.source, framework].filter(Boolean).join(", ")} />
        <Fact name="Command" value={command} mono link={tab("code")} />
        <Fact name="Commit" value={commit ? `${commit.slice(0, 10)}${text(dig(run.code, "git", "branch")) && ` on ${text(dig(run.code, "git", "branch"))}`}${dig(run.code, "git", "dirty") === true ? ", with changes" : ""}` : ""} mono link={tab("code")} />
        <Fact name="Folder" value={text(dig(run.code, "working_directory"))} mono />
        <Fact name="Python" value={python} link={tab("environment")} />
        <Fact name="Machine" value={machine} link={tab("environment")} />
      </dl>
    </Panel>
  );
}

function Fact({ name, value, mono, link }: { name: string; value: string; mono?: boolean; link?: string }) {
  if (!value) return null;
  return (
    <>
      <dt>{name}</dt>
      <dd className={mono ? "mono" : ""} title={value.length > 40 ? value : undefined}>{link ? <a href={link}>{value}</a> : value}</dd>
    </>
  );
}
