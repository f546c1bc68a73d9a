import { once } from "node:events";
import { openRedis, parseRedisUrl } from "@baton/redis/connection";
import { createShards } from "@baton/redis/shards";
import { expect, it, onTestFinished } from "vitest";
import { redisUrl, setup, useRedis } from "../../testing/world.ts";

useRedis();

it("finds handoffs by contact, shared id, idempotency key, connector and status, newest first", async () => {
  const { client, connect, accept, die } = await setup({ BATON_SHARDS: "2" });
  const [a, b] = [await connect(), await connect()];
  const first = (await accept(a, { contactId: "1", sharedId: "conversation 1", idempotencyKey: "key 1" })).handoff.id;
  const dead = await die(b, { contactId: "1" });
  const second = (await accept(b, { contactId: "1", idempotencyKey: "key 1" })).handoff.id;
  const third = (await accept(b, { contactId: "2", sharedId: "conversation 1" })).handoff.id;
  const found = async (search: Parameters<typeof client.handoffs>[0]) =>
    (await client.handoffs(search)).items.map(({ id }) => id).sort();

  expect(await found({})).toEqual([first, second, third, dead].sort());
  expect(await found({ contactId: "1" })).toEqual([first, second, dead].sort());
  expect(await found({ sharedId: "conversation 1" })).toEqual([first, third].sort());
  expect(await found({ idempotencyKey: "key 1" })).toEqual([first, second].sort());
  expect(await found({ idempotencyKey: "key 1", connectorId: a.id })).toEqual([first]);
  expect(await found({ connectorId: b.id })).toEqual([second, third, dead].sort());
  expect(await found({ status: "dead" })).toEqual([dead]);
  expect(await found({ contactId: "1", status: "queued" })).toEqual([first, second].sort());
  expect(await found({ idempotencyKey: "key 2" })).toEqual([]);
  expect(await found({ connectorId: "cn_nobody" })).toEqual([]);
});

it("finds queued handoffs by what they wait for, as each of them says", async () => {
  const { client, connect, accept, die } = await setup();
  const connector = await connect();
  const first = (await accept(connector, { contactId: "1" })).handoff.id;
  const behind = (await accept(connector, { contactId: "1" })).handoff.id;
  const delayed = (await accept(connector, { contactId: "2", delayMs: 60_000 })).handoff.id;
  await die(connector, { contactId: "3" });
  const found = async (search: Parameters<typeof client.handoffs>[0]) =>
    (await client.handoffs(search)).items.map(({ id, waitingFor }) => [id, waitingFor] as const);
  expect(await found({ waitingFor: "order" })).toEqual([[behind, "order"]]);
  expect(await found({ waitingFor: "delay", connectorId: connector.id })).toEqual([[delayed, "delay"]]);
  expect(await found({ waitingFor: "pause" })).toEqual([]);
  expect(await found({ waitingFor: "order", status: "dead" })).toEqual([]);
  // Both may be accepted in one millisecond: then neither is the newer one.
  expect(new Map(await found({ contactId: "1" }))).toEqual(
    new Map([
      [first, undefined],
      [behind, "order"],
    ]),
  );
});

/** More entries of an index than one answer looks through. */
const MANY = 10_500;

it("looks on where nothing fits, and ends an answer after so many", async () => {
  const { client, connect, accept, namespace } = await setup();
  const connector = await connect();
  const { id } = (await accept(connector)).handoff;
  const redis = openRedis(parseRedisUrl(redisUrl()), "scripts");
  onTestFinished(() => redis.disconnect());
  await once(redis, "ready");
  const [tag = ""] = createShards(redis, namespace, 1).tags;
  const add = (count: number) =>
    redis.zadd(`${tag}:of:${connector.id}`, ...Array.from({ length: count }, (_, i) => [8e12 + i, `ho_${i}`]).flat());
  const search = (cursor = {}) => client.handoffs({ connectorId: connector.id, status: "queued", ...cursor });
  await add(600);
  expect((await search()).items.map((item) => item.id)).toEqual([id]);
  await add(MANY);
  const { items, nextCursor = "" } = await search();
  expect(items).toEqual([]);
  expect((await search({ cursor: nextCursor })).items.map((item) => item.id)).toEqual([id]);
});

it("pages through handoffs without missing or repeating one", async () => {
  const { client, connect, accept } = await setup({ BATON_SHARDS: "2" });
  const connectors = [await connect(), await connect()];
  const ids: string[] = [];
  for (let i = 0; i < 10; i++) for (const connector of connectors) ids.push((await accept(connector)).handoff.id);
  const seen: string[] = [];
  for (let cursor: string | undefined; ; ) {
    const page = await client.handoffs({ limit: 7, ...(cursor === undefined ? {} : { cursor }) });
    seen.push(...page.items.map(({ id }) => id));
    cursor = page.nextCursor;
    if (cursor === undefined) break;
  }
  expect(seen).toHaveLength(ids.length);
  expect(new Set(seen)).toEqual(new Set(ids));
});

it("reads a handoff with its attempts, and none of its parameters", async () => {
  const { call, connect, die } = await setup();
  const id = await die(await connect());
  const { status, body, text } = await call("GET", `/admin/v1/handoffs/${id}`);
  expect(status).toBe(200);
  expect(body).toMatchObject({
    id,
    status: "dead",
    reason: "rejected",
    mayHaveArrived: false,
    possibleDuplicate: false,
    replays: 0,
  });
  expect(body.attempts).toMatchObject([
    { number: 1, durationMs: 20, outcome: "rejected", httpStatus: 400, detail: "Contact is not active" },
  ]);
  expect(text).not.toContain("planted");
});

it("reads a handoff as dead and expired once its deadline passed, though no worker runs", async () => {
  const { client, connect, accept } = await setup();
  const { handoff } = await accept(await connect(), { deadlineMs: 1 });
  await expect
    .poll(async () => (await client.handoffs()).items)
    .toMatchObject([{ id: handoff.id, status: "dead", reason: "expired" }]);
  expect(await client.deadLetters()).toMatchObject({ total: 1, items: [{ id: handoff.id, reason: "expired" }] });
});

it("takes a queued handoff back with its job", async () => {
  const { call, connect, accept, totals } = await setup();
  const connector = await connect();
  const { handoff } = await accept(connector, { delayMs: 60_000 });
  const answer = await call("POST", `/admin/v1/handoffs/${handoff.id}/cancel`);
  expect(answer).toMatchObject({ status: 200, body: { status: "cancelled" } });
  expect((await totals()).jobs).toMatchObject([{ waiting: 0, delayed: 0 }]);
  expect(await call("POST", `/admin/v1/handoffs/${handoff.id}/cancel`)).toMatchObject({
    status: 200,
    body: answer.body,
  });
  const { text } = await call("GET", "/metrics");
  expect(text).toContain(`baton_handoffs_ended_total{connector="${connector.id}",status="cancelled",reason=""} 1`);
});

it("lets the handoff behind a cancelled one go at once", async () => {
  const { call, connect, accept, begin, claim, delivery } = await setup();
  const connector = await connect();
  const first = await begin(connector, await accept(connector));
  const second = await accept(connector);
  const third = await accept(connector);
  // Both are put behind the first.
  expect(await claim(connector)).toEqual([]);
  expect(await call("POST", `/admin/v1/handoffs/${second.handoff.id}/cancel`)).toMatchObject({ status: 200 });
  await delivery.settle({
    attempt: first,
    connector,
    durationMs: 20,
    isUnsent: false,
    outcome: { kind: "accepted", httpStatus: 202 },
    settlement: { kind: "delivered" },
  });
  expect(await claim(connector)).toMatchObject([{ id: third.handoff.id }]);
});

it("cannot take back what is on its way", async () => {
  const { call, connect, accept, begin } = await setup();
  const connector = await connect();
  const stored = await accept(connector);
  await begin(connector, stored);
  expect(await call("POST", `/admin/v1/handoffs/${stored.handoff.id}/cancel`)).toMatchObject({
    status: 409,
    body: { type: "urn:baton:problem:already-sending", handoffStatus: "sending" },
  });
});

it.each(["ho_nobody", "cn_nobody", "%00", "1"])("knows no handoff %s", async (id) => {
  const { call } = await setup();
  expect(await call("GET", `/admin/v1/handoffs/${id}`)).toMatchObject({
    status: 404,
    body: { type: "urn:baton:problem:not-found" },
  });
  expect(await call("POST", `/admin/v1/handoffs/${id}/cancel`)).toMatchObject({ status: 404 });
});
