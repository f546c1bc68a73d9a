/** Sampling, once a minute, how many handoffs are queued: for the series of a day. */
import type { QueueSampleStore } from "@baton/registry/queue-samples";
import type { TakeSurvey } from "./connector-states.ts";

const MINUTE_MS = 60_000;
/** LOOK_MS: so often it is seen to that this minute has its sample, by this admin process or by another. */
const LOOK_MS = 15_000;
/** MOST connectors of a sample are told one by one, those in most trouble. */
const MOST = 1_000;

interface Deps {
  readonly takeSurvey: TakeSurvey;
  readonly queueSamples: Pick<QueueSampleStore, "has" | "write">;
  /** Epoch milliseconds on Redis's clock. */
  readonly now: () => number;
  /** Hears of a sample that could not be taken. */
  readonly onFailed: (error: unknown) => void;
}

/** QueueSampler looks at once, and then every quarter of a minute, until it is closed. */
export class QueueSampler {
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
      if (!this.#closed) this.#timer = setTimeout(() => void again(), LOOK_MS);
    };
    void again();
  }

  async #sample(): Promise<void> {
    const { takeSurvey, queueSamples, now, onFailed } = this.#deps;
    try {
      const minute = Math.floor(now() / MINUTE_MS);
      if (await queueSamples.has(minute)) return;
      const waiting = (await takeSurvey()).connectors.filter(({ queued }) => queued > 0);
      const total = waiting.reduce((sum, { queued }) => sum + queued, 0);
      const told = waiting.slice(0, MOST).map(({ connectorId, queued }) => [connectorId, queued] as const);
      await queueSamples.write(minute, { total, byConnector: new Map(told) });
    } catch (error) {
      if (!this.#closed) onFailed(error);
    }
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }
}
