/** Authentication: who asks, and with which role. */
import { Refusal } from "@baton/domain";
import { hashToken, matches } from "@baton/vault";
import type { Role } from "./roles.ts";

/** Actor is whoever holds an admin key; `id` names the key, in the log too. */
interface Actor {
  readonly id: string;
  readonly role: Role;
}

/** Authenticate reads an `Authorization` header; throws Refusal `unauthenticated`. */
export type Authenticate = (authorization: string | undefined) => Promise<Actor>;

/** FIRST_KEY is the name of the key from the environment: it has no id of its own. */
const FIRST_KEY: Actor = { id: "BATON_ADMIN_KEY", role: "admin" };

/** createAuthenticate knows the first admin key. Compared are hashes, in a time that does not depend on where they differ. */
export function createAuthenticate({ firstKey }: { readonly firstKey: string }): Authenticate {
  const hash = hashToken(firstKey);
  return async (authorization) => {
    const [, key = ""] = /^Bearer +(\S+) *$/i.exec(authorization ?? "") ?? [];
    if (matches(key, hash)) return FIRST_KEY;
    throw new Refusal("unauthenticated", "send a valid admin key as Authorization: Bearer ba_…");
  };
}
