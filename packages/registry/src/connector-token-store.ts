/** The registry's tokens: those of connectors, and the keys that read their projects' handoff state. */

import type { RedisConnection } from "@baton/redis/connection";
import {
  type Reply,
  readReplyInstantAsProperty,
  readReplyNumber,
  readReplyText,
  withCommandTimeout,
} from "@baton/redis/lua-script";
import { registryHashTag } from "@baton/redis/shards";
import { createTokenAndKeyStore } from "./token-and-key-store.ts";

/** TokenKind: `tokens` are connector tokens (`bt_…`), `screen-pop-keys` those of the agent's desktop (`bk_…`). */
export type TokenKind = "tokens" | "screen-pop-keys";

/** StoredToken is a token as it rests: its hash. Instants are epoch milliseconds. */
export interface StoredToken {
  readonly connectorId: string;
  readonly hash: string;
  readonly createdAt: number;
  readonly expiresAt?: number;
}

/** ListedToken is what is known of a token besides its hash; `lastUsedAt` lags by a minute at most. */
export interface ListedToken {
  readonly id: string;
  readonly createdAt: number;
  readonly lastUsedAt?: number;
  readonly expiresAt?: number;
}

/**
 * TokenIssue: `overlapMs` is how long the connector's older ones of that kind still work; absent, they stay as they
 * are.
 */
export interface TokenIssue {
  readonly connectorId: string;
  /** `tokens` unless said. */
  readonly kind?: TokenKind;
  readonly tokenId: string;
  readonly hash: string;
  readonly overlapMs?: number;
}

/** createConnectorTokenStore gives the tokens of all connectors. Throws when Redis cannot be reached. */
export function createConnectorTokenStore(redis: RedisConnection, namespace: string) {
  const tag = registryHashTag(namespace);
  const keys = createTokenAndKeyStore(redis, tag);

  return {
    /** issueToken keeps a new token's hash; undefined where the connector does not exist. */
    async issueToken(issue: TokenIssue): Promise<{ readonly createdAt: number } | undefined> {
      const { connectorId, kind = "tokens", tokenId: id, hash, overlapMs } = issue;
      const requires = connectorKey(connectorId);
      return keys.issue(SETS[kind](connectorId), { id, fields: { connectorId, hash }, requires, overlapMs });
    },

    /** token finds a token by its id. */
    async token(tokenId: string): Promise<StoredToken | undefined> {
      const reply = await keys.read(tokenId, "connectorId", "hash", "createdAt", "expiresAt");
      if (readReplyText(reply, 0) === "") return undefined;
      return {
        connectorId: readReplyText(reply, 0),
        hash: readReplyText(reply, 1),
        createdAt: readReplyNumber(reply, 2),
        ...readReplyInstantAsProperty(reply, 3, "expiresAt"),
      };
    },

    /** tokens lists a connector's, in no order; undefined where the connector does not exist. */
    async tokens(connectorId: string, kind: TokenKind): Promise<readonly ListedToken[] | undefined> {
      if ((await withCommandTimeout(redis.exists(tag + connectorKey(connectorId)))) === 0) return undefined;
      return (await keys.list(SETS[kind](connectorId), "lastUsedAt", "expiresAt")).map(readListedToken);
    },

    /** revokeToken ends a token at once; false where the connector has none of that kind and id. */
    async revokeToken(connectorId: string, kind: TokenKind, tokenId: string): Promise<boolean> {
      return keys.revoke(SETS[kind](connectorId), tokenId);
    },
  };
}

/** SETS: a connector's tokens of a kind lie in a set, for as long as the connector is there. */
const SETS: Readonly<Record<TokenKind, (connectorId: string) => string>> = {
  tokens: (connectorId) => `:tokens:${connectorId}`,
  "screen-pop-keys": (connectorId) => `:tokens:${connectorId}:screen-pop`,
};

function connectorKey(connectorId: string): string {
  return `:cn:${connectorId}`;
}

function readListedToken(row: readonly Reply[]): ListedToken {
  return {
    id: readReplyText(row, 0),
    createdAt: readReplyNumber(row, 1),
    ...readReplyInstantAsProperty(row, 2, "lastUsedAt"),
    ...readReplyInstantAsProperty(row, 3, "expiresAt"),
  };
}
