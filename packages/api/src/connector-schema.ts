/** A connector as the admin API shows it: secrets go in, never come out. */
import {
  type Connector,
  type CxOneCredentials,
  currentPauseOfConnector,
  GUARANTEES,
  PARAM_NAMES,
  PARAMS_IN,
} from "@baton/domain";
import { z } from "zod";
import { formatInstant, instantSchema, pickFormattedInstants } from "./instant-schemas-and-formatting.ts";
import { namedPageSchemaOf } from "./list-page.ts";
import { pickMembers } from "./pick-members.ts";

/** CREDENTIAL_NAMES are the four members of a connector's credentials. */
export const CREDENTIAL_NAMES = [
  "clientId",
  "clientSecret",
  "accessKeyId",
  "accessKeySecret",
] as const satisfies readonly (keyof CxOneCredentials)[];
/** CredentialName is one of them. */
export type CredentialName = (typeof CREDENTIAL_NAMES)[number];

const setSchema = z.literal("set").exactOptional();

/** connectorSchema is a connector in an answer. */
export const connectorSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    accountId: z.string(),
    projectId: z.string(),
    environment: z.string(),
    businessUnit: z.string().exactOptional(),
    enabled: z.boolean(),
    paused: z.boolean(),
    pausedUntil: instantSchema.exactOptional().meta({ description: "When the pause ends by itself." }),
    pseudoNumbers: z.array(z.string()),
    contactIdHeader: z.string(),
    cxone: z
      .object({
        issuer: z.string(),
        tenantId: z.string().exactOptional(),
        apiEndpoint: z.string().exactOptional(),
        apiVersion: z.string(),
        paramsIn: z.enum(PARAMS_IN),
      })
      .meta({ id: "CxoneSettings" }),
    credentials: z
      .object({ clientId: setSchema, clientSecret: setSchema, accessKeyId: setSchema, accessKeySecret: setSchema })
      .meta({ id: "CredentialsSet", description: "Which are set; never what they are." }),
    delivery: z
      .object({
        guarantee: z.enum(GUARANTEES),
        deadlineMs: z.int(),
        maxAttempts: z.int(),
        attemptTimeoutMs: z.int(),
        backoff: z.object({ baseMs: z.int(), capMs: z.int() }).meta({ id: "Backoff" }),
        rate: z.object({ perSecond: z.number(), burst: z.number() }).meta({ id: "Rate" }).nullable(),
        maxHoldMs: z.int(),
        maxParamBytes: z.int(),
        handoffIdParam: z.enum(PARAM_NAMES).exactOptional(),
      })
      .meta({ id: "Delivery" }),
    createdAt: instantSchema,
  })
  .meta({ id: "Connector", description: "A connector. Its credentials are never shown." });
export type ConnectorJson = z.output<typeof connectorSchema>;

/**
 * connectorToJson writes a connector for an answer; it has all four credentials, since none is optional. `now` is epoch
 * milliseconds on Redis's clock, by which its pause ends.
 */
export function connectorToJson(connector: Connector, now: number): ConnectorJson {
  const { cxone, delivery } = connector;
  return {
    ...pickMembers(connector, ["id", "name", "accountId", "projectId", "environment", "businessUnit", "enabled"]),
    ...pauseToJson(connector, now),
    pseudoNumbers: [...connector.pseudoNumbers],
    contactIdHeader: connector.contactIdHeader,
    cxone: pickMembers(cxone, ["issuer", "tenantId", "apiEndpoint", "apiVersion", "paramsIn"]),
    credentials: Object.fromEntries(CREDENTIAL_NAMES.map((name) => [name, "set" as const])),
    delivery: {
      ...pickMembers(delivery, ["guarantee", "deadlineMs", "maxAttempts", "attemptTimeoutMs"]),
      backoff: pickMembers(delivery.backoff, ["baseMs", "capMs"]),
      rate: delivery.rate === null ? null : pickMembers(delivery.rate, ["perSecond", "burst"]),
      ...pickMembers(delivery, ["maxHoldMs", "maxParamBytes", "handoffIdParam"]),
    },
    ...pickFormattedInstants(connector, ["createdAt"]),
  };
}

/** pauseToJson writes a connector's pause as it is at `now`: one that is over by itself is none. */
export function pauseToJson(
  connector: Pick<Connector, "paused" | "pausedUntil">,
  now: number,
): { paused: boolean; pausedUntil?: string } {
  const pause = currentPauseOfConnector(connector, now);
  return {
    paused: pause !== undefined,
    ...(pause?.until === undefined ? {} : { pausedUntil: formatInstant(pause.until) }),
  };
}

/** connectorListSchema is a page of connectors. */
export const connectorListSchema = namedPageSchemaOf(connectorSchema, "ConnectorList");
