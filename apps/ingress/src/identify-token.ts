/** Whose token it is: connector tokens and screen-pop keys alike. */
import type { StoredConnector, StoredToken } from "@baton/store";
import { matches, parseToken, type TokenPrefix } from "@baton/vault";
import { inTime } from "./in-time.ts";

interface Deps {
  readonly directory: {
    token(tokenId: string): Promise<StoredToken | undefined>;
    connector(id: string): Promise<StoredConnector | undefined>;
  };
  /** Hears of each token that was good. */
  readonly uses: { note(tokenId: string): void };
  /** Epoch milliseconds on Redis's clock. */
  readonly now: () => number;
}

/**
 * Presented is a token as somebody sent it, for what it should be, and when they must have heard (as attentionNow()
 * counts).
 */
export interface Presented {
  readonly token: string;
  readonly prefix: TokenPrefix;
  readonly answerBy: number;
}

/**
 * IdentifyToken gives undefined alike for an unknown, a wrong, an expired and a revoked token; throws NoAnswer at
 * `answerBy`.
 */
export type IdentifyToken = (presented: Presented) => Promise<StoredConnector | undefined>;

/** createIdentifyToken compares hashes, in a time that does not depend on where they differ. */
export function createIdentifyToken({ directory, uses, now }: Deps): IdentifyToken {
  return async ({ token, prefix, answerBy }) => {
    const named = parseToken(token);
    if (named?.prefix !== prefix) return undefined;
    const stored = await inTime(directory.token(named.id), answerBy);
    if (stored === undefined || !matches(token, stored.hash)) return undefined;
    if (stored.expiresAt !== undefined && stored.expiresAt <= now()) return undefined;
    const connector = await inTime(directory.connector(stored.connectorId), answerBy);
    if (connector !== undefined) uses.note(named.id);
    return connector;
  };
}
