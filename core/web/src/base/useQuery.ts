// Data from the server in a component: loads, keeps the old answer while a new one comes, aborts what nobody waits for.
import { useCallback, useEffect, useRef, useState } from "react";
import { ApiError } from "../api";

export interface Query<T> {
  /** The last answer; while another is loading, still the one before. */
  data: T | undefined;
  error: ApiError | undefined;
  /** Waiting for an answer to a question that has none yet; the same one asked again, as on news, is no reason to fade. */
  loading: boolean;
  reload: () => void;
}

/**
 * Calls `load` whenever `key` changes (null: not yet) and when `reload` is called.
 *
 * With `keep` (default) the old answer stays while the next one loads; without, it goes at once.
 */
export function useQuery<T>(
  key: string | null,
  load: (signal: AbortSignal) => Promise<T>,
  keep = true,
): Query<T> {
  const [state, setState] = useState<{ key: string | null; data?: T; error?: ApiError }>({ key });
  const [turn, setTurn] = useState(0);
  const [busy, setBusy] = useState(key !== null);
  const latest = useRef(load);
  latest.current = load;
  useEffect(() => {
    if (key === null) return;
    const abort = new AbortController();
    setBusy(true);
    latest
      .current(abort.signal)
      .then((data) => setState({ key, data }))
      .catch((error: unknown) => {
        if (abort.signal.aborted) return;
        setState((old) => ({ key, data: old.key === key ? old.data : undefined, error: ApiError.of(error) }));
      })
      .finally(() => {
        if (!abort.signal.aborted) setBusy(false);
      });
    return () => abort.abort();
  }, [key, turn]);
  const reload = useCallback(() => setTurn((n) => n + 1), []);
  const current = keep || state.key === key;
  return { data: current ? state.data : undefined, error: state.key === key ? state.error : undefined, loading: busy && (state.key !== key || state.data === undefined), reload };
}
