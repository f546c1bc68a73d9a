import { type ConnectorJson, ProblemError } from "@baton/api";
import { expect, it } from "vitest";
import { findConnector, readConnectorNamesByIds } from "./find-connector.ts";

const CONNECTORS = [
  { id: "cn_1", name: "Acme support line", accountId: "acme", projectId: "support-line", environment: "live" },
  { id: "cn_2", name: "Acme support line", accountId: "acme", projectId: "support-line", environment: "draft" },
  { id: "cn_3", name: "Billing", accountId: "acme", projectId: "billing", environment: "live" },
  { id: "cn_4", name: "cn_odd", accountId: "globex", projectId: "sales", environment: "live" },
] as ConnectorJson[];

/** A registry that gives one connector a page. */
const client = {
  async connector(id: string) {
    const found = CONNECTORS.find((connector) => connector.id === id);
    if (found !== undefined) return found;
    throw new ProblemError(
      { type: "urn:baton:problem:not-found", title: "Nothing here", status: 404, detail: id },
      { status: 404 },
    );
  },
  async connectors({ cursor = "0" } = {}) {
    const next = Number(cursor) + 1;
    return { items: CONNECTORS.slice(next - 1, next), ...(next < CONNECTORS.length && { nextCursor: String(next) }) };
  },
};

it.each([
  ["its id", "cn_2", "cn_2"],
  ["its name", "Billing", "cn_3"],
  ["its project", "acme/billing/live", "cn_3"],
  ["its project, live unless said", "acme/support-line", "cn_1"],
  ["its project and another environment", "acme/support-line/draft", "cn_2"],
  ["a name that looks like an id", "cn_odd", "cn_4"],
])("finds a connector by %s", async (_what, wanted, id) => {
  expect(await findConnector(client, wanted)).toMatchObject({ id });
});

it.each([
  ["acme/suport-line", ["acme/support-line/live", "acme/support-line/draft"]],
  ["biling", ["Billing"]],
  ["globex", ["globex/sales/live"]],
])("says that there is no %s, and names the nearest", async (wanted, nearest) => {
  const error = await findConnector(client, wanted).catch(({ message }: Error) => message);
  expect(error).toContain(`no connector has the id, name or project "${wanted}"; the nearest:`);
  for (const name of nearest) expect(error).toContain(name);
});

it("names nothing where nothing is near, and says where to look", async () => {
  await expect(findConnector(client, "zzz")).rejects.toThrow('"zzz"; `baton connectors list` shows them');
});

it("asks for an id where several are called alike", async () => {
  await expect(findConnector(client, "Acme support line")).rejects.toThrow("cn_1, cn_2 are all called");
});

it("calls a connector that is gone by its id", async () => {
  const nameOf = await readConnectorNamesByIds(client, ["cn_3", "cn_gone", "cn_3"]);
  expect([nameOf("cn_3"), nameOf("cn_gone")]).toEqual(["Billing", "cn_gone"]);
});
