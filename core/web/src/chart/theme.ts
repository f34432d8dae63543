// What canvases paint with: the page's own colours, read from its CSS variables.

export interface Theme {
  text: string;
  muted: string;
  grid: string;
  surface: string;
  accent: string;
  good: string;
  warning: string;
  bad: string;
  font: string;
}

const LIGHT: Theme = {
  text: "#1b2430", muted: "#5b6675", grid: "#e3e7ec", surface: "#ffffff", accent: "#2f6fd6",
  good: "#1b9a73", warning: "#a97d10", bad: "#c2385f", font: "12px system-ui, sans-serif",
};
const DARK: Theme = {
  text: "#e6eaf0", muted: "#97a3b3", grid: "#2b333e", surface: "#161b22", accent: "#6ba1f5",
  good: "#3fc79c", warning: "#d9b23f", bad: "#f0708f", font: "12px system-ui, sans-serif",
};
const NAMES: Partial<Record<keyof Theme, string>> = {
  text: "--text", muted: "--text-2", grid: "--line", surface: "--panel", accent: "--accent",
  good: "--ok", warning: "--warn", bad: "--fail",
};

/** The theme at an element, with plain colours where the page has no variable of that name. */
export function themeOf(element: Element, dark: boolean): Theme {
  const style = getComputedStyle(element);
  const theme = { ...(dark ? DARK : LIGHT) };
  for (const [key, name] of Object.entries(NAMES) as [keyof Theme, string][]) {
    const value = style.getPropertyValue(name).trim();
    if (/^(#|rgb|hsl|oklch|oklab|color)/.test(value)) theme[key] = value;
  }
  theme.font = `12px ${style.fontFamily || "system-ui, sans-serif"}`;
  return theme;
}
