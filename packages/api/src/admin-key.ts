/** Admin keys: what operators call the admin API with. The secret is shown once. */
import { type AdminKey, ROLES } from "@baton/domain";
import { z } from "zod";
import { createdTokenSchema } from "./connector-token.ts";
import { instantInputSchema, instantSchema, pickFormattedInstants } from "./instant-schemas-and-formatting.ts";
import { namedPageSchemaOf } from "./list-page.ts";
import { pickMembers } from "./pick-members.ts";
import { strictObject } from "./strict-object.ts";
import { plainTextSchema } from "./text-fields.ts";

const roleSchema = z.enum(ROLES).meta({
  id: "Role",
  description:
    "`viewer` reads; `operator` also replays, discards, cancels, pauses; `admin` also changes connectors and keys.",
});

/** adminKeyBodySchema is the body of `POST /admin/v1/keys`; `expiresAt` comes out as epoch milliseconds. */
export const adminKeyBodySchema = strictObject({
  name: plainTextSchema(100).meta({ description: "Whose key it is; the audit shows it.", examples: ["Ana, on call"] }),
  role: roleSchema,
  expiresAt: instantInputSchema
    .exactOptional()
    .meta({ description: "When it ends by itself. Absent: once it is revoked." }),
}).meta({
  id: "NewAdminKey",
  description: "Whom a new admin key is for.",
  examples: [{ name: "Ana, on call", role: "operator" }],
});
export type AdminKeyBody = z.output<typeof adminKeyBodySchema>;

/** adminKeySchema is an admin key in a list. */
export const adminKeySchema = z
  .object({
    id: z.string(),
    name: z.string(),
    role: roleSchema,
    createdAt: instantSchema,
    lastUsedAt: instantSchema.exactOptional().meta({ description: "About: it lags by a minute at most." }),
    expiresAt: instantSchema.exactOptional(),
  })
  .meta({ id: "AdminKey", description: "An admin key; its secret is never shown again." });
export type AdminKeyJson = z.output<typeof adminKeySchema>;

/** createdAdminKeySchema shows a new admin key, this once. */
export const createdAdminKeySchema = adminKeySchema
  .omit({ lastUsedAt: true })
  .extend({ token: createdTokenSchema.shape.token })
  .meta({ id: "CreatedAdminKey", description: "A new admin key." });
export type CreatedAdminKey = z.output<typeof createdAdminKeySchema>;

/** adminKeyListSchema is a page of admin keys. */
export const adminKeyListSchema = namedPageSchemaOf(adminKeySchema, "AdminKeyList");

/** adminKeyToJson writes an admin key for a list. */
export function adminKeyToJson(entry: AdminKey): AdminKeyJson {
  return {
    ...pickMembers(entry, ["id", "name", "role"]),
    ...pickFormattedInstants(entry, ["createdAt", "lastUsedAt", "expiresAt"]),
  };
}
