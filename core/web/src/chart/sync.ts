// Charts that share an x axis share the place of the pointer, too.

export interface Synced {
  showCursor: (x: number | null) => void;
}

export class SyncGroup {
  private charts = new Set<Synced>();

  join(chart: Synced): () => void {
    this.charts.add(chart);
    return () => this.charts.delete(chart);
  }

  tell(x: number | null, from: Synced): void {
    for (const chart of this.charts) if (chart !== from) chart.showCursor(x);
  }
}
