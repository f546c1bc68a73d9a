import { createCloseConnectorForDeletion } from "@baton/handoffs/close-connector-for-deletion";
import { createDeadLetterStore } from "@baton/handoffs/dead-letter-store";
import { expect, it } from "vitest";
import { setup, useRedis } from "../testing/world.ts";
import { createDeadLetterUseCases } from "./dead-letter-use-cases.ts";

useRedis();

async function setupReplay({ now, pausedUntil }: { now?: () => number; pausedUntil?: number } = {}) {
  const world = await setup();
  const { replayDeadLetter: replay } = createDeadLetterUseCases({
    handoffs: world.handoffs,
    connectors: world.connectors,
    deadLetters: createDeadLetterStore(world.shards),
    waitUntilReplicated: async () => undefined,
    expireOverdue: async () => undefined,
    onReplay: () => undefined,
    maxPending: 10,
    heartbeat: { pausedUntil },
    now: now ?? Date.now,
  });
  return { ...world, replay };
}

it("moves the job from the dead letters to the handoffs with the record", async () => {
  const { replay, handoffs, connect, die, hasDeadLetterJob, totals } = await setupReplay();
  const id = await die(await connect());
  expect(await hasDeadLetterJob(id, 1)).toBe(true);
  expect(await replay(id, { force: false })).toMatchObject({ id, status: "queued" });
  expect(await handoffs.read(id)).toMatchObject({ generation: 2, handoff: { status: "queued", replays: 1 } });
  expect(await hasDeadLetterJob(id, 1)).toBe(false);
  expect((await totals()).jobs).toMatchObject([{ waiting: 1 }]);
});

it("replays nothing once its caller has been answered 503", async () => {
  const { replay, connect, die, client } = await setupReplay({ now: () => Date.now() - 60_000 });
  const id = await die(await connect());
  await expect(replay(id, { force: false })).rejects.toMatchObject({ code: "queue-unavailable" });
  expect(await client.deadLetters()).toMatchObject({ total: 1 });
});

it("replays nothing of a connector that is being deleted, and leaves the dead letter where it is", async () => {
  const { replay, connect, die, client, shards } = await setupReplay();
  const connector = await connect();
  const id = await die(connector);
  expect(await createCloseConnectorForDeletion(shards)(connector.id)).toBe(true);
  await expect(replay(id, { force: false })).rejects.toMatchObject({ code: "not-found" });
  expect(await client.deadLetters()).toMatchObject({ total: 1 });
});

it("gives a replayed handoff as long as the first time, unless the replay says otherwise", async () => {
  const { replay, connect, die } = await setupReplay();
  const connector = await connect();
  const [first, second] = [
    await die(connector, { contactId: "1", deadlineMs: 30_000 }),
    await die(connector, { contactId: "2" }),
  ];
  const deadlineIn = async (id: string, options: { deadlineMs?: number }) => {
    const handoff = await replay(id, { force: false, ...options });
    return handoff.deadlineAt - (handoff.nextAttemptAt ?? 0);
  };
  expect(await deadlineIn(first, {})).toBe(30_000);
  expect(await deadlineIn(second, { deadlineMs: 5_000 })).toBe(5_000);
});

it("refuses a replay whose deadline passes within the pause of its connector", async () => {
  const { replay, connect, die, client } = await setupReplay();
  const connector = await connect();
  const id = await die(connector);
  await client.pauseConnector(connector.id, { until: new Date(Date.now() + 600_000).toISOString() });
  await expect(replay(id, { force: false, deadlineMs: 4_000 })).rejects.toMatchObject({ code: "backlog-full" });
  expect(await client.deadLetters()).toMatchObject({ total: 1 });
  expect(await replay(id, { force: false, deadlineMs: 900_000 })).toMatchObject({ status: "queued" });
});

it("refuses a replay whose deadline passes within the pause of everything", async () => {
  const { replay, connect, die, client } = await setupReplay({ pausedUntil: Date.now() + 600_000 });
  const id = await die(await connect());
  await expect(replay(id, { force: false, deadlineMs: 4_000 })).rejects.toMatchObject({ code: "backlog-full" });
  expect(await client.deadLetters()).toMatchObject({ total: 1 });
});

it("takes a replay while a pause has no end", async () => {
  const { replay, connect, die, client } = await setupReplay();
  const connector = await connect();
  const id = await die(connector);
  await client.pauseConnector(connector.id);
  expect(await replay(id, { force: false, deadlineMs: 4_000 })).toMatchObject({ status: "queued" });
});
