// Colours for numbers: one way from dark to light that colour-blind eyes read in order (after viridis).
const STOPS: [number, number, number][] = [
  [68, 1, 84], [70, 50, 126], [54, 92, 141], [39, 127, 142], [31, 161, 135], [74, 193, 109], [160, 218, 57], [253, 231, 37],
];

/** "#rrggbb" of a number between 0 and 1; others are cut. */
export function colorAt(share: number): string {
  return `#${rgbAt(share).map((part) => part.toString(16).padStart(2, "0")).join("")}`;
}

export function rgbAt(share: number): [number, number, number] {
  const at = Math.min(Math.max(Number.isFinite(share) ? share : 0, 0), 1) * (STOPS.length - 1);
  const i = Math.min(Math.floor(at), STOPS.length - 2);
  const mix = at - i;
  const [a, b] = [STOPS[i]!, STOPS[i + 1]!];
  return [0, 1, 2].map((k) => Math.round(a[k]! + (b[k]! - a[k]!) * mix)) as [number, number, number];
}

/** The same for thin lines and dots: without the end of the scale that the page's background swallows. */
export function inkAt(share: number, dark: boolean): string {
  const at = Math.min(Math.max(Number.isFinite(share) ? share : 0, 0), 1);
  return colorAt(dark ? 0.32 + at * 0.68 : at * 0.86);
}
