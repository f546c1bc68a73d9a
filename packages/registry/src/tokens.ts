/** The registry's tokens: those of connectors, and the keys that read their projects' handoff state. */

import type { RedisConnection } from "@baton/redis/connection";
import { createScript, type Reply, readInstant, readList, readNumber, readText } from "@baton/redis/script";
import { registryTag } from "@baton/redis/shards";

/** FORGET_MS: for so long a token that has ended is still listed. A day, milliseconds. */
const FORGET_MS = 86_400_000;

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

/** createTokenStore gives the tokens of all connectors. Throws when Redis cannot be reached. */
export function createTokenStore(redis: RedisConnection, namespace: string) {
  const tag = registryTag(namespace);
  const issue = createScript<object>(import.meta, "key-issue");
  const listAll = createScript<object>(import.meta, "key-list");
  const revoke = createScript<object>(import.meta, "key-revoke");
  const fetch = createScript<object>(import.meta, "registry-get");

  return {
    /** issueToken keeps a new token's hash; undefined where the connector does not exist. */
    async issueToken({
      connectorId,
      kind = "tokens",
      tokenId,
      hash,
      overlapMs,
    }: TokenIssue): Promise<{ createdAt: number } | undefined> {
      const order = {
        ...placeOf(connectorId, kind),
        id: tokenId,
        fields: { connectorId, hash },
        overlapMs,
        forgetMs: FORGET_MS,
      };
      const reply = await issue(redis, tag, order);
      return readText(reply, 0) === "issued" ? { createdAt: readNumber(reply, 1) } : undefined;
    },

    /** token finds a token by its id. */
    async token(tokenId: string): Promise<StoredToken | undefined> {
      const reply = await fetch(redis, tag, {
        hash: `:token:${tokenId}`,
        fields: ["connectorId", "hash", "createdAt", "expiresAt"],
      });
      if (readText(reply, 0) === "") return undefined;
      return {
        connectorId: readText(reply, 0),
        hash: readText(reply, 1),
        createdAt: readNumber(reply, 2),
        ...readInstant(reply, 3, "expiresAt"),
      };
    },

    /** tokens lists a connector's, in no order; undefined where the connector does not exist. */
    async tokens(connectorId: string, kind: TokenKind): Promise<readonly ListedToken[] | undefined> {
      const reply = await listAll(redis, tag, {
        ...placeOf(connectorId, kind),
        fields: ["createdAt", "lastUsedAt", "expiresAt"],
      });
      if (readText(reply, 0) !== "found") return undefined;
      return readList(reply, 1).map((row) => readListed(Array.isArray(row) ? row : []));
    },

    /** revokeToken ends a token at once; false where the connector has none of that kind and id. */
    async revokeToken(connectorId: string, kind: TokenKind, tokenId: string): Promise<boolean> {
      return readText(await revoke(redis, tag, { set: placeOf(connectorId, kind).set, id: tokenId }), 0) === "revoked";
    },
  };
}

/** placeOf: a connector's tokens of a kind lie in a set, for as long as the connector is there. */
function placeOf(connectorId: string, kind: TokenKind): { readonly set: string; readonly requires: string } {
  const set = `:tokens:${connectorId}${kind === "tokens" ? "" : ":screen-pop"}`;
  return { set, requires: `:cn:${connectorId}` };
}

function readListed(row: readonly Reply[]): ListedToken {
  return {
    id: readText(row, 0),
    createdAt: readNumber(row, 1),
    ...readInstant(row, 2, "lastUsedAt"),
    ...readInstant(row, 3, "expiresAt"),
  };
}
