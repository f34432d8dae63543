// Whether the screen has room for one side only; the same limit as in runs.css.
import { useSyncExternalStore } from "react";

const NARROW = "(max-width: 820px)";

export function useNarrow(): boolean {
  return useSyncExternalStore(
    (tell) => {
      const media = matchMedia(NARROW);
      media.addEventListener("change", tell);
      return () => media.removeEventListener("change", tell);
    },
    () => matchMedia(NARROW).matches,
  );
}
