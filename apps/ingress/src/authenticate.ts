/** Authentication: which connector a request speaks for. */
import { Refusal } from "@baton/domain";
import type { StoredConnector } from "@baton/store";
import type { IdentifyToken } from "./identify-token.ts";

interface Deps {
  readonly identify: IdentifyToken;
}

/** Authenticate reads an `Authorization` header; throws NoAnswer at `answerBy` (as performance.now() counts), and Refusal `unauthenticated` or `connector-disabled`. */
export type Authenticate = (authorization: string | undefined, answerBy: number) => Promise<StoredConnector>;

/** createAuthenticate checks connector tokens. An unknown, a wrong and an expired token are told alike. */
export function createAuthenticate({ identify }: Deps): Authenticate {
  return async (authorization, answerBy) => {
    const [, token = ""] = /^Bearer +(\S+) *$/i.exec(authorization ?? "") ?? [];
    const connector = await identify({ token, prefix: "bt", answerBy });
    if (connector === undefined) throw new Refusal("unauthenticated", "send a valid connector token as Authorization: Bearer bt_…");
    if (!connector.connector.enabled) throw new Refusal("connector-disabled", "this connector is disabled; an administrator can enable it");
    return connector;
  };
}
