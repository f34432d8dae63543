// A framed part of a page that says when it is loading, empty or failed.
import type { ReactNode } from "react";
import type { ApiError } from "../api";
import type { Query } from "../base/useQuery";
import { Button } from "./Button";
import { Icon } from "./Icon";

export function Panel({ title, actions, children, className = "" }: { title?: ReactNode; actions?: ReactNode; children: ReactNode; className?: string }) {
  return (
    <section className={`panel ${className}`}>
      {(title || actions) && (
        <header>
          {title && <h2>{title}</h2>}
          {actions && <div className="actions">{actions}</div>}
        </header>
      )}
      <div className="panel-body">{children}</div>
    </section>
  );
}

export function Loading({ what = "Loading" }: { what?: string }) {
  return (
    <div className="state loading" role="status">
      <span className="spinner" aria-hidden="true" />
      {what}…
    </div>
  );
}

export function Empty({ children }: { children: ReactNode }) {
  return <div className="state empty">{children}</div>;
}

export function Failed({ error, retry }: { error: ApiError; retry?: () => void }) {
  return (
    <div className="state failed" role="alert">
      <Icon name="warning" size={16} />
      <span className="reason">{error.message}</span>
      {retry && <Button onClick={retry}>Try again</Button>}
    </div>
  );
}

/** Shows what a query brought, or why it brought nothing. Old data stays visible while new data loads. */
export function Loaded<T>({ query, children, empty, isEmpty }: {
  query: Query<T>;
  children: (data: T) => ReactNode;
  empty?: ReactNode;
  isEmpty?: (data: T) => boolean;
}) {
  if (query.error) return <Failed error={query.error} retry={query.reload} />;
  if (query.data === undefined) return <Loading />;
  if (isEmpty?.(query.data)) return <Empty>{empty ?? "Nothing here."}</Empty>;
  return <div className={query.loading ? "refreshing" : "loaded"}>{children(query.data)}</div>;
}
