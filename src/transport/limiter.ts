/** A place in the queue. */
interface Waiting {
  key: string;
  start: () => void;
}

/** Lets a number of things run at once, and fewer of them where they are for the same key. */
export class Limiter {
  readonly #total: number;
  readonly #perKey: number;
  readonly #running = new Map<string, number>();
  readonly #waiting: Waiting[] = [];
  #sum = 0;

  constructor(total: number, perKey: number) {
    this.#total = total;
    this.#perKey = perKey;
  }

  /** Runs `work` when its turn comes, first come first served among those that may run. */
  async run<T>(key: string, work: () => Promise<T>): Promise<T> {
    await new Promise<void>((start) => {
      this.#waiting.push({ key, start });
      this.#startNext();
    });
    try {
      return await work();
    } finally {
      this.#count(key, -1);
      this.#startNext();
    }
  }

  #startNext(): void {
    if (this.#sum >= this.#total) return;
    const index = this.#waiting.findIndex(({ key }) => (this.#running.get(key) ?? 0) < this.#perKey);
    const [next] = index < 0 ? [] : this.#waiting.splice(index, 1);
    if (next === undefined) return;
    this.#count(next.key, 1);
    next.start();
  }

  #count(key: string, by: 1 | -1): void {
    this.#sum += by;
    const running = (this.#running.get(key) ?? 0) + by;
    if (running === 0) this.#running.delete(key);
    else this.#running.set(key, running);
  }
}
