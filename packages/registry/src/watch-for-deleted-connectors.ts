/** Watching for deleted connectors: what a process keeps by connector goes when the connector goes. */
import { isRedisUnavailable } from "@baton/redis/connection";
import type { ConnectorStore } from "./connector-store.ts";

/** How often the registry's version is compared: as often as the heartbeat reads it. Milliseconds. */
const LOOK_MS = 1_000;
/**
 * After so long all are looked at also where the registry is the same: something may have been kept of one that was
 * gone already. Milliseconds.
 */
const SURE_MS = 60_000;

export interface DeletedConnectorWatcherOptions {
  readonly connectors: Pick<ConnectorStore, "missing">;
  /** The registry's version; undefined while it is not known. */
  readonly version: () => number | undefined;
  /** Ids of the connectors that something is kept of. */
  readonly kept: () => readonly string[];
  readonly forget: (connectorIds: readonly string[]) => unknown;
  /** What a look threw; an outage of Redis is not reported, since the next look is the remedy. */
  readonly onError: (error: unknown) => void;
}

/** DeletedConnectorWatcher looks from `start` to `close`. It never throws: a Redis that is away is asked again. */
export class DeletedConnectorWatcher {
  readonly #options: DeletedConnectorWatcherOptions;
  #timer: NodeJS.Timeout | undefined;
  #looked: { readonly version: number; readonly at: number } | undefined;
  #looking = false;

  constructor(options: DeletedConnectorWatcherOptions) {
    this.#options = options;
  }

  start(): void {
    this.#timer = setInterval(() => void this.#look(), LOOK_MS).unref();
  }

  close(): void {
    clearInterval(this.#timer);
  }

  async #look(): Promise<void> {
    const version = this.#options.version();
    if (version === undefined || this.#looking || this.#isFresh(version)) return;
    this.#looking = true;
    const at = performance.now();
    try {
      const missing = await this.#options.connectors.missing(this.#options.kept());
      if (missing.length > 0) await this.#options.forget(missing);
      this.#looked = { version, at };
    } catch (error) {
      if (!isRedisUnavailable(error)) this.#options.onError(error);
    } finally {
      this.#looking = false;
    }
  }

  #isFresh(version: number): boolean {
    return this.#looked?.version === version && performance.now() - this.#looked.at < SURE_MS;
  }
}
