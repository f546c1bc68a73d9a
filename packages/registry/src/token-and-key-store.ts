/**
 * The registry's keys by their sets: admin keys, connector tokens and screen-pop keys lie in one place, so that the
 * heartbeat writes the last use of each, and each belongs to a set that can be listed.
 */
import type { RedisConnection } from "@baton/redis/connection";
import { createLuaScript, readReplyNumber, readReplyText, withCommandTimeout } from "@baton/redis/lua-script";

/** FORGET_MS: for so long a key that has expired is still listed. A day, milliseconds. */
const FORGET_MS = 86_400_000;

/** KeyIssue: `requires` is a key of Redis, without the tag, that must exist. */
interface KeyIssue {
  readonly id: string;
  readonly fields: object;
  readonly requires?: string;
  /** How long the older ones of the set stay valid; absent, they stay as they are. Milliseconds. */
  readonly overlapMs?: number | undefined;
}

/** createTokenAndKeyStore reads and writes keys behind the registry's `tag`; a set is named without it. */
export function createTokenAndKeyStore(redis: RedisConnection, tag: string) {
  const write = createLuaScript(import.meta, "issue-or-revoke-token");

  /** read gives fields of a key, null for each that it does not have. */
  function read(id: string, ...fields: readonly string[]): Promise<readonly (string | null)[]> {
    return withCommandTimeout(redis.hmget(`${tag}:token:${id}`, ...fields));
  }

  return {
    read,

    /** issue keeps a new key, and gives when, epoch milliseconds; undefined where what it requires does not exist. */
    async issue(set: string, { id, ...issue }: KeyIssue): Promise<{ readonly createdAt: number } | undefined> {
      const reply = await write(redis, tag, { set, id, issue: { ...issue, forgetMs: FORGET_MS } });
      return readReplyText(reply, 0) === "written" ? { createdAt: readReplyNumber(reply, 1) } : undefined;
    },

    /** revoke ends a key at once; false where the set has none of that id. */
    async revoke(set: string, id: string): Promise<boolean> {
      return readReplyText(await write(redis, tag, { set, id }), 0) === "written";
    },

    /** list gives of each key of a set its id, `createdAt` and these fields, in no order. */
    async list(set: string, ...fields: readonly string[]): Promise<readonly (readonly (string | null)[])[]> {
      const ids = await withCommandTimeout(redis.smembers(tag + set));
      const rows = await Promise.all(ids.map(async (id) => [id, ...(await read(id, "createdAt", ...fields))]));
      // One that was revoked meanwhile has no field left.
      return rows.filter(([, createdAt]) => createdAt !== null);
    },
  };
}
