import { type ConnectorJson, connectorToJson } from "@baton/api";
import type { Connector } from "@baton/domain";
import { expect, it } from "vitest";
import { parseDocuments } from "./connector-file.ts";
import { exportConnectors, formatExport } from "./export-connectors.ts";

function connector(change: Partial<Connector> = {}): ConnectorJson {
  return connectorToJson({
    id: "cn_1",
    version: 3,
    name: "Acme: support # line",
    accountId: "acme",
    projectId: "support-line",
    environment: "live",
    businessUnit: "0045",
    enabled: true,
    paused: false,
    pseudoNumbers: ["+15550100100"],
    contactIdHeader: "X-InContact-ContactId",
    cxone: { issuer: "https://cxone.niceincontact.com", apiVersion: "v30.0", paramsIn: "query" },
    delivery: {
      guarantee: "at-least-once",
      deadlineMs: 60_000,
      maxAttempts: 10,
      attemptTimeoutMs: 3_000,
      backoff: { baseMs: 250, capMs: 10_000 },
      rate: null,
      maxHoldMs: 30_000,
      maxParamBytes: 256,
    },
    createdAt: 0,
    ...change,
  });
}

it.each(["yaml", "json"] as const)("writes %s that reads back as the connector, its secrets as variables", (format) => {
  const exported = exportConnectors([connector()]);
  const { id: _, createdAt: __, paused: ___, ...members } = connector();
  const credentials = {
    clientId: `\${CXONE_ACME_SUPPORT_LINE_LIVE_CLIENT_ID}`,
    clientSecret: `\${CXONE_ACME_SUPPORT_LINE_LIVE_CLIENT_SECRET}`,
    accessKeyId: `\${CXONE_ACME_SUPPORT_LINE_LIVE_ACCESS_KEY_ID}`,
    accessKeySecret: `\${CXONE_ACME_SUPPORT_LINE_LIVE_ACCESS_KEY_SECRET}`,
  };
  expect(parseDocuments(formatExport(exported, format), "export")).toEqual([[{ ...members, credentials }]]);
  expect(exported.variables).toEqual(Object.values(credentials).map((reference) => reference.slice(2, -1)));
});

it("gives two projects that are spelled alike variables of their own", () => {
  const alike = ["a-b", "a_b", "a.c"].map((projectId) => connector({ projectId }));
  const { variables } = exportConnectors([...alike, connector({ projectId: "a-b", environment: "live_2" })]);
  expect(new Set(variables).size).toBe(16);
});

it("exports a pause that holds, and none that does not", () => {
  const { connectors } = exportConnectors([connector({ paused: true }), connector()]);
  expect(connectors.map((each) => each.paused)).toEqual([true, undefined]);
});
