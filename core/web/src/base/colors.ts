// Colours of runs: twelve hues that stay apart for colour-blind eyes, the same run always in the same one.

/** Ordered so that neighbours differ in lightness too, not only in hue. */
export const LIGHT = [
  "#2f6fd6", "#e0761b", "#1b9a73", "#c2385f", "#7b54c4", "#0d93b3",
  "#a97d10", "#d364ad", "#2e4583", "#6f9421", "#8a4a32", "#667384",
];
export const DARK = [
  "#6ba1f5", "#f39a4a", "#3fc79c", "#f0708f", "#a98bef", "#3cc2e0",
  "#d9b23f", "#ee93cf", "#8f9fe8", "#a3c957", "#c98a6d", "#a0adbd",
];

/** A number from a text that is spread evenly (FNV-1a). */
export function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    value = Math.imul(value ^ text.charCodeAt(i), 0x01000193) >>> 0;
  }
  return value;
}

/**
 * Remembers which hue each run has.
 *
 * The hue follows from the id, so a link shows the same colours everywhere; only where it is taken by another of the
 * runs shown together does a run move to the least used hue. Once given, a colour stays as long as the page is open.
 */
export class ColorBook {
  private slots = new Map<string, number>();

  /** Gives colours to runs that are shown together. */
  assign(ids: readonly string[]): void {
    const used = new Array<number>(LIGHT.length).fill(0);
    for (const id of ids) {
      const slot = this.slots.get(id);
      if (slot !== undefined) used[slot]!++;
    }
    for (const id of ids) {
      if (this.slots.has(id)) continue;
      const first = hash(id) % LIGHT.length;
      let best = first;
      for (let step = 0; step < LIGHT.length; step++) {
        const slot = (first + step) % LIGHT.length;
        if (used[slot]! < used[best]!) best = slot;
      }
      used[best]!++;
      this.slots.set(id, best);
    }
  }

  slot(id: string): number {
    return this.slots.get(id) ?? hash(id) % LIGHT.length;
  }

  color(id: string, dark: boolean): string {
    return (dark ? DARK : LIGHT)[this.slot(id)]!;
  }
}

export const colorBook = new ColorBook();

/** "#rrggbb" with an alpha, for canvases. */
export function withAlpha(color: string, alpha: number): string {
  return color + Math.round(alpha * 255).toString(16).padStart(2, "0");
}
