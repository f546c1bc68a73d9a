/** The processes that show themselves by their heartbeat, with the ids of the keys on their rings: never the keys. */

import type { RedisConnection } from "@baton/redis/connection";
import { createScript, readScores, redisNow, withCommandTimeout } from "@baton/redis/script";
import { registryTag } from "@baton/redis/shards";

/** ProcessRole is what a process does. */
export type ProcessRole = "ingress" | "worker" | "admin";

/**
 * PresentProcess is a process that showed itself within the last seconds; `keyIds` are its ring's, the one that it
 * seals with first.
 */
export interface PresentProcess {
  readonly role: ProcessRole;
  readonly host: string;
  readonly pid: number;
  readonly keyIds: readonly string[];
}

export type ProcessStore = ReturnType<typeof createProcessStore>;

/**
 * createProcessStore reads who is there. Throws `CommandTimeout` or the driver's error when Redis cannot be reached.
 */
export function createProcessStore(redis: RedisConnection, namespace: string) {
  const processes = createScript<object>(import.meta, "processes");
  return {
    /**
     * present lists them by role, host and pid. One of a version that did not describe itself yet is not among them.
     */
    async present(): Promise<readonly PresentProcess[]> {
      const found = (await processes(redis, registryTag(namespace), {})).map(
        (json) => JSON.parse(String(json)) as PresentProcess,
      );
      return found.toSorted((one, other) => orderOf(one).localeCompare(orderOf(other)));
    },

    /** sealing gives, by key id, how many milliseconds ago a process that seals with it showed itself. */
    async sealing(): Promise<ReadonlyMap<string, number>> {
      const [now, seen] = await Promise.all([
        redisNow(redis),
        withCommandTimeout(redis.zrange(`${registryTag(namespace)}:sealing`, "0", "-1", "WITHSCORES")),
      ]);
      return new Map([...readScores(seen)].map(([id, at]) => [id, now - at]));
    },
  };
}

function orderOf({ role, host, pid }: PresentProcess): string {
  return `${role} ${host} ${pid}`;
}
