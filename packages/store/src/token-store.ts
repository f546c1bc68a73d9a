/** The registry's tokens: what speaks for a connector, and what reads its project's handoff state. */
import { registryTag } from "./keys.ts";
import type { RedisConnection } from "./redis.ts";
import { createScript, instant, list, number, type Reply, text } from "./script.ts";

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

/** TokenIssue: `overlapMs` is how long the connector's older ones of that kind still work; absent, they stay as they are. */
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
  const issue = createScript<object>("token-issue");
  const listAll = createScript<object>("token-list");
  const revoke = createScript<object>("token-revoke");
  const fetch = createScript<object>("registry-get");

  return {
    /** issueToken keeps a new token's hash; undefined where the connector does not exist. */
    async issueToken(token: TokenIssue): Promise<{ createdAt: number } | undefined> {
      const reply = await issue(redis, tag, { kind: "tokens", ...token, forgetMs: FORGET_MS });
      return text(reply, 0) === "issued" ? { createdAt: number(reply, 1) } : undefined;
    },

    /** token finds a token by its id. */
    async token(tokenId: string): Promise<StoredToken | undefined> {
      const reply = await fetch(redis, tag, { hash: `:token:${tokenId}`, fields: ["connectorId", "hash", "createdAt", "expiresAt"] });
      if (text(reply, 0) === "") return undefined;
      return { connectorId: text(reply, 0), hash: text(reply, 1), createdAt: number(reply, 2), ...instant(reply, 3, "expiresAt") };
    },

    /** tokens lists a connector's, in no order; undefined where the connector does not exist. */
    async tokens(connectorId: string, kind: TokenKind): Promise<readonly ListedToken[] | undefined> {
      const reply = await listAll(redis, tag, { connectorId, kind });
      if (text(reply, 0) !== "found") return undefined;
      const flat = list(reply, 1);
      return Array.from({ length: flat.length / 4 }, (_, row) => readListed(flat.slice(row * 4, row * 4 + 4)));
    },

    /** revokeToken ends a token at once; false where the connector has none of that kind and id. */
    async revokeToken(connectorId: string, kind: TokenKind, tokenId: string): Promise<boolean> {
      return text(await revoke(redis, tag, { connectorId, kind, tokenId }), 0) === "revoked";
    },
  };
}

function readListed(row: readonly Reply[]): ListedToken {
  return { id: text(row, 0), createdAt: number(row, 1), ...instant(row, 2, "lastUsedAt"), ...instant(row, 3, "expiresAt") };
}
