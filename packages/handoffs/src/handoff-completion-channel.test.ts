import { once } from "node:events";
import { expect, it } from "vitest";
import { createConnector, openTestRedis, setup } from "../testing/space.ts";
import { CompletionChannel } from "./handoff-completion-channel.ts";

const POLL = { timeout: 20_000 };

async function listen(shards = 1) {
  const space = await setup(shards);
  const redis = await openTestRedis("events");
  const channel = new CompletionChannel(redis, space.shards);
  const calls: string[] = [];
  const channels = async () => {
    const all = await Promise.all(space.shards.tags.map((tag) => space.redis.call("PUBSUB", "CHANNELS", `${tag}:*`)));
    return all.flat();
  };
  /** Waits for a handoff, until its end would be seen. */
  const wait = async (id: string, name: string) => {
    const stop = channel.onEnded(id, () => calls.push(name));
    await expect.poll(() => calls, POLL).toContain(name);
    await space.handoffs.read(id, { isAwaited: true });
    calls.length = 0;
    return stop;
  };
  return { ...space, channel, listener: redis, channels, calls, wait };
}

it("calls everyone who waits for a handoff, on any shard, and no one else", async () => {
  const { wait, calls, queued, handoffs } = await listen(2);
  const [one, other] = [await queued(createConnector({}, { shard: 1 })), await queued(createConnector())];
  await wait(one.handoff.id, "first");
  await wait(one.handoff.id, "second");
  await wait(other.handoff.id, "other");
  await handoffs.cancel(one.handoff.id);
  await expect.poll(() => calls, POLL).toEqual(["first", "second"]);
});

it("gets no message of a handoff that no request waits for, and leaves no channel behind", async () => {
  const { wait, calls, channels, tag, queued, handoffs, listener } = await listen();
  const [mine, another] = [await queued(createConnector()), await queued(createConnector())];
  const received: string[] = [];
  listener.on("message", (name: string) => received.push(name));
  const stop = await wait(mine.handoff.id, "mine");
  expect(await channels()).toEqual([`${tag}:ended:${mine.handoff.id}`]);
  await handoffs.cancel(another.handoff.id);
  await handoffs.cancel(mine.handoff.id);
  await expect.poll(() => calls, POLL).toEqual(["mine"]);
  expect(received).toEqual([`${tag}:ended:${mine.handoff.id}`]);
  stop();
  await expect.poll(channels, POLL).toEqual([]);
});

it("has them look once it is subscribed, also later ones: the handoff may have ended before", async () => {
  const { channel, calls, queued } = await listen();
  const { handoff } = await queued(createConnector());
  channel.onEnded(handoff.id, () => calls.push("first"));
  expect(calls).toEqual([]);
  await expect.poll(() => calls, POLL).toEqual(["first"]);
  channel.onEnded(handoff.id, () => calls.push("second"));
  expect(calls).toEqual(["first", "second"]);
});

it("does not call a request that waits no more", async () => {
  const { wait, calls, queued, handoffs } = await listen();
  const { handoff } = await queued(createConnector());
  const stop = await wait(handoff.id, "gone");
  await wait(handoff.id, "here");
  stop();
  stop();
  await handoffs.cancel(handoff.id);
  await expect.poll(() => calls, POLL).toEqual(["here"]);
});

it("listens again after its connection was lost, and has them look: messages were missed", async () => {
  const { wait, calls, listener, queued, handoffs } = await listen();
  const { handoff } = await queued(createConnector());
  await wait(handoff.id, "received");
  const back = once(listener, "ready");
  listener.disconnect(true);
  await back;
  await expect.poll(() => calls, POLL).toContain("received");
  calls.length = 0;
  await handoffs.cancel(handoff.id);
  await expect.poll(() => calls, POLL).toEqual(["received"]);
});
