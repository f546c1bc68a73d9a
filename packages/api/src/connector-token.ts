/**
 * Connector tokens, which a project's handoffs and calls carry, and screen-pop keys, which read its handoff state. The
 * secret is shown once.
 */
import { z } from "zod";
import { instantSchema, pickFormattedInstants } from "./instant-schemas-and-formatting.ts";
import { namedPageSchemaOf } from "./list-page.ts";
import { pickMembers } from "./pick-members.ts";
import { strictObject } from "./strict-object.ts";

/** MAX_OVERLAP_MS: 30 days, one change of credentials a month. */
const MAX_OVERLAP_MS = 30 * 86_400_000;

/** tokenBodySchema is the body of `POST /admin/v1/connectors/{id}/tokens` and `…/screen-pop-keys`; it may be absent. */
export const tokenBodySchema = strictObject({
  overlapMs: z
    .int()
    .min(0)
    .max(MAX_OVERLAP_MS)
    .exactOptional()
    .meta({
      description:
        "The connector's older ones of this kind expire after this time; 0 ends them at once. Absent: they stay valid until deleted.",
      examples: [3_600_000],
    }),
})
  .prefault({})
  .meta({ id: "NewToken", description: "How the new token takes over from the older ones." });
export type TokenBody = z.output<typeof tokenBodySchema>;

/** createdTokenSchema shows a new token, this once. */
export const createdTokenSchema = z
  .object({
    id: z.string(),
    token: z.string().meta({ description: "The whole token. It is not kept and cannot be shown again." }),
    createdAt: instantSchema,
  })
  .meta({ id: "CreatedToken", description: "A new connector token or screen-pop key." });
export type CreatedToken = z.output<typeof createdTokenSchema>;

/** TokenEntry is what is known of a token besides its secret; instants are epoch milliseconds. */
interface TokenEntry {
  readonly id: string;
  readonly createdAt: number;
  readonly lastUsedAt?: number;
  readonly expiresAt?: number;
}

/** tokenSchema is a token in a list. */
const tokenSchema = z
  .object({
    id: z.string(),
    createdAt: instantSchema,
    lastUsedAt: instantSchema.exactOptional().meta({ description: "About: it lags by a minute at most." }),
    expiresAt: instantSchema.exactOptional(),
  })
  .meta({ id: "Token", description: "A connector token or screen-pop key; its secret is never shown again." });
export type TokenJson = z.output<typeof tokenSchema>;

/** tokenListSchema is a page of tokens. */
export const tokenListSchema = namedPageSchemaOf(tokenSchema, "TokenList");

/** tokenToJson writes a token for a list. */
export function tokenToJson(entry: TokenEntry): TokenJson {
  return { ...pickMembers(entry, ["id"]), ...pickFormattedInstants(entry, ["createdAt", "lastUsedAt", "expiresAt"]) };
}
