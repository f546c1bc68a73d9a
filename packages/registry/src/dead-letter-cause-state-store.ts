/** What operators noted about the causes of dead letters, over all shards. */
import type { CauseState } from "@baton/domain";
import type { RedisConnection } from "@baton/redis/connection";
import { withCommandTimeout } from "@baton/redis/lua-script";
import { registryHashTag } from "@baton/redis/shards";

/** KEPT_MS: as long as the audit keeps who said it, 400 days. Milliseconds. */
const KEPT_MS = 400 * 86_400_000;

/** StoredCauseState is what was said of a cause last; `at` is epoch milliseconds, `by` the admin key's name. */
export interface StoredCauseState {
  readonly state: CauseState;
  readonly note?: string;
  readonly by: string;
  readonly at: number;
}

export type DeadLetterCauseStateStore = ReturnType<typeof createDeadLetterCauseStateStore>;

/** createDeadLetterCauseStateStore gives what was said. Throws when Redis cannot be reached. */
export function createDeadLetterCauseStateStore(redis: RedisConnection, namespace: string) {
  const tag = registryHashTag(namespace);

  return {
    /** read gives the state of each of these causes; nothing of those that have none. */
    async read(causes: readonly string[]): Promise<ReadonlyMap<string, StoredCauseState>> {
      if (causes.length === 0) return new Map();
      const values = await withCommandTimeout(redis.mget(causes.map((cause) => `${tag}:cause:${cause}`)));
      return new Map(
        causes.flatMap((cause, i) => {
          const value = values[i];
          return value ? [[cause, JSON.parse(value) as StoredCauseState]] : [];
        }),
      );
    },

    /** write replaces what was said of a cause. */
    async write(cause: string, said: StoredCauseState): Promise<void> {
      await withCommandTimeout(redis.set(`${tag}:cause:${cause}`, JSON.stringify(said), "PX", KEPT_MS));
    },
  };
}
