// Which rows and columns of a large table can be seen.

export interface Window {
  from: number;
  /** Behind the last. */
  to: number;
}

/** Of `count` things of equal size, those between two places, and a few around them. */
export function windowOf(count: number, size: number, begin: number, room: number, around = 2): Window {
  const from = Math.max(Math.floor(begin / size) - around, 0);
  const to = Math.min(Math.ceil((begin + room) / size) + around, count);
  return { from: Math.min(from, count), to: Math.max(to, Math.min(from, count)) };
}
