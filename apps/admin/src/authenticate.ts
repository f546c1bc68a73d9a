/** Authentication: who asks, and with which role. */
import { Refusal, type Role } from "@baton/domain";
import type { NewAdminKey } from "@baton/registry/admin-keys";
import { type LoginLimit, networkOf } from "@baton/runtime";
import { hashToken, matches, parseToken } from "@baton/vault";

/** Actor is whoever holds an admin key; `id` names the key, in log and audit too. */
export interface Actor {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
}

/** Login is what somebody came with, and from which IP address. */
export interface Login {
  readonly authorization: string | undefined;
  readonly address: string;
}

/**
 * Authenticate throws Refusal `unauthenticated` for an unknown, a wrong, an expired and a revoked key alike, and
 * `too-many-requests`.
 */
export type Authenticate = (login: Login) => Promise<Actor>;

interface Deps {
  /** BATON_ADMIN_KEY: it works while Redis is away, and cannot be taken away. */
  readonly firstKey: string;
  readonly findKey: (id: string) => Promise<NewAdminKey | undefined>;
  /** Hears of each key that was good. */
  readonly uses: { note(id: string): void };
  readonly limit: LoginLimit;
  /** Epoch milliseconds on Redis's clock. */
  readonly now: () => number;
}

/** FIRST_KEY is the name of the key from the environment: it has no id of its own. */
export const FIRST_KEY: Actor = { id: "BATON_ADMIN_KEY", name: "BATON_ADMIN_KEY", role: "admin" };

/** MOST_WELCOME logins are remembered: more than operators have keys and addresses. */
const MOST_WELCOME = 1_000;

/**
 * createAuthenticate compares hashes, in a time that does not depend on where they differ.
 *
 * Too many wrong keys from a network, and none from there is looked at any more: BATON_ADMIN_KEY may be one that a
 * person thought up. Only keys that were right from there before still are: nobody shuts out a colleague who is at
 * work.
 */
export function createAuthenticate(deps: Deps): Authenticate {
  const firstHash = hashToken(deps.firstKey);
  const welcome = new Set<string>();

  function remember(login: string): void {
    if (welcome.has(login)) return;
    for (const oldest of welcome) {
      if (welcome.size < MOST_WELCOME) break;
      welcome.delete(oldest);
    }
    welcome.add(login);
  }

  return async ({ authorization, address }) => {
    const [, key = ""] = /^Bearer +(\S+) *$/i.exec(authorization ?? "") ?? [];
    const network = networkOf(address);
    const login = `${network} ${hashToken(key)}`;
    if (key !== "" && !welcome.has(login)) deps.limit.admit(network);
    const actor = matches(key, firstHash) ? FIRST_KEY : await identify(key, deps);
    if (actor !== undefined) {
      remember(login);
      return actor;
    }
    welcome.delete(login);
    if (key !== "") deps.limit.failed(network);
    throw new Refusal("unauthenticated", "send a valid admin key as Authorization: Bearer ba_…");
  };
}

async function identify(key: string, { findKey, uses, now }: Deps): Promise<Actor | undefined> {
  const named = parseToken(key);
  if (named?.prefix !== "ba") return undefined;
  const stored = await findKey(named.id);
  if (stored === undefined || !matches(key, stored.hash)) return undefined;
  if (stored.expiresAt !== undefined && stored.expiresAt <= now()) return undefined;
  uses.note(stored.id);
  return { id: stored.id, name: stored.name, role: stored.role };
}
