/**
 * The registry's admin keys. They lie beside the connectors' tokens, so that the heartbeat writes their last use as
 * well.
 */
import { isRole, type Role } from "@baton/domain";
import type { RedisConnection } from "@baton/redis/connection";
import { createScript, type Reply, readInstant, readList, readNumber, readText } from "@baton/redis/script";
import { registryTag } from "@baton/redis/shards";

/** FORGET_MS: for so long a key that has expired is still listed. A day, milliseconds. */
const FORGET_MS = 86_400_000;
/** SET holds the ids of all admin keys, behind the registry's tag. */
const SET = ":tokens:admin";

/** NewAdminKey is a key to be kept: its hash, not its secret. `expiresAt` is epoch milliseconds. */
export interface NewAdminKey {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  readonly hash: string;
  readonly expiresAt?: number;
}

/**
 * ListedAdminKey is what is known of a key besides its hash; instants are epoch milliseconds, `lastUsedAt` lags by a
 * minute at most.
 */
export interface ListedAdminKey {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  readonly createdAt: number;
  readonly lastUsedAt?: number;
  readonly expiresAt?: number;
}

export type AdminKeyStore = ReturnType<typeof createAdminKeyStore>;

/** createAdminKeyStore gives the admin keys. Throws when Redis cannot be reached. */
export function createAdminKeyStore(redis: RedisConnection, namespace: string) {
  const tag = registryTag(namespace);
  const issue = createScript<object>(import.meta, "key-issue");
  const listAll = createScript<object>(import.meta, "key-list");
  const revoke = createScript<object>(import.meta, "key-revoke");
  const fetch = createScript<object>(import.meta, "registry-get");

  return {
    /** issue keeps a new key. */
    async issue({ id, ...fields }: NewAdminKey): Promise<{ readonly createdAt: number }> {
      return { createdAt: readNumber(await issue(redis, tag, { set: SET, id, fields, forgetMs: FORGET_MS }), 1) };
    },

    /** key finds a key by its id; undefined also for one whose role only a newer Baton knows. */
    async key(id: string): Promise<NewAdminKey | undefined> {
      const reply = await fetch(redis, tag, { hash: `:token:${id}`, fields: ["role", "name", "hash", "expiresAt"] });
      const role = readText(reply, 0);
      return isRole(role)
        ? { id, role, name: readText(reply, 1), hash: readText(reply, 2), ...readInstant(reply, 3, "expiresAt") }
        : undefined;
    },

    /** keys lists them all, in no order. */
    async keys(): Promise<readonly ListedAdminKey[]> {
      const reply = await listAll(redis, tag, {
        set: SET,
        fields: ["name", "role", "createdAt", "lastUsedAt", "expiresAt"],
      });
      return readList(reply, 1).flatMap((row) => (Array.isArray(row) ? readListed(row) : []));
    },

    /** revoke ends a key at once; false where there is none. */
    async revoke(id: string): Promise<boolean> {
      return readText(await revoke(redis, tag, { set: SET, id }), 0) === "revoked";
    },
  };
}

function readListed(row: readonly Reply[]): readonly ListedAdminKey[] {
  const role = readText(row, 2);
  if (!isRole(role)) return [];
  const named = { id: readText(row, 0), name: readText(row, 1), role, createdAt: readNumber(row, 3) };
  return [{ ...named, ...readInstant(row, 4, "lastUsedAt"), ...readInstant(row, 5, "expiresAt") }];
}
