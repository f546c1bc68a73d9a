/** What an operator sends to change a connector: the fields to change; and the answer to a dry run. */
import type { Connector, CxOneCredentials } from "@baton/domain";
import { z } from "zod";
import { connectorInputSchema, credentialsSchema } from "./connector-request-body.ts";
import { CREDENTIAL_NAMES } from "./connector-schema.ts";
import { pickMembers } from "./pick-members.ts";
import { strictObject } from "./strict-object.ts";

/**
 * ConnectorPatch is a JSON object whose members are not checked yet: `patchedConnectorSchema` checks what it leads
 * to.
 */
export type ConnectorPatch = Readonly<Record<string, unknown>>;

/**
 * connectorPatchSchema is the body of `PATCH /admin/v1/connectors/{id}`. It takes any object; OpenAPI shows
 * `documentedConnectorPatchSchema`.
 */
export const connectorPatchSchema = z
  .unknown()
  .refine(isObject, { error: "send a JSON object" })
  .transform((patch): ConnectorPatch => (isObject(patch) ? patch : {}));

/** documentedConnectorPatchSchema is what may be in a patch. */
export const documentedConnectorPatchSchema = patchSchemaOf(connectorInputSchema).meta({
  id: "ConnectorPatch",
  description:
    "The fields to change, also inside `cxone`, `credentials` and `delivery`; all others stay as they are. null removes an optional field, and sets any other to its default; `rate: null` is no limit. A list is replaced as a whole.",
  examples: [{ name: "Acme support line", delivery: { maxAttempts: 5 } }],
});

/** patchedConnectorSchema is a whole connector; without credentials it keeps those it has. */
export const patchedConnectorSchema = strictObject({
  ...connectorInputSchema.shape,
  credentials: credentialsSchema.exactOptional(),
});

/**
 * hasPartialCredentials says whether a patch names some of the credentials only, so that the others must come from
 * those there are.
 */
export function hasPartialCredentials({ credentials }: ConnectorPatch): boolean {
  return isObject(credentials) && CREDENTIAL_NAMES.some((name) => !Object.hasOwn(credentials, name));
}

/** mergeConnectorPatch gives what a patch would make of a connector, unchecked: for `patchedConnectorSchema`. */
export function mergeConnectorPatch(
  connector: Connector,
  patch: ConnectorPatch,
  credentials?: CxOneCredentials,
): unknown {
  const current = {
    ...pickMembers(connector, ["name", "accountId", "projectId", "environment", "businessUnit", "enabled", "paused"]),
    ...pickMembers(connector, ["pseudoNumbers", "contactIdHeader"]),
    cxone: pickMembers(connector.cxone, ["issuer", "tenantId", "apiEndpoint", "apiVersion", "paramsIn"]),
    delivery: connector.delivery,
    ...(credentials === undefined ? {} : { credentials: pickMembers(credentials, CREDENTIAL_NAMES) }),
  };
  return mergePatch(current, patch, connectorInputSchema);
}

/** removeNullsForDefaults gives a new connector without each null that stands for a default, unchecked. */
export function removeNullsForDefaults(connector: ConnectorPatch): unknown {
  return mergePatch({}, connector, connectorInputSchema);
}

/** NULLS are the fields for which null is a value, or must be refused as one. */
const NULLS: ReadonlySet<string> = new Set(["rate", "credentials"]);

/**
 * mergePatch is RFC 7396's merge patch, but for NULLS. What `schema` does not know stays as it is given, also a null:
 * it is refused by name.
 */
function mergePatch(current: unknown, patch: unknown, schema: z.ZodType): unknown {
  if (!isObject(patch) || !(schema instanceof z.ZodObject)) return patch;
  const before = isObject(current) ? current : {};
  const kept = Object.entries(before).filter(([name]) => !Object.hasOwn(patch, name));
  const given = Object.entries(patch).flatMap(([name, value]) => {
    const member: unknown = Object.hasOwn(schema.shape, name) ? schema.shape[name] : undefined;
    if (!(member instanceof z.ZodType)) return [[name, value] as const];
    if (value === null && !NULLS.has(name)) return [];
    const known = Object.hasOwn(before, name) ? before[name] : undefined;
    return [[name, mergePatch(known, value, unwrapOptional(member))] as const];
  });
  return Object.fromEntries([...kept, ...given]);
}

/**
 * patchSchemaOf makes every member of an object optional, and null where it need not be given: there is a default, or
 * nothing, in its place.
 */
function patchSchemaOf(object: z.ZodObject): z.ZodObject {
  return strictObject(
    Object.fromEntries(Object.entries(object.shape).map(([name, schema]) => [name, patchMemberSchema(schema)])),
  );
}

function patchMemberSchema(schema: unknown): z.ZodType {
  if (!(schema instanceof z.ZodType)) throw new Error("a member is a schema");
  const given = unwrapOptional(schema);
  const { id, description, examples } = z.globalRegistry.get(given) ?? {};
  const named = { description, ...(id === undefined ? {} : { id: `${id.replace(/^New/, "")}Patch` }) };
  const value = given instanceof z.ZodObject ? patchSchemaOf(given).meta(named) : given;
  const member = given === schema ? value.exactOptional() : value.nullable().exactOptional();
  return member.meta({ examples, ...z.globalRegistry.get(schema), id: undefined });
}

/** unwrapOptional takes away what stands around a schema for the case that its member is not given. */
function unwrapOptional(schema: z.ZodType): z.ZodType {
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault)
    return unwrapOptional(schema.unwrap() as z.ZodType);
  if (schema instanceof z.ZodExactOptional || schema instanceof z.ZodNullable)
    return unwrapOptional(schema.unwrap() as z.ZodType);
  return schema;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** dryRunSchema is the query of what can be tried out: `POST` and `PATCH` of connectors. */
export const dryRunSchema = strictObject({
  dryRun: z.enum(["true", "false"]).default("false").meta({
    description: "`true`: everything is checked but whether project and numbers are free, and nothing is changed.",
  }),
});

/** connectorChangesSchema is the answer to a dry run. */
export const connectorChangesSchema = z
  .object({
    changed: z.array(z.string()).meta({
      description:
        "JSON pointers to the fields that would change; empty: none would. Credentials are compared, never shown: `/credentials/clientSecret` says that a different one was given.",
      examples: [["/name", "/delivery/maxAttempts", "/credentials/clientSecret"]],
    }),
  })
  .meta({ id: "ConnectorChanges", description: "What would change. Nothing was changed." });
export type ConnectorChanges = z.output<typeof connectorChangesSchema>;
