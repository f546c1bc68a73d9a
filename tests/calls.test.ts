import { type CallBody, createBatonClient } from "@baton/api";
import { expect, it } from "vitest";
import { startBaton, startIntake } from "./world/baton.ts";

const NUMBER = "+1 (555) 010-0100";
const CONTACT = "9007199254740993001";
const CALL: CallBody = { pseudoNumber: "15550100100", sipHeaders: { "X-InContact-ContactId": CONTACT } };

const setup = () => startIntake({ pseudoNumbers: [NUMBER] });

it("signals the contact of the call that a handoff names", async () => {
  const { client, deliver, connector, simulator } = await startBaton({ pseudoNumbers: [NUMBER] });
  const call = await client.registerCall({ ...CALL, sharedId: "conversation-1" });
  const { accountId, projectId, environment, id: connectorId } = connector;
  expect(call).toEqual({
    id: call.id,
    accountId,
    projectId,
    environment,
    connectorId,
    contactId: CONTACT,
    sharedId: "conversation-1",
  });
  expect(call.id).toMatch(/^ca_[0-9A-Z]{24}$/);
  expect(await client.call(call.id)).toEqual(call);
  const handoff = await client.send({ callId: call.id, params: { p1: "Escalate" } });
  expect(handoff).toMatchObject({ contactId: CONTACT, callId: call.id, sharedId: "conversation-1" });
  expect(await deliver({ contactId: "1" })).toMatchObject({ status: "delivered" });
  expect(simulator.signals({ contactId: CONTACT })).toMatchObject([{ params: { p1: "Escalate" } }]);
  expect(await client.send({ callId: call.id, sharedId: "own" })).toMatchObject({ callId: call.id, sharedId: "own" });
});

it("answers 201 with the call's place", async () => {
  const { raw } = await setup();
  const { status, headers, json } = await raw({ path: "/v1/calls", body: CALL });
  expect([status, headers.get("location")]).toEqual([201, `/v1/calls/${json.id}`]);
});

it.each([
  ["X-InContact-ContactId", { "x-incontact-contactid": ` ${CONTACT}\t` }, CONTACT],
  ["x-custom", { "X-InContact-ContactId": "1", "X-CUSTOM": "2" }, "2"],
  ["X-InContact-ContactId", { "X-InContact-ContactId": "none", "x-incontact-contactid": "3" }, "3"],
  ["X-InContact-ContactId", {}, undefined],
  ["X-InContact-ContactId", { "X-InContact-ContactId": "" }, undefined],
  ["X-InContact-ContactId", { "X-InContact-ContactId": "12345678901234567890" }, undefined],
  ["X-InContact-ContactId", { "X-InContact-ContactId": "1e5" }, undefined],
])("reads the contact id from %s in %j", async (contactIdHeader, sipHeaders, contactId) => {
  const { client } = await startIntake({ pseudoNumbers: [NUMBER], contactIdHeader });
  expect((await client.registerCall({ ...CALL, sipHeaders })).contactId).toBe(contactId);
});

it("answers alike for an unknown number and for one of another client, and logs which it was", async () => {
  const { raw, createConnector, logLines } = await setup();
  const other = await createConnector({ pseudoNumbers: ["+1 555 0199"] });
  const ask = (pseudoNumber: string) => raw({ path: "/v1/calls", body: { ...CALL, pseudoNumber } });
  const [foreign, unknown] = [await ask("1 555 0199"), await ask("1 555 0198")];
  expect([foreign.status, foreign.json.type]).toEqual([404, "urn:baton:problem:unknown-number"]);
  expect({ ...foreign.json, instance: "" }).toEqual({ ...unknown.json, instance: "" });
  await expect
    .poll(() => logLines.map((line) => JSON.parse(line)).filter(({ problem }) => problem === "unknown-number"))
    .toMatchObject([{ numberOwner: other.connector.id }, { numberOwner: null }]);
});

it("shows no connector another's call, and takes none in a handoff", async () => {
  const { client, createConnector, ingressUrl } = await setup();
  const { id } = await client.registerCall(CALL);
  const other = await createConnector();
  const otherClient = createBatonClient({ ingressUrl, token: other.token });
  for (const callId of [id, `${id.slice(0, -1)}${id.endsWith("0") ? "1" : "0"}`, "ca_nonsense"]) {
    await expect(otherClient.call(callId)).rejects.toMatchObject({ status: 404, code: "not-found" });
    await expect(otherClient.send({ callId })).rejects.toMatchObject({
      status: 422,
      code: "invalid-handoff",
      problem: { errors: [{ pointer: "/callId" }] },
    });
  }
});

it("refuses to hand off a call without a contact id, and forgets the refusal's idempotency key", async () => {
  const { client } = await setup();
  const { id: callId } = await client.registerCall({ ...CALL, sipHeaders: {} });
  const refused = client.send({ callId }, { idempotencyKey: "key" });
  await expect(refused).rejects.toMatchObject({ status: 422, code: "no-contact-id" });
  expect(await client.send({ contactId: "1" }, { idempotencyKey: "key" })).toMatchObject({ contactId: "1" });
});

it("knows a repeated handoff by its key also once its call is gone", async () => {
  const { client, redis, shards } = await setup();
  const { id: callId } = await client.registerCall(CALL);
  const first = await client.send({ callId }, { idempotencyKey: "key" });
  await redis.del(`${shards.tags[0]}:call:${callId}`);
  expect((await client.send({ callId }, { idempotencyKey: "key" })).id).toBe(first.id);
  await expect(client.call(callId)).rejects.toMatchObject({ status: 404 });
});

it("takes a number from the moment that a change gives it to the connector, within two seconds", async () => {
  const { client, connector, startAdmin } = await setup();
  const admin = await startAdmin();
  const operator = createBatonClient({ adminUrl: admin.url, adminKey: admin.key });
  await operator.patchConnector(connector.id, { pseudoNumbers: ["200"] });
  await expect
    .poll(() => client.registerCall({ ...CALL, pseudoNumber: "200" }).catch(() => undefined), { timeout: 2_000 })
    .toBeDefined();
  await expect(client.registerCall(CALL)).rejects.toMatchObject({ code: "unknown-number" });
});

it.each([
  [{ ...CALL, sipHeaders: { "X-A": 1 } }, ["/sipHeaders/X-A"]],
  [
    { ...CALL, sipHeaders: Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`X-${i}`, "v"])) },
    ["/sipHeaders"],
  ],
  [{ ...CALL, sipHeaders: { "X-A": "v".repeat(9 * 1024) } }, ["/sipHeaders/X-A"]],
  [{ pseudoNumber: NUMBER }, ["/sipHeaders"]],
  [{ ...CALL, pseudoNumber: "sip:1" }, ["/pseudoNumber"]],
  [{ ...CALL, contactId: "1" }, ["/contactId"]],
])("refuses a bad call, %#, and points at what is wrong", async (body, pointers) => {
  const { raw } = await setup();
  const { status, json } = await raw({ path: "/v1/calls", body });
  expect([status, json.type, json.errors.map(({ pointer }: { pointer: string }) => pointer)]).toEqual([
    422,
    "urn:baton:problem:invalid-call",
    pointers,
  ]);
});

it("keeps nothing of the SIP headers but the contact id, and logs none", async () => {
  const { client, redis, namespace, logLines } = await setup();
  await client.registerCall({
    ...CALL,
    sipHeaders: { ...CALL.sipHeaders, From: "planted-caller", "X-Planted": "planted-value" },
  });
  const dump = await Promise.all((await redis.keys(`{${namespace}:*`)).map((key) => redis.dumpBuffer(key)));
  expect(Buffer.concat(dump.flatMap((value) => value ?? [])).toString("latin1")).not.toMatch(/planted/i);
  expect(logLines.join()).not.toMatch(/planted/i);
});

it("wants a token for calls as for handoffs", async () => {
  const { raw } = await setup();
  for (const path of ["/v1/calls", "/v1/handoffs"]) {
    expect((await raw({ path, body: CALL, headers: { authorization: "" } })).status).toBe(401);
  }
});
