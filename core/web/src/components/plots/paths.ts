// SVG path data of lines, steps, bands, dots and rectangles; gaps where a value has no place.

type At = (value: number) => number;
const px = (value: number) => (Math.round(value * 10) / 10).toString();

/** Goes from place to place, and begins anew after a gap; `next` says how it gets to the next one. */
function tracePath(x: readonly number[], y: readonly number[], atX: At, atY: At, next: (a: string, b: string) => string): string {
  let path = "";
  let pen = false;
  for (let i = 0; i < Math.min(x.length, y.length); i++) {
    const [a, b] = [atX(x[i]!), atY(y[i]!)];
    if (!Number.isFinite(a) || !Number.isFinite(b)) {
      pen = false;
      continue;
    }
    path += pen ? next(px(a), px(b)) : `M${px(a)} ${px(b)}`;
    pen = true;
  }
  return path;
}

export function linePath(x: readonly number[], y: readonly number[], atX: At, atY: At): string {
  return tracePath(x, y, atX, atY, (a, b) => `L${a} ${b}`);
}

/** Each value holds until the next x. */
export function stepPath(x: readonly number[], y: readonly number[], atX: At, atY: At): string {
  return tracePath(x, y, atX, atY, (a, b) => `H${a}V${b}`);
}

/** The area between two lines; points where either has no place are left out. */
export function bandPath(x: readonly number[], lo: readonly number[], hi: readonly number[], atX: At, atY: At, steps = false): string {
  const there = x.map((_, i) => i).filter((i) => [atX(x[i]!), atY(lo[i]!), atY(hi[i]!)].every(Number.isFinite));
  if (there.length < 2) return "";
  const draw = steps ? stepPath : linePath;
  const top = draw(there.map((i) => x[i]!), there.map((i) => hi[i]!), atX, atY);
  const back = [...there].reverse();
  return `${top}${linePath(back.map((i) => x[i]!), back.map((i) => lo[i]!), atX, atY).replace("M", "L")}Z`;
}

/** Dots of a stroke with round ends: thousands of them are one element. */
export function dotsPath(x: readonly number[], y: readonly number[], atX: At, atY: At): string {
  let path = "";
  for (let i = 0; i < Math.min(x.length, y.length); i++) {
    const [a, b] = [atX(x[i]!), atY(y[i]!)];
    if (Number.isFinite(a) && Number.isFinite(b)) path += `M${px(a)} ${px(b)}h0`;
  }
  return path;
}

export function rectPath(x: number, y: number, width: number, height: number): string {
  return `M${px(x)} ${px(y)}h${px(width)}v${px(height)}h${px(-width)}Z`;
}

/** Where the point nearest to a pixel is: [place of the series, place in it], null if none is within reach. */
export function nearestPoint(
  series: readonly { x: readonly number[]; y: readonly number[] }[], atX: At, atY: At, pointX: number, pointY: number, reach = 40,
): [number, number] | null {
  let best: [number, number] | null = null;
  let least = reach * reach;
  series.forEach((each, s) => {
    for (let i = 0; i < each.x.length; i++) {
      const distance = (atX(each.x[i]!) - pointX) ** 2 + (atY(each.y[i]!) - pointY) ** 2;
      if (distance < least) {
        least = distance;
        best = [s, i];
      }
    }
  });
  return best;
}
