/** Connector tokens and screen-pop keys: issue, list, revoke. Only a hash is kept; the secret is shown once. */
import type { Page } from "@baton/api";
import type { ListedToken, TokenIssue, TokenKind } from "@baton/registry/connector-token-store";
import { createToken, type TokenPrefix } from "@baton/vault";
import { type Cursor, compareNewestFirst, cutPageFromSortedItems } from "./cursor-pagination.ts";
import { notFoundRefusal } from "./shared-refusals.ts";

interface IssueDeps {
  readonly connectors: { issueToken(token: TokenIssue): Promise<{ createdAt: number } | undefined> };
}

/** IssuedToken holds the whole token, this once. `createdAt` is epoch milliseconds. */
interface IssuedToken {
  readonly id: string;
  readonly token: string;
  readonly createdAt: number;
}

const PREFIX: Readonly<Record<TokenKind, TokenPrefix>> = { tokens: "bt", "screen-pop-keys": "bk" };

/** IssueToken throws Refusal `not-found`. With `overlapMs` the connector's older ones of that kind end after it. */
export type IssueToken = (
  connectorId: string,
  options: { readonly kind: TokenKind; readonly overlapMs?: number | undefined },
) => Promise<IssuedToken>;

/** createIssueToken makes the secret here, and hands on its hash alone. */
export function createIssueToken({ connectors }: IssueDeps): IssueToken {
  return async (connectorId, { kind, overlapMs }) => {
    const { id, token, hash } = createToken(PREFIX[kind]);
    const overlap = overlapMs === undefined ? {} : { overlapMs };
    const issued = await connectors.issueToken({ connectorId, kind, tokenId: id, hash, ...overlap });
    if (issued === undefined) throw notFoundRefusal("connector", connectorId);
    return { id, token, createdAt: issued.createdAt };
  };
}

interface ListDeps {
  readonly connectors: { tokens(connectorId: string, kind: TokenKind): Promise<readonly ListedToken[] | undefined> };
}

interface TokenQuery {
  readonly kind: TokenKind;
  readonly cursor?: string;
  readonly limit: number;
}

/** ListTokens gives a page, the newest first; throws Refusal `not-found`. */
export type ListTokens = (connectorId: string, query: TokenQuery) => Promise<Page<ListedToken>>;

/** createListTokens reads them all: a connector has a handful. */
export function createListTokens({ connectors }: ListDeps): ListTokens {
  return async (connectorId, { kind, ...page }) => {
    const tokens = await connectors.tokens(connectorId, kind);
    if (tokens === undefined) throw notFoundRefusal("connector", connectorId);
    const all = tokens.toSorted((a, b) => compareNewestFirst(cursorOf(a), cursorOf(b)));
    return cutPageFromSortedItems(all, { list: `${kind} ${connectorId}`, cursorOf, compare: compareNewestFirst }, page);
  };
}

function cursorOf({ id, createdAt }: ListedToken): Cursor {
  return { score: createdAt, member: id };
}

interface RevokeDeps {
  readonly connectors: { revokeToken(connectorId: string, kind: TokenKind, tokenId: string): Promise<boolean> };
}

/** RevokeToken throws Refusal `not-found`, also for a token of another connector or of the other kind. */
export type RevokeToken = (connectorId: string, kind: TokenKind, tokenId: string) => Promise<void>;

/** createRevokeToken says which kind of thing it did not find. */
export function createRevokeToken({ connectors }: RevokeDeps): RevokeToken {
  return async (connectorId, kind, tokenId) => {
    if (await connectors.revokeToken(connectorId, kind, tokenId)) return;
    throw notFoundRefusal(kind === "tokens" ? "token" : "screen-pop key", tokenId);
  };
}
