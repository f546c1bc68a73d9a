/** The console's sessions, and the one-time codes of sign-in links: hashes of their secrets, in the registry. */
import type { RedisConnection } from "@baton/redis/connection";
import { createLuaScript, type Reply, readReplyNumber, readReplyText } from "@baton/redis/lua-script";
import { registryHashTag } from "@baton/redis/shards";

/** SessionSecret is what a session, or a code, is found by: its id, and the SHA-256 of the whole secret. */
export interface SessionSecret {
  readonly id: string;
  readonly hash: string;
}

/** SessionKey is the admin key that a session began with; the session ends with it. */
export interface SessionKey {
  readonly keyId: string;
  /** The key's SHA-256: a key of the same name and other secret is another key. */
  readonly keyHash: string;
}

/** SessionLimits are milliseconds: how long it lives without being used, and at the longest. */
export interface SessionLimits {
  readonly idleMs: number;
  readonly longestMs: number;
}

/** StoredSession: `expiresAt` is epoch milliseconds, when it ends unless it is used before. */
export interface StoredSession extends SessionKey {
  readonly expiresAt: number;
}

export type SessionStore = ReturnType<typeof createConsoleSessionStore>;

/** createConsoleSessionStore gives the sessions. Throws when Redis cannot be reached. */
export function createConsoleSessionStore(redis: RedisConnection, namespace: string) {
  const tag = registryHashTag(namespace);
  const session = createLuaScript(import.meta, "create-use-or-end-session");

  return {
    /** keep makes a session, and says when it ends unless it is used before. */
    async keep({ id, hash }: SessionSecret, key: SessionKey & SessionLimits): Promise<{ readonly expiresAt: number }> {
      return { expiresAt: readReplyNumber(await session(redis, tag, { id, hash, keep: key }), 1) };
    },

    /** use finds a session, and lets it live for another `idleMs`, within its longest life. */
    async use({ id, hash }: SessionSecret, idleMs: number): Promise<StoredSession | undefined> {
      return readFound(await session(redis, tag, { id, hash, use: { idleMs } }));
    },

    /** take finds a code and ends it: of two who come with it, one gets it. */
    async take({ id, hash }: SessionSecret): Promise<SessionKey | undefined> {
      return readFound(await session(redis, tag, { id, hash, take: true }));
    },

    /** drop ends a session. */
    async drop({ id, hash }: SessionSecret): Promise<void> {
      await session(redis, tag, { id, hash, drop: true });
    },
  };
}

function readFound(reply: readonly Reply[]): StoredSession | undefined {
  if (readReplyText(reply, 0) !== "found") return undefined;
  return { keyId: readReplyText(reply, 1), keyHash: readReplyText(reply, 2), expiresAt: readReplyNumber(reply, 3) };
}
