/** Revoking a connector token or a screen-pop key: at once here, within 2 s everywhere. */
import type { TokenKind } from "@baton/store";
import { notFound } from "./not-found.ts";

interface Deps {
  readonly connectors: { revokeToken(connectorId: string, kind: TokenKind, tokenId: string): Promise<boolean> };
}

/** RevokeToken throws Refusal `not-found`, also for a token of another connector or of the other kind. */
export type RevokeToken = (connectorId: string, kind: TokenKind, tokenId: string) => Promise<void>;

export function createRevokeToken({ connectors }: Deps): RevokeToken {
  return async (connectorId, kind, tokenId) => {
    if (await connectors.revokeToken(connectorId, kind, tokenId)) return;
    throw notFound(kind === "tokens" ? "token" : "screen-pop key", tokenId);
  };
}
