/** The figures behind the gauges that only admin shows. */
import type { Figures, RedisMemory, StoredConnector } from "@baton/store";
import type { QueueFigures } from "@baton/telemetry";

interface Deps {
  readonly connectors: { all(): Promise<readonly StoredConnector[]> };
  readonly figures: (connectorIds: readonly string[]) => Promise<Figures>;
  readonly queue: { counts(): Promise<QueueFigures["shards"]> };
  readonly memory: () => Promise<RedisMemory>;
  readonly pulse: { readonly up: boolean; readonly workers: number };
}

/** createReadQueueFigures asks Redis anew each time it is called, at a cost that does not grow with the handoffs. Throws where Redis is away. */
export function createReadQueueFigures({ connectors, figures, queue, memory, pulse }: Deps): () => Promise<QueueFigures> {
  return async () => {
    // The pulse has just waited for a Redis that hangs; a scrape should not wait for it twice.
    if (!pulse.up) throw new Error("Redis does not answer");
    const ids = (await connectors.all()).map(({ connector }) => connector.id);
    const [rows, shards, { usedBytes, limitBytes }] = await Promise.all([figures(ids), queue.counts(), memory()]);
    return {
      shards,
      connectors: rows.connectors.map(({ connectorId, queued, oldestQueuedMs, breaker, deadByReason }) => ({
        id: connectorId,
        queued,
        oldestQueuedMs,
        breakerOpen: breaker !== "closed",
        deadLetters: deadByReason,
      })),
      workers: pulse.workers,
      redisMemoryBytes: usedBytes,
      redisMemoryLimitBytes: limitBytes,
    };
  };
}
