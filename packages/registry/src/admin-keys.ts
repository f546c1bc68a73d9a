/**
 * The registry's admin keys. They lie beside the connectors' tokens, so that the pulse tells their last use as well.
 */
import { isRole, type Role } from "@baton/domain";
import type { RedisConnection } from "@baton/redis/connection";
import { createScript, instant, list, number, type Reply, text } from "@baton/redis/script";
import { registryTag } from "@baton/redis/shards";

/** FORGET_MS: for so long a key that has expired is still listed. A day, milliseconds. */
const FORGET_MS = 86_400_000;
/** SET holds the ids of all admin keys, behind the registry's tag. */
const SET = ":admin-keys";

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
      return { createdAt: number(await issue(redis, tag, { set: SET, id, fields, forgetMs: FORGET_MS }), 1) };
    },

    /** key finds a key by its id; undefined also for one whose role only a newer Baton knows. */
    async key(id: string): Promise<NewAdminKey | undefined> {
      const reply = await fetch(redis, tag, { hash: `:token:${id}`, fields: ["role", "name", "hash", "expiresAt"] });
      const role = text(reply, 0);
      return isRole(role)
        ? { id, role, name: text(reply, 1), hash: text(reply, 2), ...instant(reply, 3, "expiresAt") }
        : undefined;
    },

    /** keys lists them all, in no order. */
    async keys(): Promise<readonly ListedAdminKey[]> {
      const reply = await listAll(redis, tag, {
        set: SET,
        fields: ["name", "role", "createdAt", "lastUsedAt", "expiresAt"],
      });
      return list(reply, 1).flatMap((row) => (Array.isArray(row) ? readListed(row) : []));
    },

    /** revoke ends a key at once; false where there is none. */
    async revoke(id: string): Promise<boolean> {
      return text(await revoke(redis, tag, { set: SET, id }), 0) === "revoked";
    },
  };
}

function readListed(row: readonly Reply[]): readonly ListedAdminKey[] {
  const role = text(row, 2);
  if (!isRole(role)) return [];
  const named = { id: text(row, 0), name: text(row, 1), role, createdAt: number(row, 3) };
  return [{ ...named, ...instant(row, 4, "lastUsedAt"), ...instant(row, 5, "expiresAt") }];
}
