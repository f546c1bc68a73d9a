import type { Connector } from "@baton/domain";
import { expect, it } from "vitest";
import { z } from "zod";
import {
  connectorPatchSchema,
  documentedConnectorPatchSchema,
  hasPartialCredentials,
  mergeConnectorPatch,
  patchedConnectorSchema,
  removeNullsForDefaults,
} from "./connector-patch.ts";

const CONNECTOR: Connector = {
  id: "cn_1",
  version: 3,
  name: "Acme",
  accountId: "acme",
  projectId: "support",
  environment: "live",
  businessUnit: "4595876",
  enabled: true,
  paused: false,
  pseudoNumbers: ["100", "200"],
  contactIdHeader: "X-InContact-ContactId",
  cxone: { issuer: "https://cxone.niceincontact.com", tenantId: "t1", apiVersion: "v24.0", paramsIn: "query" },
  delivery: {
    guarantee: "at-most-once",
    deadlineMs: 30_000,
    maxAttempts: 3,
    attemptTimeoutMs: 2_000,
    backoff: { baseMs: 100, capMs: 5_000 },
    rate: { perSecond: 5, burst: 10 },
    maxHoldMs: 30_000,
    maxParamBytes: 100,
    handoffIdParam: "p9",
  },
  createdAt: 1,
};
const { id: _id, version: _version, createdAt: _createdAt, ...MEMBERS } = CONNECTOR;

const patched = (patch: Record<string, unknown>) => patchedConnectorSchema.parse(mergeConnectorPatch(CONNECTOR, patch));
const pointers = (patch: Record<string, unknown>) =>
  patchedConnectorSchema
    .safeParse(mergeConnectorPatch(CONNECTOR, patch))
    .error?.issues.map(({ path, code, ...issue }) =>
      [...path, ...(code === "unrecognized_keys" && "keys" in issue ? (issue.keys as string[]) : [])].join("/"),
    );

it("changes nothing that is not given", () => {
  expect(patched({})).toEqual(MEMBERS);
  expect(patched({ delivery: { backoff: { baseMs: 200 } }, cxone: { paramsIn: "body" } })).toEqual({
    ...MEMBERS,
    cxone: { ...CONNECTOR.cxone, paramsIn: "body" },
    delivery: { ...CONNECTOR.delivery, backoff: { baseMs: 200, capMs: 5_000 } },
  });
});

it("replaces a list as a whole", () => {
  expect(patched({ pseudoNumbers: ["300"] }).pseudoNumbers).toEqual(["300"]);
});

it("takes an optional member away with null, and puts another back to its default", () => {
  const { businessUnit, cxone, delivery } = patched({
    businessUnit: null,
    cxone: { tenantId: null, apiVersion: null },
    delivery: { handoffIdParam: null, deadlineMs: null },
  });
  expect(businessUnit).toBeUndefined();
  expect(cxone).toEqual({ issuer: CONNECTOR.cxone.issuer, apiVersion: "v30.0", paramsIn: "query" });
  expect([delivery.handoffIdParam, delivery.deadlineMs]).toEqual([undefined, 60_000]);
});

it("leaves out of a new connector a null that stands for a default, and no other", () => {
  const delivery = { rate: null, deadlineMs: null, speed: null };
  expect(removeNullsForDefaults({ name: "Acme", businessUnit: null, busynessUnit: null, delivery })).toEqual({
    name: "Acme",
    busynessUnit: null,
    delivery: { rate: null, speed: null },
  });
});

it("takes rate: null for no limit, and fills a rate in where there was none", () => {
  expect(patched({ delivery: { rate: null } }).delivery.rate).toBeNull();
  const unlimited = { ...CONNECTOR, delivery: { ...CONNECTOR.delivery, rate: null } };
  const { delivery } = patchedConnectorSchema.parse(
    mergeConnectorPatch(unlimited, { delivery: { rate: { perSecond: 7 } } }),
  );
  expect(delivery.rate).toEqual({ perSecond: 7, burst: 40 });
});

it.each([
  [{ name: null }, ["name"]],
  [{ id: "cn_2" }, ["id"]],
  [{ constructor: 1 }, ["constructor"]],
  [{ credentials: null }, ["credentials"]],
  [
    { credentials: { clientId: "set" } },
    ["credentials/clientId", "credentials/clientSecret", "credentials/accessKeyId", "credentials/accessKeySecret"],
  ],
  [{ cxone: [] }, ["cxone"]],
  [{ delivery: { backoff: { capMs: 50 } } }, ["delivery/backoff/capMs"]],
  [{ delivery: { speed: 1 } }, ["delivery/speed"]],
  [{ busynessUnit: null, delivery: { speed: null } }, ["busynessUnit", "delivery/speed"]],
])("points at what is wrong in %j", (patch, wrong) => {
  expect(pointers(patch)?.toSorted()).toEqual([...wrong].sort());
});

it("points at what is wrong however deep it is nested", () => {
  const text = (levels: number) => `{"cxone":${'{"a":'.repeat(levels)}1${"}".repeat(levels)}}`;
  expect(pointers(JSON.parse(text(10_800)))).toEqual(["cxone/a"]);
});

it("takes some of the credentials for new, and the others from before", () => {
  const credentials = { clientId: "id", clientSecret: "old", accessKeyId: "key", accessKeySecret: "old" };
  const patch = { credentials: { clientSecret: "new" } };
  expect(hasPartialCredentials(patch)).toBe(true);
  expect(hasPartialCredentials({ credentials })).toBe(false);
  expect(hasPartialCredentials({})).toBe(false);
  expect(patchedConnectorSchema.parse(mergeConnectorPatch(CONNECTOR, patch, credentials)).credentials).toEqual({
    ...credentials,
    clientSecret: "new",
  });
});

it("shows in OpenAPI what may be changed, nothing of it required", () => {
  const shown = z.toJSONSchema(documentedConnectorPatchSchema, { io: "input" });
  expect(shown).toMatchObject({
    $defs: {
      ConnectorPatch: {
        properties: { name: { maxLength: 100 }, environment: { anyOf: [{ type: "string" }, { type: "null" }] } },
      },
      DeliveryPatch: { properties: { maxAttempts: { anyOf: [{ maximum: 100 }, { type: "null" }] } } },
    },
  });
  expect(JSON.stringify(shown)).not.toMatch(/"required"|"default"/);
  for (const patch of [
    {},
    { delivery: { rate: null, backoff: { capMs: 1 } } },
    { credentials: { clientId: "a" } },
    { environment: null },
  ]) {
    expect(documentedConnectorPatchSchema.safeParse(patch).success).toBe(true);
  }
  for (const patch of [{ name: null }, { credentials: null }, { delivery: { maxAttempts: 0 } }, { nonsense: 1 }]) {
    expect(documentedConnectorPatchSchema.safeParse(patch).success).toBe(false);
  }
  expect(connectorPatchSchema.safeParse([]).success).toBe(false);
});
