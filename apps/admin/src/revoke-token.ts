/** Revoking a connector token or a screen-pop key: within 2 s no ingress takes it. */
import type { TokenKind } from "@baton/store";
import { notFound } from "./not-found.ts";

interface Deps {
  readonly connectors: { revokeToken(connectorId: string, kind: TokenKind, tokenId: string): Promise<boolean> };
}

/** RevokeToken throws Refusal `not-found`, also for a token of another connector or of the other kind. */
export type RevokeToken = (connectorId: string, kind: TokenKind, tokenId: string) => Promise<void>;

/** createRevokeToken says which kind of thing it did not find. */
export function createRevokeToken({ connectors }: Deps): RevokeToken {
  return async (connectorId, kind, tokenId) => {
    if (await connectors.revokeToken(connectorId, kind, tokenId)) return;
    throw notFound(kind === "tokens" ? "token" : "screen-pop key", tokenId);
  };
}
