/** The console's session: begun with an admin key, or with the code of a sign-in link. */
import { z } from "zod";
import { adminKeySchema } from "./admin-key.ts";
import { instantSchema } from "./instant-schemas-and-formatting.ts";
import { strictObject } from "./strict-object.ts";

/** SESSION_COOKIE is what a browser sends; no page of any site can read it. */
export const SESSION_COOKIE = "baton_session";

/** A key has at most so many characters that a header has room for it. */
const MAX_KEY_LENGTH = 1_024;

const secretSchema = z.string().min(1).max(MAX_KEY_LENGTH).exactOptional();
const ONE_OF_BOTH = "send one of both: `key`, an admin key, or `code`, a sign-in link's code";

/** signInBodySchema is the body of `POST /admin/v1/session`. */
export const signInBodySchema = strictObject({
  key: secretSchema.meta({ description: "An admin key, `ba_…`." }),
  code: secretSchema.meta({ description: "The code of a sign-in link, `bc_…`." }),
})
  .refine(({ key, code }) => (key === undefined) !== (code === undefined), { error: ONE_OF_BOTH })
  .meta({
    id: "SignIn",
    description: "What a session begins with: an admin key, or a sign-in link's code.",
    examples: [{ key: "ba_…" }],
  });
export type SignInBody = z.output<typeof signInBodySchema>;

/** sessionSchema is a session that lives. */
export const sessionSchema = z
  .object({
    name: z.string().meta({ description: "The admin key's name." }),
    role: adminKeySchema.shape.role,
    expiresAt: instantSchema.meta({ description: "When it ends, unless it is used before." }),
  })
  .meta({
    id: "Session",
    description: "Who is signed in. It ends after 30 min without use, after 12 h in all, and with its key.",
    examples: [{ name: "Ana, on call", role: "operator", expiresAt: "2026-11-23T10:45:30.123Z" }],
  });
export type SessionJson = z.output<typeof sessionSchema>;

/** signInCodeSchema is what a sign-in link is made of. */
export const signInCodeSchema = z
  .object({
    code: z.string().meta({ description: "Good for one session; shown this once." }),
    expiresAt: instantSchema,
  })
  .meta({
    id: "SignInCode",
    description:
      "A sign-in link's code: `<admin>/sign-in#code=<code>`. The part behind `#` never reaches a server's log.",
    examples: [{ code: "bc_…", expiresAt: "2026-11-23T10:25:30.123Z" }],
  });

/** formatSignInLink is the address that signs in whom opens it first. */
export function formatSignInLink(adminUrl: string, code: string): string {
  return `${adminUrl.replace(/\/$/, "")}/sign-in#code=${code}`;
}
