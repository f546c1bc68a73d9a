import { expect, it } from "vitest";
import { CONTACT, KEY, startSimulatorWithClient } from "./test-client.ts";

it("takes faults, lists and withdraws them", async () => {
  await using client = await startSimulatorWithClient();
  const created = await client.sim("POST", "faults", {
    scope: { contactId: CONTACT },
    on: "signal",
    times: 3,
    fault: { status: 503 },
  });
  expect([created.status, await created.json()]).toEqual([201, { id: "fault-1" }]);
  expect((await client.signal(CONTACT)).status).toBe(503);
  expect(await (await client.sim("GET", "faults")).json()).toEqual({
    items: [{ id: "fault-1", on: "signal", contactId: CONTACT, fault: { status: 503 }, used: 1, left: 2 }],
  });
  expect((await client.sim("DELETE", "faults/fault-1")).status).toBe(204);
  expect((await client.sim("DELETE", "faults/fault-1")).status).toBe(404);
  await client.sim("POST", "faults", { scope: { all: true }, fault: { status: 500 } });
  expect(await (await client.sim("DELETE", "faults")).json()).toEqual({ withdrawn: 1 });
  expect((await client.signal(CONTACT)).status).toBe(202);
});

it("declares one contact or many", async () => {
  await using client = await startSimulatorWithClient();
  await client.sim("POST", "contacts", { contactId: "1", state: "ended", status: 409 });
  await client.sim("POST", "contacts", {
    contacts: [
      { contactId: "2", state: "unknown" },
      { contactId: "3", state: "active" },
    ],
  });
  expect((await client.signal("1")).status).toBe(409);
  expect((await client.signal("2")).status).toBe(404);
  expect(await (await client.sim("GET", "contacts/3")).json()).toMatchObject({
    contactId: "3",
    state: "active",
    onSignal: true,
  });
});

it("lists signals by contact, access key and effect, page by page", async () => {
  await using client = await startSimulatorWithClient();
  for (const id of ["1", "2", "1", "1"]) await client.signal(id, `?p1=${id}`);
  const first = await (await client.sim("GET", "signals?contactId=1&limit=2")).json();
  expect(first).toMatchObject({
    items: [{ number: 1, at: expect.stringMatching(/^\d{4}-.*Z$/) }, { number: 3 }],
    nextCursor: "3",
  });
  const second = await (await client.sim("GET", "signals?contactId=1&limit=2&cursor=3")).json();
  expect(second).toMatchObject({ items: [{ number: 4 }] });
  expect(second).not.toHaveProperty("nextCursor");
  expect(await (await client.sim("GET", `signals?accessKeyId=${KEY}&effect=true`)).json()).toMatchObject({
    items: { length: 4 },
  });
  expect(await (await client.sim("GET", "signals?effect=false")).json()).toEqual({ items: [] });
});

it("lists token requests, and revokes tokens", async () => {
  await using client = await startSimulatorWithClient();
  await client.signal(CONTACT);
  expect(await (await client.sim("GET", `token-requests?accessKeyId=${KEY}`)).json()).toMatchObject({
    items: [{ status: 200, clientAuth: "basic" }],
  });
  expect(await (await client.sim("POST", "tokens/revoke", { accessKeyId: KEY })).json()).toEqual({ revoked: 1 });
  expect((await client.signal(CONTACT)).status).toBe(401);
});

it("changes the settings that are named and keeps the others", async () => {
  await using client = await startSimulatorWithClient();
  await client.sim("POST", "settings", { signalStatus: 200 });
  expect(await (await client.sim("GET", "settings")).json()).toMatchObject({ signalStatus: 200, endedStatus: 404 });
});

it("forgets everything but tokens on reset", async () => {
  await using client = await startSimulatorWithClient({ settings: { signalStatus: 204 } });
  client.simulator.contact(CONTACT, "ended");
  client.simulator.answer({ contactId: "2", status: 503 });
  client.simulator.settings({ signalStatus: 200 });
  await client.signal(CONTACT);
  expect((await client.sim("POST", "reset")).status).toBe(200);
  expect(client.simulator.state()).toMatchObject({
    signals: { received: 0, kept: 0, byStatus: {} },
    contacts: { declared: 0 },
    tokens: { requests: 0, valid: 1 },
    faults: [],
    settings: { signalStatus: 204 },
  });
  expect((await client.signal(CONTACT)).status).toBe(204);
});

it.each([
  ["faults", { fault: { stat: 503 } }, "/fault/stat"],
  ["faults", { fault: { status: 99 } }, "/fault/status"],
  ["faults", { scope: { contact: "1" }, fault: {} }, "/scope/contact"],
  ["faults", { times: 0, fault: {} }, "/times"],
  ["contacts", { contactId: "1e5", state: "ended" }, "/contactId"],
  ["contacts", { contactId: "1", state: "gone" }, "/state"],
  ["settings", { signalStatus: 500 }, "/signalStatus"],
])("refuses what it does not understand in %s, and points at it", async (path, body, pointer) => {
  await using client = await startSimulatorWithClient();
  const response = await client.sim("POST", path, body);
  expect(response.status).toBe(422);
  expect(await response.json()).toMatchObject({ errors: [{ pointer }] });
});

it("refuses broken JSON, unknown paths and wrong methods", async () => {
  await using client = await startSimulatorWithClient();
  const { url } = client.simulator;
  expect((await fetch(`${url}/__sim/faults`, { method: "POST", body: "{" })).status).toBe(400);
  expect((await fetch(`${url}/nowhere`)).status).toBe(404);
  expect((await fetch(`${url}//`)).status).toBe(404);
  const wrong = await fetch(`${url}/__sim/faults`, { method: "PUT" });
  expect([wrong.status, wrong.headers.get("allow")]).toEqual([405, "GET, POST, DELETE"]);
});

it("shows a page that says what is documented and what is assumed, and runs no script", async () => {
  await using client = await startSimulatorWithClient();
  await client.signal(CONTACT, "?p1=%3Cscript%3E");
  const response = await client.get("/");
  const page = await response.text();
  expect(response.headers.get("content-security-policy")).toContain("default-src 'none'");
  for (const text of ["documented", "reported", "assumed", "/__sim/faults", "1 (1 kept, 0 dropped)"])
    expect(page).toContain(text);
  expect(page).not.toContain("<script");
});
