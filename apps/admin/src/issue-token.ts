/** Issuing a connector token or a screen-pop key: only its hash is kept, the secret is shown once. */
import type { TokenIssue, TokenKind } from "@baton/store";
import { createToken, type TokenPrefix } from "@baton/vault";
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

const PREFIX: Readonly<Record<TokenKind, TokenPrefix>> = { tokens: "bt", "screen-pop-keys": "bk" };

/** IssueToken throws Refusal `not-found`. With `overlapMs` the connector's older ones of that kind end after it. */
export type IssueToken = (
  connectorId: string,
  options: { readonly kind: TokenKind; readonly overlapMs?: number | undefined },
) => Promise<IssuedToken>;

/** createIssueToken makes the secret here, and hands on its hash alone. */
export function createIssueToken({ connectors }: Deps): IssueToken {
  return async (connectorId, { kind, overlapMs }) => {
    const { id, token, hash } = createToken(PREFIX[kind]);
    const overlap = overlapMs === undefined ? {} : { overlapMs };
    const issued = await connectors.issueToken({ connectorId, kind, tokenId: id, hash, ...overlap });
    if (issued === undefined) throw notFound("connector", connectorId);
    return { id, token, createdAt: issued.createdAt };
  };
}
