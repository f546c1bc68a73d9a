/** What an operator sends to change a connector: the members that are to be others. */
import type { Connector, CxOneCredentials } from "@baton/domain";
import { z } from "zod";
import { CREDENTIAL_NAMES } from "./connector.ts";
import { connectorInputSchema, credentialsSchema } from "./connector-input.ts";
import { pick } from "./pick.ts";
import { strictObject } from "./strict-object.ts";

/** ConnectorPatch is a JSON object whose members nobody has checked yet: `patchedConnectorSchema` judges what it leads to. */
export type ConnectorPatch = Readonly<Record<string, unknown>>;

/** connectorPatchSchema is the body of `PATCH /admin/v1/connectors/{id}`. It takes any object; OpenAPI shows what may be in it. */
export const connectorPatchSchema = z
  .unknown()
  .refine(isObject, { error: "send a JSON object" })
  .transform((patch): ConnectorPatch => (isObject(patch) ? patch : {}))
  .meta({
    ...optionalThroughout(z.toJSONSchema(connectorInputSchema, { io: "input", target: "draft-2020-12" })),
    description:
      "The members that are to be others, also inside `cxone`, `credentials` and `delivery`; all else stays. null takes an optional member away and puts any other back to its default; `rate: null` is no limit. A list is replaced as a whole.",
    examples: [{ name: "Acme support line", delivery: { maxAttempts: 5 } }],
  });

/** patchedConnectorSchema is a whole connector; without credentials it keeps those it has. */
export const patchedConnectorSchema = strictObject({ ...connectorInputSchema.shape, credentials: credentialsSchema.exactOptional() });
export type PatchedConnector = z.output<typeof patchedConnectorSchema>;

/** needsCredentials says whether a patch names some of the credentials only, so that the others must come from those there are. */
export function needsCredentials({ credentials }: ConnectorPatch): boolean {
  return isObject(credentials) && CREDENTIAL_NAMES.some((name) => !Object.hasOwn(credentials, name));
}

/** patchConnector gives what a patch would make of a connector, unchecked: for `patchedConnectorSchema`. */
export function patchConnector(connector: Connector, patch: ConnectorPatch, credentials?: CxOneCredentials): unknown {
  const current = {
    ...pick(connector, ["name", "accountId", "projectId", "environment", "businessUnit", "enabled", "paused"]),
    ...pick(connector, ["pseudoNumbers", "contactIdHeader"]),
    cxone: pick(connector.cxone, ["issuer", "tenantId", "apiEndpoint", "apiVersion", "paramsIn"]),
    delivery: connector.delivery,
    ...(credentials === undefined ? {} : { credentials: pick(credentials, CREDENTIAL_NAMES) }),
  };
  return merge(current, patch);
}

/** NULLS are the members for which null is a value, or must be refused as one. */
const NULLS: ReadonlySet<string> = new Set(["rate", "credentials"]);

/** DEEPEST: levels of objects below which nothing is a member of a connector, and patchedConnectorSchema refuses what there is. */
const DEEPEST = 10;

/** merge is RFC 7396's merge patch, but for NULLS, down to DEEPEST. */
function merge(current: unknown, patch: unknown, levels = DEEPEST): unknown {
  if (!isObject(patch) || levels === 0) return patch;
  const before = isObject(current) ? current : {};
  const kept = Object.entries(before).filter(([name]) => !Object.hasOwn(patch, name));
  const given = Object.entries(patch).flatMap(([name, value]) => {
    if (value === null && !NULLS.has(name)) return [];
    return [[name, merge(Object.hasOwn(before, name) ? before[name] : undefined, value, levels - 1)] as const];
  });
  return Object.fromEntries([...kept, ...given]);
}

/** optionalThroughout makes every member of a JSON schema optional, and takes away its defaults. */
function optionalThroughout(schema: object): Record<string, unknown> {
  const entries: [string, unknown][] = Object.entries(schema);
  const kept = entries.filter(([name]) => !["$schema", "required", "default", "examples"].includes(name));
  return Object.fromEntries(kept.map(([name, value]) => [name, relaxed(value)]));
}

function relaxed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(relaxed);
  return isObject(value) ? optionalThroughout(value) : value;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
