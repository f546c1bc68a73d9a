/** Authentication: who asks, and with which role. */
import { Refusal, type Role } from "@baton/domain";
import type { NewAdminKey } from "@baton/registry/admin-key-store";
import { type LoginLimit, networkPrefixOf } from "@baton/runtime";
import { hashToken, matchesHash, parseToken } from "@baton/vault";

/** Actor is the holder of an admin key; `id` names the key, in log and audit too. */
export interface Actor {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
}

/** Login is the key or session of a request, and its IP address. Where both are given, the key counts. */
export interface Login {
  readonly authorization: string | undefined;
  /** The console's cookie. */
  readonly session?: string | undefined;
  readonly address: string;
}

/**
 * Authenticate throws Refusal `unauthenticated` for an unknown, a wrong, an expired and a revoked key or session alike,
 * and `too-many-requests`.
 */
export type Authenticate = (login: Login) => Promise<Actor>;

/** Identify gives whose secret it is; undefined for an unknown one. */
export type Identify = (secret: string) => Promise<Actor | undefined>;

interface KeyDeps {
  /** BATON_ADMIN_KEY: it works while Redis is away, and cannot be taken away. */
  readonly firstKey: string;
  readonly findKey: (id: string) => Promise<NewAdminKey | undefined>;
  /** Called with the id of each good key. */
  readonly uses: { note(id: string): void };
  /** Epoch milliseconds on Redis's clock. */
  readonly now: () => number;
}

interface Deps {
  readonly identifyKey: Identify;
  readonly identifySession: Identify;
  readonly limit: LoginLimit;
}

/** FIRST_KEY is the name of the key from the environment: it has no id of its own. */
export const FIRST_KEY: Actor = { id: "BATON_ADMIN_KEY", name: "BATON_ADMIN_KEY", role: "admin" };

/** MAX_KNOWN_LOGINS logins are remembered: more than operators have keys and addresses. */
const MAX_KNOWN_LOGINS = 1_000;

const NO_KEY = "send a valid admin key as Authorization: Bearer ba_…";
const NO_SESSION = "the session is over, or was none; sign in again";

/**
 * createAuthenticate lets in the holder of a key or of a session.
 *
 * After too many wrong ones from a network, none from there is checked any more: BATON_ADMIN_KEY may be one that a
 * person thought up. Only those that were right from there before still are, so that no guesser shuts out a colleague.
 * Sessions are counted apart from keys, so that a console whose session is over does not lock its operator out.
 */
export function createAuthenticate({ identifyKey, identifySession, limit }: Deps): Authenticate {
  const knownLogins = createKnownLogins();

  return async ({ authorization, session, address }) => {
    const [, key = ""] = /^Bearer +(\S+) *$/i.exec(authorization ?? "") ?? [];
    const bySession = authorization === undefined && session !== undefined;
    const secret = bySession ? session : key;
    const refuse = () => new Refusal("unauthenticated", bySession ? NO_SESSION : NO_KEY);
    if (secret === "") throw refuse();
    const who = bySession ? `session ${networkPrefixOf(address)}` : networkPrefixOf(address);
    const login = `${who} ${hashToken(secret)}`;
    if (!knownLogins.has(login)) limit.admit(who);
    const actor = await (bySession ? identifySession : identifyKey)(secret);
    if (actor !== undefined) {
      knownLogins.add(login);
      return actor;
    }
    knownLogins.delete(login);
    limit.recordFailure(who);
    throw refuse();
  };
}

/** createKnownLogins remembers the logins that were right, the latest of them. */
function createKnownLogins(): Pick<Set<string>, "has" | "delete"> & { add(login: string): void } {
  const logins = new Set<string>();
  return {
    has: (login) => logins.has(login),
    delete: (login) => logins.delete(login),
    add(login) {
      if (logins.has(login)) return;
      for (const oldest of logins) {
        if (logins.size < MAX_KNOWN_LOGINS) break;
        logins.delete(oldest);
      }
      logins.add(login);
    },
  };
}

/** createIdentifyAdminKey compares hashes, in a time that does not depend on where they differ. */
export function createIdentifyAdminKey({ firstKey, findKey, uses, now }: KeyDeps): Identify {
  const firstHash = hashToken(firstKey);
  return async (key) => {
    if (matchesHash(key, firstHash)) return FIRST_KEY;
    const named = parseToken(key);
    if (named?.prefix !== "ba") return undefined;
    const stored = await findKey(named.id);
    if (stored === undefined || !matchesHash(key, stored.hash)) return undefined;
    if (stored.expiresAt !== undefined && stored.expiresAt <= now()) return undefined;
    uses.note(stored.id);
    return { id: stored.id, name: stored.name, role: stored.role };
  };
}
