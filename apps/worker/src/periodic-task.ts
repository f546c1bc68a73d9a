/** A periodic task: something done again and again, one at a time, until the process closes. */
import { isRedisUnavailable } from "@baton/redis/connection";

export interface PeriodicTaskOptions {
  readonly intervalMs: number;
  readonly once: () => Promise<void>;
  /** What a run threw; an outage of Redis is not reported, since the next run is the remedy. */
  readonly onError: (error: unknown) => void;
}

/** PeriodicTask runs from `start` on; `close` waits for the run that is under way. */
export class PeriodicTask {
  readonly #options: PeriodicTaskOptions;
  #running: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: PeriodicTaskOptions) {
    this.#options = options;
  }

  start(): void {
    this.#timer = setTimeout(() => {
      this.#running = this.#run();
    }, this.#options.intervalMs);
  }

  async #run(): Promise<void> {
    const { once, onError } = this.#options;
    await once().catch((error: unknown) => {
      if (!isRedisUnavailable(error)) onError(error);
    });
    if (!this.#closed) this.start();
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#running;
  }
}
