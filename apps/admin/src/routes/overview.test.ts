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
    due: 0,
    sending: 0,
    oldestQueuedMs: null,
    deadlineUsed: 0,
    willMiss: 0,
    waitingFor: {},
    deadLetters: 0,
    breaker: "closed",
    paused: true,
    pausedSince: expect.any(String),
    deliveredLastHour: 0,
    p50Ms: null,
    p99Ms: null,
  });
});

it("lists those in most trouble first: who sends nothing, then who waits longest, then who has dead letters", async () => {
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

it("counts those that are parked behind their connector's gate apart from the others that BullMQ delays", async () => {
  const { call, connect, accept, begin } = await setup({ BATON_SHARDS: "2" });
  // Each connector lies in a shard that chance picks.
  const connectors = await Promise.all(
    [1, 2, 3].map(() => connect({ delivery: { rate: { perSecond: 1, burst: 1 }, deadlineMs: 86_400_000 } })),
  );
  for (const connector of connectors) {
    const first = await accept(connector, { deadlineMs: 86_400_000 });
    await accept(connector, { contactId: "3", deadlineMs: 86_400_000, delayMs: 60_000 });
    for (const contactId of ["1", "2"]) await accept(connector, { contactId, deadlineMs: 86_400_000 });
    await begin(connector, first);
  }
  const { text } = await call("GET", "/metrics");
  const depth = (state: string) =>
    [...text.matchAll(new RegExp(`^baton_queue_depth\\{shard="[01]",state="${state}"\\} (\\d+)$`, "gm"))]
      .map(([, count]) => Number(count))
      .reduce((sum, count) => sum + count);
  expect(["waiting", "active", "delayed", "parked"].map(depth)).toEqual([0, 3, 3, 6]);
});

it("leaves the gauges out of a scrape that cannot read them, and logs why", async () => {
  const { call, redis, namespace, log } = await setup();
  await redis.set(`{${namespace}}:connectors`, "no sorted set");
  const { status, text } = await call("GET", "/metrics");
  expect(status).toBe(200);
  expect(text).toContain("baton_redis_up 1");
  expect(text).not.toContain("baton_queued");
  expect(log.lines).toContainEqual(
    expect.objectContaining({ level: "error", msg: "the queue's gauges could not be read" }),
  );
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
    'baton_queue_depth{shard="0",state="parked"} 0',
    `baton_queued{connector="${connector.id}"} 1`,
    `baton_dead_letters{connector="${connector.id}",reason="rejected"} 1`,
    `baton_breaker_open{connector="${connector.id}"} 0`,
    "baton_workers 1",
    "baton_redis_up 1",
    'baton_build_info{version="',
  ]) {
    expect(text).toContain(line);
  }
  expect(Number(/^baton_redis_memory_bytes (.+)$/m.exec(text)?.[1])).toBeGreaterThan(0);
  expect(text).toMatch(/^baton_redis_memory_limit_bytes \d/m);
  expect(text).toMatch(/^baton_oldest_queued_seconds\{/m);
  expect(text).not.toMatch(/424242|535353|planted/);
});

it("says how urgent it is: who is due, what the others wait for, whose deadline comes first, and who will miss it", async () => {
  const { client, connect, accept } = await setup();
  const [slow, paused] = [
    await connect({ name: "slow", delivery: { rate: { perSecond: 1, burst: 2 } } }),
    await connect({ name: "paused", paused: true }),
  ];
  const ids: string[] = [];
  for (const deadlineMs of [90_000, 1_500, 3_500, 4_000, 100_000])
    ids.push((await accept(slow, { contactId: String(ids.length + 1), deadlineMs })).handoff.id);
  await accept(slow, { contactId: "1", deadlineMs: 200_000 });
  await accept(slow, { contactId: "9", delayMs: 30_000, deadlineMs: 200_000 });
  await accept(paused, { contactId: "8", deadlineMs: 50_000 });

  const { handoffs, connectors } = await client.overview();
  expect(handoffs).toMatchObject({ queued: 8, due: 2, willMiss: 0, mostUrgent: { id: ids[1], connectorId: slow.id } });
  const rows = new Map(connectors.map((row) => [row.name, row]));
  // Two tokens now, then one a second; one of six stands behind another of its contact.
  expect(rows.get("slow")).toMatchObject({ queued: 7, due: 2, waitingFor: { rate: 3, order: 1, delay: 1 } });
  expect(rows.get("paused")).toMatchObject({ queued: 1, due: 0, willMiss: 0, waitingFor: { pause: 1 } });
  const used = rows.get("slow")?.deadlineUsed ?? 0;
  expect(used).toBeGreaterThan(0);
  expect(used).toBeLessThanOrEqual(1);
});

it("counts those that the rate leaves no time for, and the dead ones that are not marked yet", async () => {
  const { client, connect, accept } = await setup();
  const slow = await connect({ delivery: { rate: { perSecond: 1, burst: 1 } } });
  for (let contact = 1; contact <= 5; contact++) await accept(slow, { contactId: String(contact), deadlineMs: 90_000 });
  for (let contact = 46; contact <= 48; contact++)
    await accept(slow, { contactId: String(contact), deadlineMs: 12_000 });
  // A slot now and one each second: those have one in time, but of all 43 only 31 until then, fewer the later asked;
  // every other deadline is read.
  for (let contact = 6; contact <= 45; contact++)
    await accept(slow, { contactId: String(contact), deadlineMs: 30_500 });
  const { queued, willMiss } = (await client.overview()).handoffs;
  expect(queued).toBe(48);
  expect(willMiss).toBeGreaterThanOrEqual(11);
  expect(willMiss).toBeLessThan(23);
  await accept(slow, { contactId: "100", deadlineMs: 1 });
  await expect
    .poll(async () => (await client.overview()).deadLetters)
    .toMatchObject({ total: 1, lastHour: 1, byReason: { expired: 1 } });
  expect((await client.overview()).handoffs.queued).toBe(48);
});

it("says since when a breaker is open, how many are being sent, and when CXone last took one", async () => {
  const { client, connect, accept, begin, finish, redis, shards } = await setup();
  const connector = await connect();
  await begin(connector, await accept(connector, { contactId: "1" }));
  await finish(connector, await accept(connector, { contactId: "2" }), {
    outcome: { kind: "accepted", httpStatus: 202 },
    settlement: { kind: "delivered" },
  });
  const [row] = (await client.overview()).connectors;
  expect(row).toMatchObject({ sending: 1, lastDeliveredAt: expect.any(String), p99Ms: expect.any(Number) });
  expect(Math.abs(Date.parse(row?.lastDeliveredAt ?? "") - Date.now())).toBeLessThan(10_000);
  for (let contact = 10; contact < 40; contact++) {
    await finish(connector, await accept(connector, { contactId: String(contact) }), {
      outcome: { kind: "unavailable", httpStatus: 503 },
      settlement: { kind: "dead", reason: "exhausted" },
    }).catch(() => undefined);
    if ((await redis.hget(`${shards.tags[0]}:c:${connector.id}`, "bs")) === "open") break;
  }
  const [broken] = (await client.overview()).connectors;
  expect(broken).toMatchObject({ breaker: expect.stringMatching(/open|probing/), breakerSince: expect.any(String) });
});

it("says since when CXone throttles a connector, from its first Retry-After on", async () => {
  const { client, connect, accept, begin, delivery } = await setup();
  const connector = await connect();
  const [first, second] = [
    await begin(connector, await accept(connector, { contactId: "1" })),
    await begin(connector, await accept(connector, { contactId: "2" })),
  ];
  const throttle = (attempt: typeof first, retryAfterMs: number) =>
    delivery.settle({
      attempt,
      connector,
      durationMs: 20,
      isUnsent: false,
      outcome: { kind: "throttled", httpStatus: 429, retryAfterMs },
      settlement: { kind: "dead", reason: "expired", holdMs: retryAfterMs },
    });
  await throttle(first, 60_000);
  const [row] = (await client.overview()).connectors;
  expect(Date.parse(row?.heldUntil ?? "") - Date.parse(row?.heldSince ?? "")).toBe(60_000);
  await throttle(second, 120_000);
  const [longer] = (await client.overview()).connectors;
  expect(longer).toMatchObject({ heldSince: row?.heldSince });
  expect(Date.parse(longer?.heldUntil ?? "")).toBeGreaterThan(Date.parse(row?.heldUntil ?? ""));
  await client.resumeConnector(connector.id);
  expect((await client.overview()).connectors[0]).not.toHaveProperty("heldSince");
});

it("says since when a connector or everything is paused; one that is prolonged began when it began", async () => {
  const { client, connect } = await setup();
  const [early, late] = [await connect({ name: "early", paused: true }), await connect({ name: "late" })];
  const since = async (id: string) =>
    (await client.overview()).connectors.find((connector) => connector.id === id)?.pausedSince;
  expect(await since(early.id)).toBe(new Date(early.createdAt).toISOString());
  expect(await since(late.id)).toBeUndefined();
  await client.pauseConnector(late.id);
  const began = await since(late.id);
  await client.pauseConnector(late.id, { until: new Date(Date.now() + 600_000).toISOString() });
  await client.patchConnector(late.id, { name: "latest" });
  expect(began).toEqual(expect.any(String));
  expect(await since(late.id)).toBe(began);
  await client.resumeConnector(late.id);
  expect(await since(late.id)).toBeUndefined();

  const everything = async () => (await client.overview()).pausedSince;
  expect(await everything()).toBeUndefined();
  await client.pause();
  const stopped = await everything();
  await client.pause({ until: new Date(Date.now() + 600_000).toISOString() });
  expect(stopped).toEqual(expect.any(String));
  expect(await everything()).toBe(stopped);
  await client.resume();
  expect(await everything()).toBeUndefined();
});

it("answers 304 while nothing is another, and the whole once something is", async () => {
  const { call, connect, accept } = await setup();
  const connector = await connect();
  const first = await call("GET", "/admin/v1/overview");
  const tag = first.headers.get("etag") ?? "";
  expect([first.status, tag]).toEqual([200, expect.stringMatching(/^W\/"[\w-]+"$/)]);
  for (const known of [tag, `"other", ${tag}`, tag.replace("W/", ""), "*"]) {
    const again = await call("GET", "/admin/v1/overview", undefined, { "if-none-match": known });
    expect([again.status, again.text, again.headers.get("etag")]).toEqual([304, "", tag]);
  }
  await accept(connector, { delayMs: 60_000 });
  const then = await call("GET", "/admin/v1/overview", undefined, { "if-none-match": tag });
  expect([then.status, then.body.handoffs.queued]).toEqual([200, 1]);
});

it("gives Prometheus what is due, how much of a deadline is used, and what is paused", async () => {
  const { call, client, connect, accept } = await setup();
  const connector = await connect();
  await accept(connector, { contactId: "1" });
  await client.pause();
  const { text } = await call("GET", "/metrics");
  for (const line of [
    `baton_due{connector="${connector.id}"} 0`,
    `baton_paused{connector="${connector.id}"} 0`,
    'baton_paused{connector=""} 1',
  ])
    expect(text).toContain(line);
  expect(text).toMatch(new RegExp(`^baton_deadline_used_ratio{connector="${connector.id}"} 0`, "m"));
  await client.resume();
  expect((await call("GET", "/metrics")).text).toContain(`baton_due{connector="${connector.id}"} 1`);
});
