/** Sampling, once a minute, how many handoffs are queued: for the series of a day. */

import type { QueueSampleStore } from "@baton/handoffs/queue-sample-store";
import type { ConnectorState } from "@baton/handoffs/read-overview-figures";
import type { ConnectorEntry } from "@baton/registry/connector-store";

const MINUTE_MS = 60_000;
/** CHECK_INTERVAL_MS: so often this process checks that one of the admin processes has taken this minute's sample. */
const CHECK_INTERVAL_MS = 15_000;
/** MAX_CONNECTORS have a figure of their own in a sample, those with most queued. */
const MAX_CONNECTORS = 1_000;

interface Deps {
  readonly connectors: { entries(): AsyncIterable<readonly ConnectorEntry[]> };
  readonly figures: { states(connectorIds: readonly string[]): Promise<readonly ConnectorState[]> };
  readonly queueSamples: Pick<QueueSampleStore, "has" | "write">;
  /** Epoch milliseconds on Redis's clock. */
  readonly now: () => number;
  /** Called where a sample could not be taken. */
  readonly onFailed: (error: unknown) => void;
}

/** QueuedCountSampler looks at once, and then every quarter of a minute, until it is closed. */
export class QueuedCountSampler {
  readonly #deps: Deps;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /** start returns at once. */
  start(): void {
    const again = async () => {
      await this.#sample();
      if (!this.#closed) this.#timer = setTimeout(() => void again(), CHECK_INTERVAL_MS);
    };
    void again();
  }

  async #sample(): Promise<void> {
    const { queueSamples, now, onFailed } = this.#deps;
    try {
      const minute = Math.floor(now() / MINUTE_MS);
      if (await queueSamples.has(minute)) return;
      const all = await this.#countQueued();
      await queueSamples.write(minute, {
        all,
        shown: all.toSorted((a, b) => b.queued - a.queued).slice(0, MAX_CONNECTORS),
      });
    } catch (error) {
      if (!this.#closed) onFailed(error);
    }
  }

  /** countQueued looks at all connectors, in the same short steps as the overview, and at nothing else of them. */
  async #countQueued(): Promise<readonly ConnectorState[]> {
    const waiting: ConnectorState[] = [];
    for await (const entries of this.#deps.connectors.entries()) {
      const states = await this.#deps.figures.states(entries.map(({ id }) => id));
      waiting.push(...states.filter(({ queued }) => queued > 0));
    }
    return waiting;
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }
}
