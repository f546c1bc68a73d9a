/** The processes that show themselves by their heartbeat, with the ids of the keys on their rings: never the keys. */

import type { RedisConnection } from "@baton/redis/connection";
import { readRedisTime, withCommandTimeout } from "@baton/redis/lua-script";
import { registryHashTag } from "@baton/redis/shards";

const ROLES = ["ingress", "worker", "admin"] as const;
/** ProcessRole is what a process does. */
export type ProcessRole = (typeof ROLES)[number];
/** SEALING is what the names of fields begin with that say when a key was sealed with. */
const SEALING = "sealing:";

/**
 * PresentProcess is a process that showed itself within the last seconds; `keyIds` are its ring's, the one that it
 * seals with first. `shards` is how many it was started with; a build of before does not say. `id` is its own: a
 * process that is started anew has another.
 */
export interface PresentProcess {
  readonly id: string;
  readonly role: ProcessRole;
  readonly host: string;
  readonly pid: number;
  readonly keyIds: readonly string[];
  readonly shards?: number;
}

export type ProcessStore = ReturnType<typeof createProcessStore>;

/**
 * createProcessStore reads who is there. Throws `CommandTimeout` or the driver's error when Redis cannot be reached.
 */
export function createProcessStore(redis: RedisConnection, namespace: string) {
  const tag = registryHashTag(namespace);

  async function presentIn(role: ProcessRole, now: number): Promise<readonly PresentProcess[]> {
    const found = await withCommandTimeout(redis.zrange(`${tag}:processes:${role}`, `(${now}`, "+inf", "BYSCORE"));
    return found.map((json) => JSON.parse(json) as PresentProcess);
  }

  return {
    /** present lists them by role, host and pid. */
    async present(): Promise<readonly PresentProcess[]> {
      const now = await readRedisTime(redis, tag);
      const found = await Promise.all(ROLES.map((role) => presentIn(role, now)));
      return found.flat().toSorted((one, other) => orderOf(one).localeCompare(orderOf(other)));
    },

    /** sealing gives, by key id, how many milliseconds ago a process that seals with it showed itself. */
    async sealing(): Promise<ReadonlyMap<string, number>> {
      const [now, fields] = await Promise.all([
        readRedisTime(redis, tag),
        withCommandTimeout(redis.hgetall(`${tag}:meta`)),
      ]);
      return new Map(
        Object.entries(fields).flatMap(([name, at]) =>
          name.startsWith(SEALING) ? [[name.slice(SEALING.length), now - Number(at)]] : [],
        ),
      );
    },
  };
}

function orderOf({ role, host, pid }: PresentProcess): string {
  return `${role} ${host} ${pid}`;
}
