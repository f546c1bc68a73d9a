import { type ConnectorJson, connectorToJson } from "@baton/api";
import type { Connector } from "@baton/domain";
import { expect, it } from "vitest";
import { createConnector } from "../../../packages/domain/testing/connector.ts";
import { createConnectorExport, formatConnectorExport } from "./connector-export.ts";
import { parseJsonOrYamlDocuments } from "./connector-file.ts";

function connector(change: Partial<Connector> = {}): ConnectorJson {
  const members = {
    id: "cn_1",
    name: "Acme: support # line",
    projectId: "support-line",
    businessUnit: "0045",
    pseudoNumbers: ["+15550100100"],
    ...change,
  };
  return connectorToJson(createConnector({}, members), Date.now());
}

it.each(["yaml", "json"] as const)("writes %s that reads back as the connector, its secrets as variables", (format) => {
  const exported = createConnectorExport([connector()]);
  const { id: _, createdAt: __, paused: ___, ...members } = connector();
  const credentials = {
    clientId: `\${CXONE_ACME_SUPPORT_LINE_LIVE_CLIENT_ID}`,
    clientSecret: `\${CXONE_ACME_SUPPORT_LINE_LIVE_CLIENT_SECRET}`,
    accessKeyId: `\${CXONE_ACME_SUPPORT_LINE_LIVE_ACCESS_KEY_ID}`,
    accessKeySecret: `\${CXONE_ACME_SUPPORT_LINE_LIVE_ACCESS_KEY_SECRET}`,
  };
  expect(parseJsonOrYamlDocuments(formatConnectorExport(exported, format), "export")).toEqual([
    [{ ...members, credentials }],
  ]);
  expect(exported.variables).toEqual(Object.values(credentials).map((reference) => reference.slice(2, -1)));
});

it("gives two projects that are spelled alike variables of their own", () => {
  const alike = ["a-b", "a_b", "a.c"].map((projectId) => connector({ projectId }));
  const { variables } = createConnectorExport([...alike, connector({ projectId: "a-b", environment: "live_2" })]);
  expect(new Set(variables).size).toBe(16);
});

it("exports a pause that holds, and none that does not", () => {
  const { connectors } = createConnectorExport([connector({ paused: true }), connector()]);
  expect(connectors.map((each) => each.paused)).toEqual([true, undefined]);
});
