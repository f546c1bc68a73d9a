/** Connector tokens and screen-pop keys: issue, list, revoke. Only a hash is kept; the secret is shown once. */
import type { Page } from "@baton/api";
import type { ConnectorStore } from "@baton/registry/connector-store";
import type { ListedToken, TokenKind } from "@baton/registry/connector-token-store";
import { createToken, type TokenPrefix } from "@baton/vault";
import { type Cursor, compareNewestFirst, type PageRequest, sortAndCutPage } from "./cursor-pagination.ts";
import { notFoundRefusal } from "./shared-refusals.ts";

interface Deps {
  readonly connectors: Pick<ConnectorStore, "issueToken" | "tokens" | "revokeToken">;
}

/** IssuedToken holds the whole token, this once. `createdAt` is epoch milliseconds. */
interface IssuedToken {
  readonly id: string;
  readonly token: string;
  readonly createdAt: number;
}

interface IssueOptions {
  readonly kind: TokenKind;
  readonly overlapMs?: number | undefined;
}

/** ConnectorTokenUseCases each throw Refusal `not-found`. */
export interface ConnectorTokenUseCases {
  /** With `overlapMs` the connector's older ones of that kind end after it. */
  issueToken(connectorId: string, options: IssueOptions): Promise<IssuedToken>;
  /** Gives a page, the newest first. */
  listTokens(connectorId: string, query: PageRequest & { readonly kind: TokenKind }): Promise<Page<ListedToken>>;
  /** A token of another connector, or of the other kind, is not found either. */
  revokeToken(connectorId: string, kind: TokenKind, tokenId: string): Promise<void>;
}

const PREFIX: Readonly<Record<TokenKind, TokenPrefix>> = { tokens: "bt", "screen-pop-keys": "bk" };

/** createConnectorTokenUseCases makes secrets here, and hands on their hashes alone. */
export function createConnectorTokenUseCases({ connectors }: Deps): ConnectorTokenUseCases {
  return {
    async issueToken(connectorId, { kind, overlapMs }) {
      const { id, token, hash } = createToken(PREFIX[kind]);
      const overlap = overlapMs === undefined ? {} : { overlapMs };
      const issued = await connectors.issueToken({ connectorId, kind, tokenId: id, hash, ...overlap });
      if (issued === undefined) throw notFoundRefusal("connector", connectorId);
      return { id, token, createdAt: issued.createdAt };
    },
    async listTokens(connectorId, { kind, ...page }) {
      // All are read: a connector has a handful.
      const tokens = await connectors.tokens(connectorId, kind);
      if (tokens === undefined) throw notFoundRefusal("connector", connectorId);
      return sortAndCutPage(tokens, { list: `${kind} ${connectorId}`, cursorOf, compare: compareNewestFirst }, page);
    },
    async revokeToken(connectorId, kind, tokenId) {
      if (await connectors.revokeToken(connectorId, kind, tokenId)) return;
      throw notFoundRefusal(kind === "tokens" ? "token" : "screen-pop key", tokenId);
    },
  };
}

function cursorOf({ id, createdAt }: ListedToken): Cursor {
  return { score: createdAt, member: id };
}
