/** A connector's tokens or screen-pop keys, page by page: never their secrets. */
import type { ListedToken, TokenKind } from "@baton/store";
import { notFound } from "./not-found.ts";
import { cutPage, newestFirst, type Position } from "./position.ts";

interface Deps {
  readonly connectors: { tokens(connectorId: string, kind: TokenKind): Promise<readonly ListedToken[] | undefined> };
}

interface TokenQuery {
  readonly kind: TokenKind;
  readonly cursor?: string;
  readonly limit: number;
}

/** ListTokens gives a page, the newest first; throws Refusal `not-found`. */
export type ListTokens = (
  connectorId: string,
  query: TokenQuery,
) => Promise<{ readonly items: readonly ListedToken[]; readonly next?: Position }>;

/** createListTokens reads them all: a connector has a handful. */
export function createListTokens({ connectors }: Deps): ListTokens {
  return async (connectorId, { kind, ...page }) => {
    const tokens = await connectors.tokens(connectorId, kind);
    if (tokens === undefined) throw notFound("connector", connectorId);
    const all = tokens.toSorted((a, b) => newestFirst(positionOf(a), positionOf(b)));
    return cutPage(all, { positionOf, compare: newestFirst }, page);
  };
}

function positionOf({ id, createdAt }: ListedToken): Position {
  return { score: createdAt, member: id };
}
