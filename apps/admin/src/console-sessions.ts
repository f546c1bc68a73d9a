/**
 * The console's sessions: begun with an admin key or a sign-in link, ended by time, by the operator, or with the key.
 */
import type { NewAdminKey } from "@baton/registry/admin-key-store";
import type { SessionKey, SessionStore } from "@baton/registry/console-session-store";
import { createToken, hashToken, parseToken, type TokenPrefix } from "@baton/vault";
import { type Actor, FIRST_KEY } from "./authenticate-operator.ts";

/** IDLE_MS: a session that is not used for 30 min ends. */
const IDLE_MS = 30 * 60_000;
/** MAX_SESSION_MS: after 12 h, longer than a shift, one signs in again. */
const MAX_SESSION_MS = 12 * 3_600_000;
/** LINK_MS: a sign-in link is printed for the person at the terminal: 10 min. */
const LINK_MS = 10 * 60_000;

/** Session is one that lives: whose it is, and when it ends unless it is used before. Epoch milliseconds. */
export interface Session {
  readonly actor: Actor;
  readonly expiresAt: number;
}

/** StartedSession holds the cookie's secret. */
export interface StartedSession extends Session {
  readonly token: string;
}

interface Deps {
  readonly sessions: Pick<SessionStore, "keep" | "use" | "take" | "drop">;
  /** BATON_ADMIN_KEY. */
  readonly firstKey: string;
  readonly findKey: (id: string) => Promise<NewAdminKey | undefined>;
  /** Epoch milliseconds on Redis's clock. */
  readonly now: () => number;
}

/** KeyHolder is an operator, and the key that a session or a code stands for. */
export interface KeyHolder {
  readonly actor: Actor;
  readonly key: SessionKey;
}

export interface ConsoleSessions {
  start(holder: KeyHolder): Promise<StartedSession>;
  /** find gives a session that lives, and lets it live on; undefined where it is over, or its key is. */
  find(token: string): Promise<Session | undefined>;
  end(token: string): Promise<void>;
  /** createCode makes the code of a sign-in link. It is good once. */
  createCode(holder: KeyHolder): Promise<{ readonly code: string; readonly expiresAt: number }>;
  /** takeCode gives whose link's code it is, to the first who comes with it. */
  takeCode(code: string): Promise<KeyHolder | undefined>;
}

/**
 * createConsoleSessions keeps hashes of secrets only, in Redis: any admin process knows a session that another began.
 */
export function createConsoleSessions(deps: Deps): ConsoleSessions {
  const { sessions } = deps;
  return {
    async start({ actor, key }) {
      const { id, token, hash } = createToken("bs");
      const { expiresAt } = await sessions.keep({ id, hash }, { ...key, idleMs: IDLE_MS, longestMs: MAX_SESSION_MS });
      const keyEndsAt = (await holderOf(key, deps))?.keyEndsAt ?? expiresAt;
      return { token, actor, expiresAt: Math.min(expiresAt, keyEndsAt) };
    },

    async find(token) {
      const secret = secretOf(token, "bs");
      if (secret === undefined) return undefined;
      const found = await sessions.use(secret, IDLE_MS);
      if (found === undefined) return undefined;
      const holder = await holderOf(found, deps);
      if (holder !== undefined) return { actor: holder.actor, expiresAt: Math.min(found.expiresAt, holder.keyEndsAt) };
      await sessions.drop(secret);
      return undefined;
    },

    async end(token) {
      const secret = secretOf(token, "bs");
      if (secret !== undefined) await sessions.drop(secret);
    },

    async createCode({ key }) {
      const { id, token, hash } = createToken("bc");
      const { expiresAt } = await sessions.keep({ id, hash }, { ...key, idleMs: LINK_MS, longestMs: LINK_MS });
      return { code: token, expiresAt };
    },

    async takeCode(code) {
      const secret = secretOf(code, "bc");
      const key = secret && (await sessions.take(secret));
      const holder = key && (await holderOf(key, deps));
      return holder && { actor: holder.actor, key };
    },
  };
}

function secretOf(token: string, prefix: TokenPrefix) {
  const named = parseToken(token);
  return named?.prefix === prefix ? { id: named.id, hash: hashToken(token) } : undefined;
}

/** holderOf gives a session's operator as the key is now; undefined where the key is revoked, expired or another. */
async function holderOf({ keyId, keyHash }: SessionKey, { firstKey, findKey, now }: Deps) {
  if (keyId === FIRST_KEY.id)
    return keyHash === hashToken(firstKey) ? { actor: FIRST_KEY, keyEndsAt: Number.POSITIVE_INFINITY } : undefined;
  const key = await findKey(keyId);
  if (key === undefined || key.hash !== keyHash) return undefined;
  const keyEndsAt = key.expiresAt ?? Number.POSITIVE_INFINITY;
  if (keyEndsAt <= now()) return undefined;
  const actor: Actor = { id: key.id, name: key.name, role: key.role };
  return { actor, keyEndsAt };
}
