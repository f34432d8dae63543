// The state of a run: colour and shape and word, never colour alone.
import type { Status as StatusName } from "../wire/types";

/** Class of a status; statuses that a newer store may know look like "pending". */
export function statusClass(status: StatusName): string {
  const known = ["running", "completed", "failed", "canceled", "lost", "pruned", "skipped"];
  return known.includes(status) ? status : "pending";
}

export function StatusDot({ status }: { status: StatusName }) {
  return <span className={`dot ${statusClass(status)}`} role="img" aria-label={status} title={status} />;
}

export function StatusBadge({ status, reason }: { status: StatusName; reason?: string }) {
  return (
    <span className={`badge ${statusClass(status)}`} title={reason || status}>
      <span className={`dot ${statusClass(status)}`} aria-hidden="true" />
      {status}
    </span>
  );
}
