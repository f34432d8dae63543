// A surface through scattered points, for contour plots: near points count most (inverse squared distance).

export interface Surface {
  columns: number;
  rows: number;
  /** Row by row from the bottom. */
  values: Float64Array;
}

/** Places between 0 and 1 and finite values; `blurred` keeps a single outlier from making a spike. */
export function surface(x: readonly number[], y: readonly number[], z: readonly number[], columns = 40, rows = 40): Surface {
  const values = new Float64Array(columns * rows);
  const blurred = 1e-4;
  for (let row = 0; row < rows; row++) {
    const py = (row + 0.5) / rows;
    for (let column = 0; column < columns; column++) {
      const px = (column + 0.5) / columns;
      let sum = 0;
      let weights = 0;
      for (let i = 0; i < z.length; i++) {
        const dx = x[i]! - px;
        const dy = y[i]! - py;
        const near = 1 / (dx * dx + dy * dy + blurred);
        const weight = near * near;
        sum += weight * z[i]!;
        weights += weight;
      }
      values[row * columns + column] = weights > 0 ? sum / weights : NaN;
    }
  }
  return { columns, rows, values };
}

export interface Segment {
  x1: number;
  y1: number;
  x2: number;
  y2: number;
}

/** The line along which a surface has one value (marching squares), in places between 0 and 1. */
export function isoline({ columns, rows, values }: Surface, level: number): Segment[] {
  const found: Segment[] = [];
  const at = (column: number, row: number) => values[row * columns + column]!;
  const px = (column: number) => (column + 0.5) / columns;
  const py = (row: number) => (row + 0.5) / rows;
  for (let row = 0; row + 1 < rows; row++) {
    for (let column = 0; column + 1 < columns; column++) {
      const corners: [number, number, number][] = [
        [column, row, at(column, row)],
        [column + 1, row, at(column + 1, row)],
        [column + 1, row + 1, at(column + 1, row + 1)],
        [column, row + 1, at(column, row + 1)],
      ];
      const crossings: [number, number][] = [];
      for (let i = 0; i < 4; i++) {
        const [ax, ay, a] = corners[i]!;
        const [bx, by, b] = corners[(i + 1) % 4]!;
        if (a < level === b < level) continue;
        const share = (level - a) / (b - a);
        crossings.push([px(ax) + (px(bx) - px(ax)) * share, py(ay) + (py(by) - py(ay)) * share]);
      }
      for (let i = 0; i + 1 < crossings.length; i += 2) {
        const [one, two] = [crossings[i]!, crossings[i + 1]!];
        found.push({ x1: one[0], y1: one[1], x2: two[0], y2: two[1] });
      }
    }
  }
  return found;
}

/** A value below which `share` of the values lie: colours by rank keep one bad trial from hiding all others. */
export function quantile(sorted: readonly number[], share: number): number {
  if (!sorted.length) return NaN;
  const at = Math.min(Math.max(share, 0), 1) * (sorted.length - 1);
  const low = Math.floor(at);
  const high = Math.min(low + 1, sorted.length - 1);
  return sorted[low]! + (sorted[high]! - sorted[low]!) * (at - low);
}
