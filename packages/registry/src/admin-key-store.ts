/**
 * The registry's admin keys. They lie beside the connectors' tokens, so that the heartbeat writes their last use as
 * well.
 */
import { type AdminKey, isRole, type Role } from "@baton/domain";
import type { RedisConnection } from "@baton/redis/connection";
import { type Reply, readReplyInstantAsProperty, readReplyNumber, readReplyText } from "@baton/redis/lua-script";
import { registryHashTag } from "@baton/redis/shards";
import { createTokenAndKeyStore } from "./token-and-key-store.ts";

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

export type AdminKeyStore = ReturnType<typeof createAdminKeyStore>;

/** createAdminKeyStore gives the admin keys. Throws when Redis cannot be reached. */
export function createAdminKeyStore(redis: RedisConnection, namespace: string) {
  const keys = createTokenAndKeyStore(redis, registryHashTag(namespace));

  return {
    /** issue keeps a new key. */
    async issue({ id, ...fields }: NewAdminKey): Promise<{ readonly createdAt: number }> {
      const issued = await keys.issue(SET, { id, fields });
      if (issued === undefined) throw new Error(`the admin key ${id} was not stored`);
      return issued;
    },

    /** key finds a key by its id; undefined also for one whose role only a newer Baton knows. */
    async key(id: string): Promise<NewAdminKey | undefined> {
      const reply = await keys.read(id, "role", "name", "hash", "expiresAt");
      const role = readReplyText(reply, 0);
      if (!isRole(role)) return undefined;
      const [name, hash] = [readReplyText(reply, 1), readReplyText(reply, 2)];
      return { id, role, name, hash, ...readReplyInstantAsProperty(reply, 3, "expiresAt") };
    },

    /** keys lists them all, in no order. */
    async keys(): Promise<readonly AdminKey[]> {
      return (await keys.list(SET, "name", "role", "lastUsedAt", "expiresAt")).flatMap(readListedKey);
    },

    /** revoke ends a key at once; false where there is none. */
    async revoke(id: string): Promise<boolean> {
      return keys.revoke(SET, id);
    },
  };
}

function readListedKey(row: readonly Reply[]): readonly AdminKey[] {
  const role = readReplyText(row, 3);
  if (!isRole(role)) return [];
  const named = { id: readReplyText(row, 0), createdAt: readReplyNumber(row, 1), name: readReplyText(row, 2), role };
  const used = readReplyInstantAsProperty(row, 4, "lastUsedAt");
  return [{ ...named, ...used, ...readReplyInstantAsProperty(row, 5, "expiresAt") }];
}
