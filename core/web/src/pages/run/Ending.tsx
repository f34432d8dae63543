// How a run ended, or that it has not: the first thing to see where something went wrong.
import { formatAgo, formatDate, formatDuration } from "../../base/format";
import { Button } from "../../components/Button";
import { Icon, type IconName } from "../../components/Icon";
import type { RunDetail } from "../../wire/types";
import { href, patched, useRoute } from "../../app/router";
import { durationOf } from "./Header";
import { spans } from "./ansi";
import { useNow } from "./useFresh";

const LOOK: Record<string, { icon: IconName; title: string }> = {
  failed: { icon: "warning", title: "Failed" },
  lost: { icon: "help", title: "Lost: its process vanished without a word" },
  canceled: { icon: "close", title: "Canceled" },
  pruned: { icon: "info", title: "Pruned: its search gave up on it" },
  skipped: { icon: "info", title: "Skipped" },
  running: { icon: "info", title: "Running" },
  pending: { icon: "info", title: "Waiting to start" },
};

export function Ending({ run }: { run: RunDetail }) {
  const now = useNow(run.status === "running");
  const { page, id, params } = useRoute();
  const look = LOOK[run.status];
  if (!look) return null;
  const said = run.status === "running" ? progress(run, now) : reason(run);
  return (
    <section className={`ending ${run.status}`} role={run.status === "failed" ? "alert" : "status"} aria-label={`Status: ${run.status}`}>
      <div className="ending-head">
        <Icon name={look.icon} size={16} />
        <div className="grow">
          <b>{look.title}</b>
          {said && <p>{said}</p>}
        </div>
        {run.console_lines > 0 && ["failed", "lost", "canceled", "running"].includes(run.status) && (
          <a className="button" href={href(page, id, patched(params, { tab: "console" }))}>Console</a>
        )}
      </div>
      {run.traceback && <Traceback text={run.traceback} />}
    </section>
  );
}

function progress(run: RunDetail, now: number): string {
  const points = run.metrics.reduce((sum, metric) => sum + metric.count, 0);
  const last = Math.max(0, ...run.metrics.map((metric) => metric.last_at ?? 0), run.updated ?? 0);
  return `for ${formatDuration(durationOf(run, now))}, ${points ? `${points.toLocaleString("en-US")} values logged` : "nothing logged yet"}${last ? `; last sign of life ${formatAgo(last, now)}` : ""}`;
}

function reason(run: RunDetail): string {
  if (run.status === "lost") {
    const last = run.updated ?? run.started;
    return `${run.status_reason ? `${run.status_reason}. ` : ""}Last sign of life ${formatDate(last)}${run.host ? ` on ${run.host}` : ""}${run.pid ? `, process ${run.pid}` : ""}. What it logged until then is complete.`;
  }
  if (run.status === "failed") return run.status_reason || lastLine(run.traceback);
  return run.status_reason;
}

/** The exception itself: the last line of a traceback that is not indented. */
export function lastLine(traceback: string): string {
  const lines = traceback.trimEnd().split("\n");
  for (let i = lines.length - 1; i >= 0; i--) if (lines[i]!.trim() && !/^\s/.test(lines[i]!)) return lines[i]!;
  return lines.at(-1) ?? "";
}

function Traceback({ text }: { text: string }) {
  return (
    <details className="traceback" open>
      <summary>Traceback</summary>
      <pre tabIndex={0} aria-label="Traceback">
        {text.trimEnd().split("\n").map((line, i) => (
          <span key={i} className={/^\s+File "/.test(line) ? "frame" : /^\S/.test(line) && i > 0 ? "final" : ""}>
            {spans(line).map((span) => span.text).join("")}
            {"\n"}
          </span>
        ))}
      </pre>
      <Button kind="quiet" icon="copy" onClick={() => void navigator.clipboard?.writeText(text)}>Copy</Button>
    </details>
  );
}
