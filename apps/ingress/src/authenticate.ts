/** Authentication: which connector a request speaks for. */
import { Refusal } from "@baton/domain";
import type { StoredConnector } from "@baton/store";
import type { IdentifyToken } from "./identify-token.ts";
import type { RefuseToken } from "./wrong-token.ts";

interface Deps {
  readonly identify: IdentifyToken;
  readonly refuseToken: RefuseToken;
}

/** Login is what somebody came with. */
export interface Login {
  readonly authorization: string | undefined;
  /** The client's IP address. */
  readonly address: () => string;
  /** When they must have heard, as attentionNow() counts. */
  readonly answerBy: number;
}

/**
 * Authenticate throws NoAnswer at `answerBy`, and Refusal `unauthenticated`, `too-many-requests` or
 * `connector-disabled`.
 */
export type Authenticate = (login: Login) => Promise<StoredConnector>;

/** createAuthenticate checks connector tokens. An unknown, a wrong and an expired token are told alike. */
export function createAuthenticate({ identify, refuseToken }: Deps): Authenticate {
  return async ({ authorization, address, answerBy }) => {
    const [, token = ""] = /^Bearer +(\S+) *$/i.exec(authorization ?? "") ?? [];
    const connector = await identify({ token, prefix: "bt", answerBy });
    if (connector === undefined)
      throw refuseToken({ token, address, wanted: "send a valid connector token as Authorization: Bearer bt_…" });
    if (!connector.connector.enabled)
      throw new Refusal("connector-disabled", "this connector is disabled; an administrator can enable it");
    return connector;
  };
}
