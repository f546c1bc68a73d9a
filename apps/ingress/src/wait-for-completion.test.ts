import { randomBytes } from "node:crypto";
import { createIdInShard, ID_RANDOM_BYTES } from "@baton/domain";
import { createHandoffStore } from "@baton/handoffs";
import { CompletionChannel } from "@baton/handoffs/handoff-completion-channel";
import { openRedis, parseRedisUrl, type RedisUse, waitForConnection } from "@baton/redis/connection";
import { createShards } from "@baton/redis/shards";
import { expect, inject, it, onTestFinished } from "vitest";
import { createWaitForCompletion } from "./wait-for-completion.ts";

/** Further away than any test waits: only a wake can answer. */
const NEVER_MS = 3_600_000;

async function setup(deadlineMs = 60_000) {
  const open = async (use: RedisUse) => {
    const redis = openRedis(parseRedisUrl(inject("redisUrl")), use);
    onTestFinished(() => redis.disconnect());
    await waitForConnection(redis);
    return redis;
  };
  const namespace = `t${randomBytes(6).toString("hex")}`;
  const shards = createShards(await open("scripts"), namespace, 1);
  const handoffs = createHandoffStore(shards);
  const channel = new CompletionChannel(await open("events"), shards);
  return { handoffs, channel, stored: await accept(handoffs, deadlineMs) };
}

async function accept(handoffs: ReturnType<typeof createHandoffStore>, deadlineMs: number) {
  const newId = (prefix: "ho" | "cn") => createIdInShard(prefix, 0, Date.now(), randomBytes(ID_RANDOM_BYTES));
  const accepted = await handoffs.accept({
    id: newId("ho"),
    connectorId: newId("cn"),
    contactId: "100000000001",
    origin: { accountId: "acme", projectId: "p", environment: "live" },
    sealedParams: "sealed",
    delayMs: 0,
    deadlineMs,
    commandDeadline: Date.now() + 60_000,
    rate: null,
    maxPending: 10,
  });
  if (accepted.kind !== "accepted") throw new Error(`not accepted: ${accepted.kind}`);
  return accepted.stored;
}

it("sees an ending that is published while it reads the handoff as it was before", async () => {
  const { handoffs, channel, stored } = await setup();
  const { id } = stored.handoff;
  let published = () => {};
  let looks = 0;
  const waitForCompletion = createWaitForCompletion({
    handoffs: {
      async read(_, options) {
        const found = await handoffs.read(id, options);
        looks += 1;
        if (looks > 1) return found;
        const seen = new Promise<void>((resolve) => {
          published = resolve;
        });
        await handoffs.cancel(id);
        await seen;
        return found;
      },
    },
    endings: {
      onEnded: (of, call) =>
        channel.onEnded(of, () => {
          call();
          published();
        }),
    },
    closing: new AbortController().signal,
    now: Date.now,
    pollMs: NEVER_MS,
  });
  expect((await waitForCompletion(stored, NEVER_MS)).handoff.status).toBe("cancelled");
  expect(looks).toBe(2);
});

it("answers at once with what it knows when the process closes", async () => {
  const { handoffs, channel, stored } = await setup();
  const closing = new AbortController();
  const waitForCompletion = createWaitForCompletion({
    handoffs,
    endings: { onEnded: (id, call) => channel.onEnded(id, call) },
    closing: closing.signal,
    now: Date.now,
    pollMs: NEVER_MS,
  });
  const waiting = waitForCompletion(stored, NEVER_MS);
  closing.abort();
  expect((await waiting).handoff.status).toBe("queued");
});

it("answers once the deadline has passed, though no worker runs", async () => {
  const { handoffs, channel, stored } = await setup(1_000);
  const waitForCompletion = createWaitForCompletion({
    handoffs,
    endings: { onEnded: (id, call) => channel.onEnded(id, call) },
    closing: new AbortController().signal,
    now: Date.now,
    pollMs: NEVER_MS,
  });
  expect((await waitForCompletion(stored, NEVER_MS)).handoff).toMatchObject({ status: "dead", reason: "expired" });
});

it("answers with what it knows when the caller's time is over, though Redis hangs", async () => {
  const { channel, stored } = await setup();
  const waitForCompletion = createWaitForCompletion({
    handoffs: { read: () => new Promise(() => {}) },
    endings: { onEnded: (id, call) => channel.onEnded(id, call) },
    closing: new AbortController().signal,
    now: Date.now,
  });
  expect((await waitForCompletion(stored, 10)).handoff.status).toBe("queued");
});
