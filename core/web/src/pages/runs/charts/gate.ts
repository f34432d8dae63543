// Lets a few requests through at a time, the latest first: what was scrolled past must not hold up what is seen.

export class Gate {
  private running = 0;
  private waiting: (() => void)[] = [];

  constructor(private most: number) {}

  async through<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    while (this.running >= this.most) await new Promise<void>((go) => this.waiting.push(go));
    if (signal.aborted) {
      this.waiting.pop()?.();
      throw new DOMException("no longer wanted", "AbortError");
    }
    this.running++;
    try {
      return await work();
    } finally {
      this.running--;
      this.waiting.pop()?.();
    }
  }
}
