// Light or dark: as the system says, unless the reader chose.
import { Signal, useSignal } from "../base/signal";

export type Choice = "system" | "light" | "dark";
const KEY = "epochlog.theme";

function stored(): Choice {
  try {
    const value = localStorage.getItem(KEY);
    return value === "light" || value === "dark" ? value : "system";
  } catch {
    return "system"; // Storage may be forbidden; then the choice lasts as long as the page.
  }
}

const media = typeof matchMedia === "undefined" ? null : matchMedia("(prefers-color-scheme: dark)");
export const themeChoice = new Signal<Choice>("system");
export const isDark = new Signal(false);

function apply(): void {
  const choice = themeChoice.get();
  const dark = choice === "dark" || (choice === "system" && (media?.matches ?? false));
  document.documentElement.dataset.theme = dark ? "dark" : "light";
  isDark.set(dark);
}

export function startTheme(): void {
  themeChoice.set(stored());
  media?.addEventListener("change", apply);
  apply();
}

export function chooseTheme(choice: Choice): void {
  themeChoice.set(choice);
  try {
    localStorage.setItem(KEY, choice);
  } catch {
    // See above.
  }
  apply();
}

export function useDark(): boolean {
  return useSignal(isDark);
}
