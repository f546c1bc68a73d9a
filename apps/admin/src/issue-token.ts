/** Issuing a connector token: only its hash is kept, the secret is shown once. */
import type { TokenIssue } from "@baton/store";
import { createToken } from "@baton/vault";
import { notFound } from "./not-found.ts";

interface Deps {
  readonly connectors: { issueToken(token: TokenIssue): Promise<{ createdAt: number } | undefined> };
}

/** IssuedToken holds the whole token, this once. `createdAt` is epoch milliseconds. */
interface IssuedToken {
  readonly id: string;
  readonly token: string;
  readonly createdAt: number;
}

/** IssueToken throws Refusal `not-found`. With `overlapMs` the connector's older tokens end after it. */
export type IssueToken = (connectorId: string, options: { readonly overlapMs?: number }) => Promise<IssuedToken>;

export function createIssueToken({ connectors }: Deps): IssueToken {
  return async (connectorId, options) => {
    const { id, token, hash } = createToken("bt");
    const issued = await connectors.issueToken({ connectorId, tokenId: id, hash, ...options });
    if (issued === undefined) throw notFound("connector", connectorId);
    return { id, token, createdAt: issued.createdAt };
  };
}
