/** Hearing of handoffs that ended, for those who wait for one. */
import type { RedisConnection } from "./redis.ts";
import type { Shards } from "./shards.ts";

/** EndedChannel calls whoever waits for a handoff. Messages may be missed while a connection is down: waiters also look by themselves. */
export class EndedChannel {
  readonly #waiters = new Map<string, Set<() => void>>();
  readonly #redis: RedisConnection;

  constructor(redis: RedisConnection) {
    this.#redis = redis;
    redis.on("message", (_channel: string, id: string) => {
      for (const call of this.#waiters.get(id) ?? []) call();
    });
  }

  /** open listens to every shard; it does not wait for Redis, and listens again after a connection was lost. */
  open(shards: Shards): void {
    const channels = shards.tags.map((tag) => `${tag}:ended`);
    const subscribe = () => this.#redis.subscribe(...channels).catch(() => undefined);
    this.#redis.on("ready", () => void subscribe());
    if (this.#redis.status === "ready") void subscribe();
  }

  /** onEnded calls `call` whenever the handoff is said to have ended, until the returned function is called. */
  onEnded(id: string, call: () => void): () => void {
    const calls = this.#waiters.get(id) ?? new Set();
    this.#waiters.set(id, calls.add(call));
    return () => {
      calls.delete(call);
      if (calls.size === 0) this.#waiters.delete(id);
    };
  }
}
