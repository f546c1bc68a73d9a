import { request } from "node:http";
import { expect, it } from "vitest";
import { CONTACT, KEY, startSimulatorWithClient } from "./test-client.ts";

it("takes a signal and records what the script would read", async () => {
  await using client = await startSimulatorWithClient();
  const response = await client.signal(CONTACT, "?p1=Escalate&p2=4071234&p3=billing%20question");
  expect([response.status, await response.text()]).toEqual([202, ""]);
  expect(client.simulator.signals()).toMatchObject([
    {
      contactId: CONTACT,
      accessKeyId: KEY,
      version: "v30.0",
      params: { p1: "Escalate", p2: "4071234", p3: "billing question" },
      effect: true,
      status: 202,
      token: "token-1",
      inFlightSame: 0,
      script: {
        reaction: "started",
        variables: { SrcContactID: "0", SP1: "Escalate", SP3: "billing question", SP4: "", SP9: "" },
      },
    },
  ]);
});

it.each(["/inContactAPI/services/v24.0", "/incontactapi/services/v2.0", "/InContactAPI/Services/v35.0"])(
  "answers under %s",
  async (base) => {
    await using client = await startSimulatorWithClient();
    const headers = { authorization: `Bearer ${await client.accessToken()}` };
    const response = await fetch(`${client.simulator.url}${base}/interactions/${CONTACT}/signal?p1=x`, {
      method: "POST",
      headers,
    });
    expect(response.status).toBe(202);
  },
);

it("reads parameters from query and body, says where each was, and flags what came twice", async () => {
  await using client = await startSimulatorWithClient();
  await client.signal(CONTACT, "?p1=query&p4=one&p4=two", { p1: "body", p2: "only", p3: 5, p5: null, p10: "ignored" });
  expect(client.simulator.signals()).toMatchObject([
    {
      params: { p1: "query", p2: "only", p3: "5", p4: "one" },
      seenIn: { p1: "both", p2: "body", p3: "body", p4: "query" },
      givenTwice: ["p4", "p1"],
    },
  ]);
  expect(client.simulator.state().signals.givenTwice).toBe(1);
});

it.each([200, 202, 204] as const)("can answer %i to a signal it took", async (signalStatus) => {
  await using client = await startSimulatorWithClient({ settings: { signalStatus } });
  expect((await client.signal(CONTACT)).status).toBe(signalStatus);
});

it.each(["ended", "unknown", "otherBusinessUnit"] as const)("does not signal a contact that is %s", async (state) => {
  await using client = await startSimulatorWithClient();
  client.simulator.contact(CONTACT, state);
  const response = await client.signal(CONTACT, "?p1=x");
  expect(response.status).toBe(404);
  expect(await response.json()).toMatchObject({ error: "contact_not_signalable" });
  expect(client.simulator.signals()).toMatchObject([{ effect: false, status: 404, script: { reaction: "none" } }]);
});

it.each([400, 409, 202] as const)("can answer %i for an ended contact, by setting and by contact", async (status) => {
  await using client = await startSimulatorWithClient({ settings: { endedStatus: status } });
  client.simulator.contact("1", "ended");
  client.simulator.contact("2", "unknown", { status });
  expect((await client.signal("1")).status).toBe(status);
  expect((await client.signal("2")).status).toBe(status);
  expect(client.simulator.signals({ effect: true })).toEqual([]);
});

it("can hold every undeclared contact for unknown", async () => {
  await using client = await startSimulatorWithClient({ settings: { undeclaredContacts: "unknown" } });
  client.simulator.contact(CONTACT, "active");
  expect((await client.signal(CONTACT)).status).toBe(202);
  expect((await client.signal("2")).status).toBe(404);
});

it.each([
  ["a contact id that is no number", "1e5x", undefined, 400],
  ["a contact id of 20 digits", "1".repeat(20), undefined, 400],
  ["a body that is no JSON", CONTACT, "{p1", 400],
  ["a body that is an array", CONTACT, "[]", 400],
  ["a parameter that is an object", CONTACT, '{"p1":{}}', 400],
  ["a body of two megabytes", CONTACT, "x".repeat(2_097_152), 413],
])("refuses %s", async (_, contactId, body, status) => {
  await using client = await startSimulatorWithClient();
  expect((await client.signal(contactId, "", body)).status).toBe(status);
  expect(client.simulator.signals()).toMatchObject([{ effect: false, status }]);
});

it("refuses a method that is not POST, and says which it takes", async () => {
  await using client = await startSimulatorWithClient();
  const response = await client.get(`/inContactAPI/services/v30.0/interactions/${CONTACT}/signal`);
  expect([response.status, response.headers.get("allow")]).toEqual([405, "POST"]);
  expect(client.simulator.signals()).toEqual([]);
});

it("refuses a token that is missing, invented, expired or revoked", async () => {
  await using client = await startSimulatorWithClient();
  const path = `${client.simulator.url}/inContactAPI/services/v30.0/interactions/${CONTACT}/signal`;
  const status = async (token?: string) =>
    (await fetch(path, { method: "POST", headers: token === undefined ? {} : { authorization: `Bearer ${token}` } }))
      .status;
  const revoked = await client.accessToken();
  expect(await status(revoked)).toBe(202);
  expect(client.simulator.revokeTokens("ANOTHER KEY")).toBe(0);
  expect(client.simulator.revokeTokens(KEY)).toBe(1);
  client.simulator.settings({ tokenLifetimeSeconds: 0 });
  const expired = await client.accessToken();
  expect([await status(), await status("invented"), await status(revoked), await status(expired)]).toEqual([
    401, 401, 401, 401,
  ]);
  expect(client.simulator.signals({ effect: true })).toHaveLength(1);
});

it("notices two signals of one contact that are under way at once, and merges them", async () => {
  await using client = await startSimulatorWithClient();
  client.simulator.answer({ contactId: CONTACT, delayMs: 200, times: 1 });
  const slow = client.signal(CONTACT, "?p1=first");
  await client.simulator.untilSignals(1);
  await client.signal("2", "?p1=another contact");
  await client.signal(CONTACT, "?p1=second");
  await slow;
  expect(client.simulator.signals({ contactId: CONTACT })).toMatchObject([
    { inFlightSame: 0, script: { reaction: "started" } },
    { inFlightSame: 1, script: { reaction: "merged" } },
  ]);
  expect(client.simulator.signals({ contactId: "2" })).toMatchObject([{ inFlightSame: 0 }]);
  expect(client.simulator.state().signals).toMatchObject({ received: 3, overlapping: 1, inFlight: 0 });
});

it("knows that a second signal interrupts the script, and that one without ONSIGNAL does not care", async () => {
  await using client = await startSimulatorWithClient();
  client.simulator.contact("2", "active", { onSignal: false });
  await client.signal(CONTACT);
  await client.signal(CONTACT);
  await client.signal("2");
  expect(client.simulator.signals().map(({ script }) => script.reaction)).toEqual([
    "started",
    "interrupted",
    "noOnSignal",
  ]);
});

it("keeps two business units apart that use the same contact id", async () => {
  await using client = await startSimulatorWithClient();
  await client.signal(CONTACT);
  const headers = { authorization: `Bearer ${await client.accessToken("OTHER")}` };
  await fetch(`${client.simulator.url}/inContactAPI/services/v30.0/interactions/${CONTACT}/signal`, {
    method: "POST",
    headers,
  });
  expect(client.simulator.signals({ accessKeyId: "OTHER" })).toMatchObject([{ script: { reaction: "started" } }]);
});

it("records a request whose client left in the middle of its body", async () => {
  await using client = await startSimulatorWithClient();
  const headers = {
    authorization: `Bearer ${await client.accessToken()}`,
    "content-length": 100,
    "content-type": "application/json",
  };
  const path = `/inContactAPI/services/v30.0/interactions/${CONTACT}/signal`;
  const torn = request({ port: client.simulator.port, method: "POST", path, headers });
  torn.on("error", () => undefined);
  torn.write('{"p1":', () => torn.destroy());
  expect(await client.simulator.untilSignals(1)).toMatchObject([{ effect: false, params: {} }]);
});

it("keeps the newest signals, counts the rest, and goes on counting all", async () => {
  await using client = await startSimulatorWithClient({ signalsKept: 2 });
  for (const id of ["1", "2", "3"]) await client.signal(id);
  expect(client.simulator.signals().map(({ contactId }) => contactId)).toEqual(["2", "3"]);
  expect(client.simulator.state().signals).toMatchObject({
    received: 3,
    kept: 2,
    dropped: 1,
    effective: 3,
    byStatus: { 202: 3 },
  });
});
