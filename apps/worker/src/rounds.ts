/** Rounds: something done again and again, one at a time, until the process closes. */
import { isUnavailable } from "@baton/store";

export interface RoundsOptions {
  readonly everyMs: number;
  readonly once: () => Promise<void>;
  /** What a round threw; an outage of Redis is not told, since the next round is the remedy. */
  readonly onError: (error: unknown) => void;
}

/** Rounds begin with `start`; `close` waits for the one that runs. */
export class Rounds {
  readonly #options: RoundsOptions;
  #running: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: RoundsOptions) {
    this.#options = options;
  }

  start(): void {
    this.#timer = setTimeout(() => {
      this.#running = this.#round();
    }, this.#options.everyMs);
  }

  async #round(): Promise<void> {
    const { once, onError } = this.#options;
    await once().catch((error: unknown) => {
      if (!isUnavailable(error)) onError(error);
    });
    if (!this.#closed) this.start();
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#running;
  }
}
