import { expect, it } from "vitest";
import { elapse } from "../../../../packages/handoffs/testing/elapse.ts";
import { setup, useRedis } from "../../testing/world.ts";

useRedis();

it("says when the next handoff probes a breaker, and until when one does", async () => {
  const { client, connect, redis, shards } = await setup();
  const connector = await connect();
  const now = Date.now();
  const set = (fields: Readonly<Record<string, number | string>>) =>
    redis.hset(`${shards.tags[0]}:c:${connector.id}`, fields);
  const row = async () => (await client.overview()).connectors[0];
  const at = (ms: number) => new Date(now + ms).toISOString();
  expect(await row()).not.toHaveProperty("nextProbeAt");
  await set({ bs: "open", bo: now + 60_000, broke: now - 1_000 });
  expect(await row()).toMatchObject({ breaker: "open", breakerSince: at(-1_000), nextProbeAt: at(60_000) });
  await set({ bo: now - 1, pu: now + 90_000 });
  expect(await row()).toMatchObject({ breaker: "probing", nextProbeAt: at(90_000) });
  await set({ pu: now - 1 });
  expect(await row()).toMatchObject({ breaker: "probing" });
  expect(await row()).not.toHaveProperty("nextProbeAt");
});

it("lists late connectors before those that send nothing, those whose most urgent one has least time left first", async () => {
  const { client, connect, accept, redis, shards } = await setup();
  const [paused, early, late, later] = [
    await connect({ name: "paused", paused: true }),
    await connect({ name: "early" }),
    await connect({ name: "late" }),
    await connect({ name: "later" }),
  ];
  await accept(early, { contactId: "1", deadlineMs: 3_600_000 });
  await accept(late, { contactId: "2", deadlineMs: 600_000 });
  await accept(later, { contactId: "3", deadlineMs: 500_000 });
  const order = async () => (await client.overview()).connectors.map(({ id }) => id);
  expect((await order())[0]).toBe(paused.id);
  await elapse(redis, shards.tags[0] ?? "", 400_000);
  expect(await order()).toEqual([later, late, paused, early].map(({ id }) => id));
});

it("takes a pause that has ended by itself for none, in the gauge and in the order", async () => {
  const { call, client, connect, accept } = await setup();
  const [paused, waits] = [await connect({ name: "paused" }), await connect({ name: "waits" })];
  await accept(waits, { contactId: "1" });
  const seen = async () => {
    const { text } = await call("GET", "/metrics");
    const gauge = new RegExp(`^baton_paused{connector="${paused.id}"} (.)$`, "m").exec(text)?.[1];
    return { gauge, first: (await client.overview()).connectors[0]?.name };
  };
  await client.pauseConnector(paused.id, { until: new Date(Date.now() + 600_000).toISOString() });
  expect(await seen()).toEqual({ gauge: "1", first: "paused" });
  await client.pauseConnector(paused.id, { until: new Date(Date.now() + 2_000).toISOString() });
  await expect.poll(seen).toEqual({ gauge: "0", first: "waits" });
});
