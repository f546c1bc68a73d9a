import type { Connector } from "@baton/domain";
import { expect, expectTypeOf, it } from "vitest";
import { type ConnectorInput, connectorInputSchema } from "./connector-request-body.ts";
import { connectorSchema, connectorToJson } from "./connector-schema.ts";
import { validationIssues } from "./validation-issues.ts";

const minimal = {
  name: "Acme",
  accountId: "acme",
  projectId: "support-line",
  credentials: { clientId: "id", clientSecret: "planted-1", accessKeyId: "key====", accessKeySecret: "planted-2" },
};
const connectorOf = ({ credentials: _, ...input }: ConnectorInput): Connector => ({
  ...input,
  id: "cn_1",
  version: 1,
  createdAt: 0,
});

function pointers(body: object) {
  const parsed = connectorInputSchema.safeParse({ ...minimal, ...body });
  return parsed.success ? [] : validationIssues(parsed.error).map(({ pointer }) => pointer);
}

it("fills in every default", () => {
  expect(connectorInputSchema.parse(minimal)).toEqual({
    ...minimal,
    environment: "live",
    enabled: true,
    paused: false,
    pseudoNumbers: [],
    contactIdHeader: "X-InContact-ContactId",
    cxone: { issuer: "https://cxone.niceincontact.com", apiVersion: "v30.0", paramsIn: "query" },
    delivery: {
      guarantee: "at-least-once",
      deadlineMs: 60_000,
      maxAttempts: 10,
      attemptTimeoutMs: 3_000,
      backoff: { baseMs: 250, capMs: 10_000 },
      rate: { perSecond: 20, burst: 40 },
      maxHoldMs: 30_000,
      maxParamBytes: 256,
    },
  });
});

it("takes no rate for no limit", () => {
  expect(connectorInputSchema.parse({ ...minimal, delivery: { rate: null } }).delivery.rate).toBeNull();
});

it("is a domain connector once its credentials are put away", () => {
  expectTypeOf<Omit<ConnectorInput, "credentials">>().toExtend<Omit<Connector, "id" | "version" | "createdAt">>();
});

it.each([
  [{ name: "" }, "/name"],
  [{ name: " \u2003" }, "/name"],
  [{ accountId: "a/b" }, "/accountId"],
  [{ projectId: ".." }, "/projectId"],
  [{ contactIdHeader: "X Contact" }, "/contactIdHeader"],
  [{ pseudoNumbers: ["tel:123"] }, "/pseudoNumbers/0"],
  [{ pseudoNumbers: ["12"] }, "/pseudoNumbers/0"],
  [{ pseudoNumbers: ["+1 (555) 010-0100", "15550100100"] }, "/pseudoNumbers"],
  [{ cxone: { issuer: "cxone.niceincontact.com" } }, "/cxone/issuer"],
  [{ cxone: { issuer: "file:///etc/passwd" } }, "/cxone/issuer"],
  [{ cxone: { issuer: "https://user:pass@cxone.niceincontact.com" } }, "/cxone/issuer"],
  [{ cxone: { apiEndpoint: "https://api-na1.niceincontact.com?x=1" } }, "/cxone/apiEndpoint"],
  [{ cxone: { apiVersion: "30" } }, "/cxone/apiVersion"],
  [{ cxone: { paramsIn: "header" } }, "/cxone/paramsIn"],
  [{ credentials: { ...minimal.credentials, clientSecret: "" } }, "/credentials/clientSecret"],
  [{ delivery: { maxAttempts: 101 } }, "/delivery/maxAttempts"],
  [{ delivery: { attemptTimeoutMs: 99 } }, "/delivery/attemptTimeoutMs"],
  [{ delivery: { backoff: { baseMs: 20_000 } } }, "/delivery/backoff/capMs"],
  [{ delivery: { rate: { perSecond: 0 } } }, "/delivery/rate/perSecond"],
  [{ delivery: { handoffIdParam: "p10" } }, "/delivery/handoffIdParam"],
  [{ id: "cn_2" }, "/id"],
])("refuses %o, and points at it", (body, pointer) => {
  expect(pointers(body)).toEqual([pointer]);
});

it("drops the slash after a URL, so that paths can be put behind it", () => {
  expect(connectorInputSchema.parse({ ...minimal, cxone: { issuer: "http://127.0.0.1:8090/" } }).cxone.issuer).toBe(
    "http://127.0.0.1:8090",
  );
});

it("shows that credentials are set, never what they are", () => {
  const input = connectorInputSchema.parse({
    ...minimal,
    businessUnit: "4595876",
    delivery: { rate: null, handoffIdParam: "p9" },
  });
  const record = { ...connectorOf(input), credentials: input.credentials };
  const json = connectorToJson(record, Date.now());
  expect(json.credentials).toEqual({
    clientId: "set",
    clientSecret: "set",
    accessKeyId: "set",
    accessKeySecret: "set",
  });
  expect(JSON.stringify(json)).not.toContain("planted");
  expect(json).toMatchObject({
    id: "cn_1",
    createdAt: "1970-01-01T00:00:00.000Z",
    businessUnit: "4595876",
    delivery: { rate: null, handoffIdParam: "p9" },
  });
  expect(connectorSchema.parse(json)).toEqual(json);
});
