import { generateKeyringEntry } from "@baton/vault";
import { describe, expect, it } from "vitest";
import { startBaton, startIntake } from "./world/baton.ts";
import { createRawClient } from "./world/raw-client.ts";

const BODY = {
  contactId: "100000000001",
  params: { p1: "Escalate", p2: "billing" },
  context: { b: 1, a: [1, { d: 2, c: 3 }] },
};
const REORDERED =
  '{ "context": {"a": [1, {"c": 3, "d": 2}], "b": 1}, "params": {"p2": "billing", "p1": "Escalate"}, "contactId": "100000000001" }';

const keyed = (key = "b7f3c1de-handoff-1") => ({ "idempotency-key": key });

describe("the same key and the same body", () => {
  it("answer the same handoff, and nothing more is accepted or sent", async () => {
    const { raw, ended, accepted, simulator } = await startBaton();
    const first = await raw({ body: BODY, headers: keyed() });
    expect(first.status).toBe(202);
    expect(first.headers.get("idempotent-replayed")).toBeNull();
    await ended(first.json);
    const again = await raw({ body: BODY, headers: keyed() });
    expect(again.headers.get("idempotent-replayed")).toBe("true");
    expect(again.headers.get("location")).toBe(`/v1/handoffs/${first.json.id}`);
    expect(again.json).toMatchObject({ id: first.json.id, status: "delivered", attempts: [{ outcome: "accepted" }] });
    expect(await accepted()).toHaveLength(1);
    expect(simulator.signals()).toHaveLength(1);
  });

  it("are the same body however its members are ordered and spaced", async () => {
    const { raw } = await startIntake();
    const { json } = await raw({ body: BODY, headers: keyed() });
    const again = await raw({ body: REORDERED, headers: keyed() });
    expect(again).toMatchObject({ status: 202, json: { id: json.id } });
    expect(again.headers.get("idempotent-replayed")).toBe("true");
  });

  it("answer a handoff that was cancelled or died meanwhile as it is now", async () => {
    const { raw, client, startWorker, simulator } = await startIntake();
    const cancelled = await raw({ body: BODY, headers: keyed("cancelled") });
    await client.cancel(cancelled.json.id);
    expect((await raw({ body: BODY, headers: keyed("cancelled") })).json).toMatchObject({
      id: cancelled.json.id,
      status: "cancelled",
    });
    const expiring = { ...BODY, deadlineMs: 1_000 };
    const expired = await raw({ body: expiring, headers: keyed("expired") });
    await client.get(expired.json.id, { waitMs: 5_000 });
    expect((await raw({ body: expiring, headers: keyed("expired") })).json).toMatchObject({
      id: expired.json.id,
      reason: "expired",
    });
    await startWorker();
    expect(simulator.signals()).toHaveLength(0);
  });

  it("answer how the handoff ended, for 24 h, though it was kept for less", async () => {
    const { raw, ended, client, accepted, simulator } = await startBaton({}, { BATON_RETENTION_ENDED: "1s" });
    const first = await raw({ body: BODY, headers: keyed() });
    await ended(first.json);
    await expect.poll(() => client.get(first.json.id).catch(({ status }) => status), { timeout: 20_000 }).toBe(404);
    const again = await raw({ body: BODY, headers: { ...keyed(), prefer: "wait=5" } });
    expect(again).toMatchObject({
      status: 200,
      json: { id: first.json.id, status: "delivered", attempts: [{ outcome: "accepted" }] },
    });
    expect(again.headers.get("idempotent-replayed")).toBe("true");
    expect((await raw({ body: { ...BODY, contactId: "2" }, headers: keyed() })).status).toBe(422);
    expect((await raw({ body: { nonsense: 1 }, headers: keyed() })).json).toMatchObject({
      type: "urn:baton:problem:idempotency-key-reused",
    });
    expect(await accepted()).toEqual([]);
    expect(simulator.signals()).toHaveLength(1);
  });

  it("honour Prefer like the first time", async () => {
    const { raw, startWorker } = await startIntake();
    await raw({ body: BODY, headers: keyed() });
    const [again] = await Promise.all([raw({ body: BODY, headers: { ...keyed(), prefer: "wait=20" } }), startWorker()]);
    expect(again).toMatchObject({ status: 200, json: { status: "delivered" } });
    expect(again.headers.get("preference-applied")).toBe("wait=20");
    expect(again.headers.get("idempotent-replayed")).toBe("true");
  });

  it("sent twenty times at once make one handoff", async () => {
    const { raw, accepted } = await startIntake();
    const answers = await Promise.all(Array.from({ length: 20 }, () => raw({ body: BODY, headers: keyed() })));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]));
    expect(new Set(answers.map(({ json }) => json.id)).size).toBe(1);
    expect(answers.filter(({ headers }) => headers.get("idempotent-replayed") === null)).toHaveLength(1);
    expect(await accepted()).toHaveLength(1);
  });

  it("are answered though there is no more room", async () => {
    const { raw } = await startIntake({}, { BATON_MAX_PENDING: "1" });
    const { json } = await raw({ body: BODY, headers: keyed() });
    expect((await raw({ body: BODY })).status).toBe(429);
    expect(await raw({ body: BODY, headers: keyed() })).toMatchObject({ status: 202, json: { id: json.id } });
  });

  it("are another handoff for another connector", async () => {
    const { raw, createConnector } = await startIntake();
    const { json } = await raw({ body: BODY, headers: keyed() });
    const other = await raw({
      body: BODY,
      headers: { ...keyed(), authorization: `Bearer ${(await createConnector()).token}` },
    });
    expect(other.status).toBe(202);
    expect(other.headers.get("idempotent-replayed")).toBeNull();
    expect(other.json.id).not.toBe(json.id);
  });
});

it("a repeat is 503, not another body, where its process lacks the key that knows the first one", async () => {
  const [older, newer] = [generateKeyringEntry(), generateKeyringEntry()];
  const { raw, startIngress, token, accepted } = await startIntake({}, { BATON_KEYRING: `${newer},${older}` });
  const late = await startIngress({ BATON_KEYRING: older });
  const { json } = await raw({ body: BODY, headers: keyed() });
  const refused = await createRawClient(late.url, token)({ body: BODY, headers: keyed() });
  expect(refused).toMatchObject({ status: 503, json: { type: "urn:baton:problem:queue-unavailable" } });
  expect(refused.json.detail).toContain(newer.split(":")[0]);
  expect(await raw({ body: BODY, headers: keyed() })).toMatchObject({ status: 202, json: { id: json.id } });
  expect(await accepted()).toHaveLength(1);
});

describe("the same key with another body", () => {
  it.each([
    { what: "another contact", body: { ...BODY, contactId: "100000000002" } },
    { what: "another parameter", body: { ...BODY, params: { p1: "Escalate", p2: "Billing" } } },
    { what: "a parameter fewer", body: { ...BODY, params: { p1: "Escalate" } } },
    { what: "another context", body: { ...BODY, context: { b: 1, a: [{ d: 2, c: 3 }, 1] } } },
    { what: "another deadline", body: { ...BODY, deadlineMs: 60_000 } },
    { what: "a body that is not valid", body: { ...BODY, contactId: "1e5", nonsense: true } },
    { what: "a body that is no object", body: "null" },
    {
      what: "a number that is another one but for its last digits",
      body: JSON.stringify(BODY).replace('"b":1', '"b":1.00000000000000000001'),
    },
  ])("is refused: $what", async ({ body }) => {
    const { raw, accepted } = await startIntake();
    const { json } = await raw({ body: BODY, headers: keyed() });
    const refused = await raw({ body, headers: keyed() });
    expect(refused).toMatchObject({ status: 422, json: { type: "urn:baton:problem:idempotency-key-reused" } });
    expect(refused.headers.get("idempotent-replayed")).toBeNull();
    expect(await accepted()).toMatchObject([{ id: json.id }]);
  });
});

describe("a refusal is not kept", () => {
  it("a key that came with an invalid body is free", async () => {
    const { raw } = await startIntake();
    expect((await raw({ body: { ...BODY, contactId: "1e5" }, headers: keyed() })).status).toBe(422);
    expect((await raw({ body: "{", headers: keyed() })).status).toBe(400);
    expect((await raw({ headers: keyed() })).status).toBe(400);
    const accepted = await raw({ body: BODY, headers: keyed() });
    expect(accepted.status).toBe(202);
    expect(accepted.headers.get("idempotent-replayed")).toBeNull();
  });

  it.each([
    { what: "a body of ten thousand levels", body: `${"[".repeat(10_000)}${"]".repeat(10_000)}` },
    {
      what: "a context of five thousand levels",
      body: `{"contactId":"1","context":${'{"a":'.repeat(5_000)}1${"}".repeat(5_000)}}`,
    },
  ])("a key that came with $what is free", async ({ body }) => {
    const { raw } = await startIntake();
    expect(await raw({ body, headers: keyed() })).toMatchObject({
      status: 422,
      json: { type: "urn:baton:problem:invalid-handoff" },
    });
    expect((await raw({ body: BODY, headers: keyed() })).status).toBe(202);
  });

  it("a key that came when there was no room is free", async () => {
    const { raw, client, send } = await startIntake({}, { BATON_MAX_PENDING: "1" });
    const { id } = await send();
    expect((await raw({ body: BODY, headers: keyed() })).status).toBe(429);
    await client.cancel(id);
    const accepted = await raw({ body: BODY, headers: keyed() });
    expect(accepted.status).toBe(202);
    expect(accepted.headers.get("idempotent-replayed")).toBeNull();
  });
});

describe("a key", () => {
  it.each(["x", "x".repeat(255), "a:b {c} /d?e=f#g%20", '"quoted"', "~!@#$%^&*()"])("may be %j", async (key) => {
    const { raw } = await startIntake();
    const { json } = await raw({ body: BODY, headers: keyed(key) });
    expect(await raw({ body: BODY, headers: keyed(key) })).toMatchObject({ status: 202, json: { id: json.id } });
  });

  it.each(["x".repeat(256), "schlüssel", "tab\tbed"])("may not be %j, and nothing is accepted", async (key) => {
    const { raw, accepted } = await startIntake();
    const refused = await raw({ body: BODY, headers: keyed(key) });
    expect(refused).toMatchObject({ status: 422, json: { type: "urn:baton:problem:invalid-handoff" } });
    expect(refused.json.errors[0].message).toContain("printable ASCII");
    expect(await accepted()).toEqual([]);
  });

  it("is never written to a log", async () => {
    const { raw, logLines } = await startIntake();
    await raw({ body: BODY, headers: keyed("customer-4711") });
    await raw({ body: { ...BODY, contactId: "2" }, headers: keyed("customer-4711") });
    expect(logLines.join()).not.toContain("4711");
  });
});
