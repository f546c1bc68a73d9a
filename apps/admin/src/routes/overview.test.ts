import { expect, it } from "vitest";
import { setup, useRedis } from "../../testing/world.ts";

useRedis();

it("counts what is queued, sent, delivered and dead, by connector and by reason", async () => {
  const { client, connect, accept, begin, finish, die } = await setup({ BATON_SHARDS: "2" });
  const [a, b] = [await connect({ name: "A" }), await connect({ name: "B", paused: true })];
  await accept(a, { contactId: "1", delayMs: 60_000 });
  await begin(a, await accept(a, { contactId: "2" }));
  await finish(a, await accept(a, { contactId: "3" }), {
    outcome: { kind: "accepted", httpStatus: 202 },
    settlement: { kind: "delivered" },
  });
  await die(a, { contactId: "4" });
  await die(a, { contactId: "5", outcome: { kind: "ambiguous" }, reason: "unknown" });

  const overview = await client.overview();
  expect(overview).toMatchObject({
    handoffs: { queued: 1, sending: 1, oldestQueuedMs: expect.any(Number) },
    deadLetters: {
      total: 2,
      byReason: { rejected: 1, unknown: 1, expired: 0, exhausted: 0, credentials: 0, configuration: 0 },
    },
    workers: 1,
    paused: false,
  });
  expect(overview.connectors).toHaveLength(2);
  expect(overview.connectors.find(({ id }) => id === a.id)).toMatchObject({
    name: "A",
    queued: 1,
    deadLetters: 2,
    breaker: "closed",
    paused: false,
    deliveredLastHour: 1,
    p50Ms: expect.any(Number),
    p99Ms: expect.any(Number),
  });
  expect(overview.connectors.find(({ id }) => id === b.id)).toEqual({
    id: b.id,
    name: "B",
    queued: 0,
    oldestQueuedMs: null,
    deadLetters: 0,
    breaker: "closed",
    paused: true,
    deliveredLastHour: 0,
    p50Ms: null,
    p99Ms: null,
  });
});

it("lists those in most trouble first: who sends nothing, then who waits longest, then who has letters", async () => {
  const { client, connect, accept, die } = await setup();
  const [well, dead, waits, waitsLonger, paused] = [
    await connect({ name: "well" }),
    await connect({ name: "dead" }),
    await connect({ name: "waits" }),
    await connect({ name: "waits longer" }),
    await connect({ name: "paused", paused: true }),
  ];
  await die(dead);
  await accept(waitsLonger, {});
  await expect.poll(async () => (await client.overview()).handoffs.oldestQueuedMs).toBeGreaterThan(5);
  await accept(waits, {});
  const { connectors, connectorsTotal, asOf } = await client.overview();
  expect(connectors.map(({ id }) => id)).toEqual([paused, waitsLonger, waits, dead, well].map(({ id }) => id));
  expect(connectorsTotal).toBe(5);
  expect(Date.parse(asOf)).toBeGreaterThan(well.createdAt);
});

it("is empty, and says so, before there is a connector", async () => {
  const { client } = await setup();
  expect(await client.overview()).toMatchObject({
    handoffs: { queued: 0, sending: 0, oldestQueuedMs: null },
    deadLetters: { total: 0 },
    connectors: [],
    connectorsTotal: 0,
  });
});

it("shows the queue in gauges, with ids of connectors as the only names", async () => {
  const { call, connect, accept, die } = await setup();
  const connector = await connect();
  await accept(connector, { contactId: "424242", delayMs: 60_000 });
  await die(connector, { contactId: "535353" });
  const { text, headers } = await call("GET", "/metrics");
  expect(headers.get("content-type")).toContain("text/plain");
  for (const line of [
    'baton_queue_depth{shard="0",state="delayed"} 1',
    'baton_queue_depth{shard="0",state="waiting"} 0',
    'baton_queue_depth{shard="0",state="active"} 0',
    `baton_queued{connector="${connector.id}"} 1`,
    `baton_dead_letters{connector="${connector.id}",reason="rejected"} 1`,
    `baton_breaker_open{connector="${connector.id}"} 0`,
    "baton_workers 1",
    "baton_redis_up 1",
    'baton_build_info{version="0.1.0"} 1',
  ]) {
    expect(text).toContain(line);
  }
  expect(Number(/^baton_redis_memory_bytes (.+)$/m.exec(text)?.[1])).toBeGreaterThan(0);
  expect(text).toMatch(/^baton_redis_memory_limit_bytes \d/m);
  expect(text).toMatch(/^baton_oldest_queued_seconds\{/m);
  expect(text).not.toMatch(/424242|535353|planted/);
});
