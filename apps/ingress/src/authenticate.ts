/** Authentication: which connector a request speaks for. */
import { Refusal } from "@baton/domain";
import type { StoredConnector, StoredToken } from "@baton/store";
import { matches, parseToken } from "@baton/vault";
import { inTime } from "./in-time.ts";

interface Deps {
  readonly directory: {
    token(tokenId: string): Promise<StoredToken | undefined>;
    connector(id: string): Promise<StoredConnector | undefined>;
  };
  /** Epoch milliseconds on Redis's clock. */
  readonly now: () => number;
}

/** Authenticate reads an `Authorization` header; throws NoAnswer at `answerBy` (as performance.now() counts), and Refusal `unauthenticated` or `connector-disabled`. */
export type Authenticate = (authorization: string | undefined, answerBy: number) => Promise<StoredConnector>;

/** createAuthenticate checks connector tokens. An unknown, a wrong and an expired token are told alike. */
export function createAuthenticate({ directory, now }: Deps): Authenticate {
  return async (authorization, answerBy) => {
    const [, token = ""] = /^Bearer +(\S+) *$/i.exec(authorization ?? "") ?? [];
    const named = parseToken(token);
    if (named?.prefix !== "bt") throw unauthenticated();
    const stored = await inTime(directory.token(named.id), answerBy);
    if (stored === undefined || !matches(token, stored.hash)) throw unauthenticated();
    if (stored.expiresAt !== undefined && stored.expiresAt <= now()) throw unauthenticated();
    const connector = await inTime(directory.connector(stored.connectorId), answerBy);
    if (connector === undefined) throw unauthenticated();
    if (!connector.connector.enabled) throw new Refusal("connector-disabled", "this connector is disabled; an administrator can enable it");
    return connector;
  };
}

function unauthenticated(): Refusal {
  return new Refusal("unauthenticated", "send a valid connector token as Authorization: Bearer bt_…");
}
