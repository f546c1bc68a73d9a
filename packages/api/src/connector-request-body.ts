/** What an operator sends to create a connector, with every default and range. */
import {
  type CxOneCredentials,
  GUARANTEES,
  normalizePseudoNumberToDigits,
  PARAM_NAMES,
  PARAMS_IN,
} from "@baton/domain";
import { z } from "zod";
import { deadlineMsSchema } from "./handoff-request-body.ts";
import { strictObject } from "./strict-object.ts";
import { plainTextSchema, pseudoNumberSchema } from "./text-fields.ts";

/** MAX_URL_LENGTH in characters: what servers commonly bear. */
const MAX_URL_LENGTH = 2_000;
/** MAX_PSEUDO_NUMBERS of one connector: a project has a handful; each is claimed in one script. */
const MAX_PSEUDO_NUMBERS = 1_000;
/** MAX_SECRET_LENGTH in characters: ten times what NICE gives out. */
const MAX_SECRET_LENGTH = 1_024;

const urlName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._~-]{0,127}$/, {
  error: "send 1 to 128 letters, digits, dots, dashes, tildes or underscores, a letter or digit first",
});

const secretText = (description: string) =>
  plainTextSchema(MAX_SECRET_LENGTH)
    // A client that reads a connector and sends it back would lose its secrets.
    .refine((text) => text !== "set", {
      error: "`set` is what is shown in place of a secret; leave it out, or send the secret",
    })
    .meta({ description, not: { const: "set" } });

const httpUrl = z
  .string()
  .max(MAX_URL_LENGTH, { abort: true })
  .refine(isPlainHttpUrl, { error: "send an http or https URL without credentials, query or fragment" })
  .overwrite((text) => (text.endsWith("/") ? text.slice(0, -1) : text))
  .meta({ format: "uri", pattern: "^[Hh][Tt][Tt][Pp][Ss]?://[^?#@\\\\ ]+$" });

const cxoneSchema = strictObject({
  issuer: httpUrl.default("https://cxone.niceincontact.com").meta({
    description:
      "Where CXone's identity service is discovered. Must be one of CXone's own hosts or of BATON_ALLOWED_HOSTS.",
  }),
  tenantId: z
    .string()
    .regex(/^[\x21-\x7e]{1,128}$/, { error: "send 1 to 128 printable ASCII characters without spaces" })
    .exactOptional()
    .meta({ description: "Absent: read from the token." }),
  apiEndpoint: httpUrl.exactOptional().meta({
    description: "A fixed address of the API. Absent: discovered from the tenant.",
    examples: ["https://api-na1.niceincontact.com"],
  }),
  apiVersion: z
    .string()
    .regex(/^v[0-9]{1,3}\.0$/, { error: "send a version such as v30.0" })
    .default("v30.0"),
  paramsIn: z.enum(PARAMS_IN).default("query").meta({
    description:
      "How parameters travel: `query` as NICE documents it, `body` as JSON, `hybrid` with p1 in the query and the rest in the body.",
  }),
}).meta({ id: "NewCxoneSettings", description: "Where CXone is, and how it is spoken to." });

/** credentialsSchema is NICE's registration and the client's access key. */
export const credentialsSchema = strictObject({
  clientId: secretText("The client id of the registration with NICE."),
  clientSecret: secretText("Its secret."),
  accessKeyId: secretText("The access key's id, of a CXone user whose role may signal contacts."),
  accessKeySecret: secretText("Its secret."),
} satisfies Record<keyof CxOneCredentials, z.ZodType>).meta({
  id: "Credentials",
  description: "Sealed before they are kept; they never come out again.",
});

const backoffSchema = strictObject({
  baseMs: z
    .int()
    .min(1)
    .max(60_000)
    .default(250)
    .meta({ description: "The wait before the second attempt; it doubles each time." }),
  capMs: z.int().min(1).max(3_600_000).default(10_000).meta({ description: "The longest wait." }),
})
  .refine(({ baseMs, capMs }) => baseMs <= capMs, { error: "must be at least baseMs", path: ["capMs"] })
  .meta({ id: "NewBackoff", description: "The waits between attempts; `capMs` is at least `baseMs`." });

const rateSchema = strictObject({
  perSecond: z.int().min(1).max(5_000).default(20).meta({ description: "Attempts a second in the long run." }),
  burst: z.int().min(1).max(10_000).default(40).meta({ description: "Attempts at once." }),
}).meta({ id: "NewRate", description: "How many attempts there may be." });

const deliverySchema = strictObject({
  guarantee: z.enum(GUARANTEES).default("at-least-once").meta({
    description:
      "What follows when it is not known whether CXone took the signal: try again, or never risk a second signal.",
  }),
  deadlineMs: deadlineMsSchema.default(60_000),
  maxAttempts: z.int().min(1).max(100).default(10),
  attemptTimeoutMs: z.int().min(100).max(30_000).default(3_000),
  backoff: backoffSchema.prefault({}),
  rate: rateSchema
    .nullable()
    .prefault({})
    .meta({ description: "null: no limit, and no promise to the connector's neighbours." }),
  maxHoldMs: z.int().min(1_000).max(3_600_000).default(30_000).meta({
    description:
      "How long CXone's Retry-After holds the whole connector at most; then one handoff at a time probes, and a 2xx lifts the hold.",
  }),
  maxParamBytes: z.int().min(1).max(2_000).default(256).meta({ description: "Most bytes of one parameter, in UTF-8." }),
  handoffIdParam: z
    .enum(PARAM_NAMES)
    .exactOptional()
    .meta({ description: "Where Baton writes the handoff's id, so that a Studio script can recognise a repeat." }),
}).meta({ id: "NewDelivery", description: "How handoffs are delivered." });

/**
 * connectorInputSchema is the body of `POST /admin/v1/connectors`, defaults filled in. Whether its hosts are
 * allowed, and its project and numbers free, is checked later. One trailing slash of a URL is dropped.
 */
export const connectorInputSchema = strictObject({
  name: plainTextSchema(100).meta({ description: "For people.", examples: ["Acme support line"] }),
  accountId: urlName.meta({ description: "The PolyAI account.", examples: ["acme"] }),
  projectId: urlName.meta({ description: "The PolyAI project.", examples: ["support-line"] }),
  environment: urlName.default("live"),
  businessUnit: plainTextSchema(100)
    .exactOptional()
    .meta({ description: "The CXone business unit, for people.", examples: ["4595876"] }),
  enabled: z.boolean().default(true).meta({ description: "false: its handoffs are refused." }),
  paused: z.boolean().default(false).meta({ description: "true: its handoffs are accepted, none is sent." }),
  pseudoNumbers: z
    .array(pseudoNumberSchema)
    .max(MAX_PSEUDO_NUMBERS)
    .refine((numbers) => new Set(numbers.map(normalizePseudoNumberToDigits)).size === numbers.length, {
      error: "names a number twice; only digits are compared",
    })
    .default([])
    .meta({
      description:
        "The numbers on which its calls arrive; only digits are compared. A number belongs to one connector.",
      examples: [["+15550100100"]],
    }),
  contactIdHeader: z
    .string()
    .regex(/^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,128}$/, { error: "send the name of a header" })
    .default("X-InContact-ContactId")
    .meta({ description: "The SIP header with the contact id; upper and lower case are the same." }),
  cxone: cxoneSchema.prefault({}),
  credentials: credentialsSchema,
  delivery: deliverySchema.prefault({}),
}).meta({
  id: "NewConnector",
  description: "A connector to create: it binds one PolyAI project to one CXone business unit.",
  examples: [
    {
      name: "Acme support line",
      accountId: "acme",
      projectId: "support-line",
      businessUnit: "4595876",
      pseudoNumbers: ["+15550100100"],
      credentials: { clientId: "baton@acme", clientSecret: "…", accessKeyId: "…", accessKeySecret: "…" },
    },
  ],
});

/** ConnectorInput is a connector with its defaults filled in; ConnectorBody is what may be sent. */
export type ConnectorInput = z.output<typeof connectorInputSchema>;
export type ConnectorBody = z.input<typeof connectorInputSchema>;

function isPlainHttpUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  const hasNoSecrets = url.username === "" && url.password === "" && !/[?#@\s\\]/.test(text);
  return hasNoSecrets && (url.protocol === "https:" || url.protocol === "http:");
}
