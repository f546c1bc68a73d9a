/** Hearing of handoffs that ended, for those who wait for one. */
import type { RedisConnection } from "@baton/redis/connection";
import { requireShardTagOfId, type Shards } from "@baton/redis/shards";

/** Waiters of one handoff; `listening` once this process is subscribed to its end. */
interface Waiters {
  readonly calls: Set<() => void>;
  listening: boolean;
}

/**
 * CompletionChannel calls those that wait for a handoff. Each handoff has a channel of its own, so that a process gets
 * messages only of those that it waits for. Messages may be missed while a connection is down: waiters also look by
 * themselves.
 */
export class CompletionChannel {
  readonly #redis: RedisConnection;
  readonly #shards: Shards;
  readonly #waiters = new Map<string, Waiters>();

  constructor(redis: RedisConnection, shards: Shards) {
    this.#redis = redis;
    this.#shards = shards;
    redis.on("message", (channel: string) => this.#ring(channel));
    redis.on("ready", () => {
      for (const channel of this.#waiters.keys()) void this.#listen(channel);
    });
  }

  /**
   * onEnded calls `call` whenever the handoff is said to have ended, until the returned function is called; also as
   * soon as Redis would say so, since it may have ended before.
   */
  onEnded(id: string, call: () => void): () => void {
    const channel = `${requireShardTagOfId(this.#shards, "ho", id)}:ended:${id}`;
    const waiters = this.#waiters.get(channel) ?? { calls: new Set(), listening: false };
    waiters.calls.add(call);
    if (waiters.listening) call();
    if (!this.#waiters.has(channel)) {
      this.#waiters.set(channel, waiters);
      void this.#listen(channel);
    }
    return () => {
      if (waiters.calls.delete(call) && waiters.calls.size === 0) this.#forget(channel);
    };
  }

  async #listen(channel: string): Promise<void> {
    try {
      await this.#redis.subscribe(channel);
    } catch {
      // It is asked again once the connection is back.
      return;
    }
    const waiters = this.#waiters.get(channel);
    if (waiters !== undefined) waiters.listening = true;
    this.#ring(channel);
  }

  #forget(channel: string): void {
    this.#waiters.delete(channel);
    this.#redis.unsubscribe(channel).catch(() => undefined);
  }

  #ring(channel: string): void {
    for (const call of this.#waiters.get(channel)?.calls ?? []) call();
  }
}
