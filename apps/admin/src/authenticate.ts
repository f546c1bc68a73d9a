/** Authentication: who asks, and with which role. */
import { Refusal, type Role } from "@baton/domain";
import type { NewAdminKey } from "@baton/store";
import { hashToken, matches, parseToken } from "@baton/vault";

/** Actor is whoever holds an admin key; `id` names the key, in log and audit too. */
export interface Actor {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
}

/** Login is what somebody came with. */
export interface Login {
  readonly authorization: string | undefined;
}

/** Authenticate throws Refusal `unauthenticated`: an unknown, a wrong, an expired and a revoked key are told alike. */
export type Authenticate = (login: Login) => Promise<Actor>;

interface Deps {
  /** BATON_ADMIN_KEY: it works while Redis is away, and cannot be taken away. */
  readonly firstKey: string;
  readonly findKey: (id: string) => Promise<NewAdminKey | undefined>;
  /** Hears of each key that was good. */
  readonly uses: { note(id: string): void };
  /** Epoch milliseconds on Redis's clock. */
  readonly now: () => number;
}

/** FIRST_KEY is the name of the key from the environment: it has no id of its own. */
export const FIRST_KEY: Actor = { id: "BATON_ADMIN_KEY", name: "BATON_ADMIN_KEY", role: "admin" };

/** createAuthenticate compares hashes, in a time that does not depend on where they differ. */
export function createAuthenticate(deps: Deps): Authenticate {
  const firstHash = hashToken(deps.firstKey);
  return async ({ authorization }) => {
    const [, key = ""] = /^Bearer +(\S+) *$/i.exec(authorization ?? "") ?? [];
    const actor = matches(key, firstHash) ? FIRST_KEY : await identify(key, deps);
    if (actor !== undefined) return actor;
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
