/** Authentication: which connector a token or screen-pop key belongs to, and what is said of a wrong one. */
import { Refusal } from "@baton/domain";
import { type MaybePromise, mapMaybePromise } from "@baton/registry/connector-cache";
import type { StoredConnector } from "@baton/registry/connector-store";
import type { StoredToken } from "@baton/registry/connector-token-store";
import { type LoginLimit, networkPrefixOf } from "@baton/runtime";
import { matchesHash, parseToken, type TokenPrefix } from "@baton/vault";
import { withAnswerDeadline } from "./request-answer-deadline.ts";

interface AuthenticateDeps {
  readonly findConnectorByToken: FindConnectorByToken;
  readonly refuseWrongToken: RefuseWrongToken;
}

/** Login is a request's token and address. */
export interface Login {
  readonly authorization: string | undefined;
  /** The client's IP address. */
  readonly address: () => string;
  /** When the request must be answered, as nowWithoutEventLoopLag() counts. */
  readonly answerBy: number;
}

/**
 * Authenticate throws CommandTimeout at `answerBy`, and Refusal `unauthenticated`, `too-many-requests` or
 * `connector-disabled`.
 */
export type Authenticate = (login: Login) => MaybePromise<StoredConnector>;

/** createAuthenticate checks connector tokens. An unknown, a wrong and an expired token get the same answer. */
export function createAuthenticate({ findConnectorByToken, refuseWrongToken }: AuthenticateDeps): Authenticate {
  return ({ authorization, address, answerBy }) => {
    const [, token = ""] = /^Bearer +(\S+) *$/i.exec(authorization ?? "") ?? [];
    return mapMaybePromise(findConnectorByToken({ token, prefix: "bt", answerBy }), (connector) => {
      if (connector === undefined)
        throw refuseWrongToken({
          token,
          address,
          wanted: "send a valid connector token as Authorization: Bearer bt_…",
        });
      if (!connector.connector.enabled) throw connectorDisabledRefusal();
      return connector;
    });
  };
}

/** connectorDisabledRefusal refuses whatever is asked in the name of a connector that is disabled. */
export function connectorDisabledRefusal(): Refusal {
  return new Refusal("connector-disabled", "this connector is disabled; an administrator can enable it");
}

interface IdentifyDeps {
  readonly connectorCache: {
    token(tokenId: string): MaybePromise<StoredToken | undefined>;
    connector(id: string): MaybePromise<StoredConnector | undefined>;
  };
  /** Called with each good token. */
  readonly uses: { note(tokenId: string): void };
  /** Throws UnknownShard where the connector lies in a shard that this process does not know. */
  readonly requireShard: (connectorId: string) => void;
  /** Epoch milliseconds on Redis's clock. */
  readonly now: () => number;
}

/**
 * PresentedToken is a token as it was sent, for what it should be, and when the request must be answered (as
 * nowWithoutEventLoopLag() counts).
 */
export interface PresentedToken {
  readonly token: string;
  readonly prefix: TokenPrefix;
  readonly answerBy: number;
}

/**
 * FindConnectorByToken gives undefined alike for an unknown, a wrong, an expired and a revoked token; throws
 * CommandTimeout at `answerBy`, and UnknownShard.
 */
export type FindConnectorByToken = (presented: PresentedToken) => MaybePromise<StoredConnector | undefined>;

/** createFindConnectorByToken compares hashes, in a time that does not depend on where they differ. */
export function createFindConnectorByToken({
  connectorCache,
  uses,
  requireShard,
  now,
}: IdentifyDeps): FindConnectorByToken {
  return ({ token, prefix, answerBy }) => {
    const named = parseToken(token);
    if (named?.prefix !== prefix) return undefined;
    return mapMaybePromise(withAnswerDeadline(connectorCache.token(named.id), answerBy), (stored) => {
      if (stored === undefined || !matchesHash(token, stored.hash)) return undefined;
      if (stored.expiresAt !== undefined && stored.expiresAt <= now()) return undefined;
      const found = withAnswerDeadline(connectorCache.connector(stored.connectorId), answerBy);
      return mapMaybePromise(found, (connector) => {
        if (connector === undefined) return undefined;
        requireShard(stored.connectorId);
        uses.note(named.id);
        return connector;
      });
    });
  };
}

/** WrongToken is a token that was refused. */
export interface WrongToken {
  readonly token: string;
  /** The client's IP address. */
  readonly address: () => string;
  /** What would be accepted. */
  readonly wanted: string;
}

/** RefuseWrongToken gives Refusal `unauthenticated` or throws `too-many-requests`. */
export type RefuseWrongToken = (wrong: WrongToken) => Refusal;

/**
 * createRefuseWrongToken counts by address and by the token's own id: many projects call from one address, and one that
 * goes on with a token that was revoked must not take the others' place. Right tokens are never counted and never
 * refused: 256 bits cannot be guessed.
 */
export function createRefuseWrongToken(limit: LoginLimit): RefuseWrongToken {
  return ({ token, address, wanted }) => {
    if (token !== "") {
      const who = `${networkPrefixOf(address())} ${parseToken(token)?.id ?? ""}`;
      limit.admit(who);
      limit.recordFailure(who);
    }
    return new Refusal("unauthenticated", wanted);
  };
}
