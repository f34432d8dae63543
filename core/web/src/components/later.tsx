// Components whose code is loaded when they are first shown. React's own `lazy` holds what comes after a
// fallback back for 300 ms, even if it is there after ten.
import { useEffect, useState, type ComponentType } from "react";
import { Loading } from "./Panel";

export interface Later<P> {
  (props: P): React.ReactNode;
  /** Loads the code, so that it is there at once when it is shown. */
  fetch: () => Promise<void>;
}

export function later<P extends object>(load: () => Promise<{ default: ComponentType<P> }>): Later<P> {
  let found: ComponentType<P> | null = null;
  let loading: Promise<void> | null = null;
  const fetch = () =>
    (loading ??= load().then(
      (module) => {
        found = module.default;
      },
      (error: unknown) => {
        loading = null; // Whoever shows it next tries again.
        throw error;
      },
    ));
  function Shown(props: P) {
    const [, setDone] = useState(found !== null);
    const [problem, setProblem] = useState<{ error: unknown } | null>(null);
    useEffect(() => {
      if (found) return;
      let gone = false;
      fetch().then(() => gone || setDone(true), (error: unknown) => gone || setProblem({ error }));
      return () => {
        gone = true;
      };
    }, []);
    if (problem) throw problem.error;
    const Found = found;
    return Found ? <Found {...props} /> : <Loading />;
  }
  return Object.assign(Shown, { fetch });
}
