import { expect, it } from "vitest";
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
