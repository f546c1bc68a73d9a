import { once } from "node:events";
import { expect, it } from "vitest";
import { createConnector, openTestRedis, setup } from "../testing/space.ts";
import { EndedChannel } from "./ended-channel.ts";

async function listen(shards = 1) {
  const space = await setup(shards);
  const redis = await openTestRedis("events");
  const channel = new EndedChannel(redis);
  channel.open(space.shards);
  const listeners = () =>
    space.redis.call("PUBSUB", "NUMSUB", ...space.shards.tags.map((tag) => `${tag}:ended`)) as Promise<(string | number)[]>;
  const heard = async () => (await listeners()).filter((_, i) => i % 2 === 1).map(Number);
  const listening = () => expect.poll(heard, { timeout: 20_000 }).toEqual(Array(shards).fill(1));
  await listening();
  return { ...space, channel, listener: redis, listening };
}

it("calls everybody who waits for a handoff, on any shard, and nobody else", async () => {
  const { channel, queued, handoffs } = await listen(2);
  const [one, other] = [await queued(createConnector({}, { shard: 1 })), await queued(createConnector())];
  const calls: string[] = [];
  channel.onEnded(one.handoff.id, () => calls.push("first"));
  channel.onEnded(one.handoff.id, () => calls.push("second"));
  channel.onEnded(other.handoff.id, () => calls.push("other"));
  await handoffs.cancel(one.handoff.id);
  await expect.poll(() => calls).toEqual(["first", "second"]);
});

it("calls nobody who waits no more", async () => {
  const { channel, queued, handoffs } = await listen();
  const stored = await queued(createConnector());
  const calls: string[] = [];
  const stop = channel.onEnded(stored.handoff.id, () => calls.push("gone"));
  channel.onEnded(stored.handoff.id, () => calls.push("here"));
  stop();
  stop();
  await handoffs.cancel(stored.handoff.id);
  await expect.poll(() => calls).toEqual(["here"]);
});

it("listens again after its connection was lost", async () => {
  const { channel, listener, listening, queued, handoffs } = await listen();
  const back = once(listener, "ready");
  listener.disconnect(true);
  await back;
  await listening();
  const stored = await queued(createConnector());
  const calls: string[] = [];
  channel.onEnded(stored.handoff.id, () => calls.push("heard"));
  await handoffs.cancel(stored.handoff.id);
  await expect.poll(() => calls, { timeout: 20_000 }).toEqual(["heard"]);
});
