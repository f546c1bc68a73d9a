import { backoffMs } from "@baton/domain";
import { expect, it } from "vitest";
import { again, createConnector, DELIVERED, type Space, setup } from "../testing/space.ts";
import type { StoredHandoff } from "./handoff-record.ts";

const FENCE_MS = 2_000;

/** lose lets a worker die that has begun attempts of `attemptTimeoutMs`, until its jobs were given back. */
async function lose({ elapse, giveBackStalled }: Space, attemptTimeoutMs: number): Promise<void> {
  await elapse(attemptTimeoutMs + FENCE_MS + 1);
  await giveBackStalled();
}

const statusOf = async ({ read }: Space, stored: StoredHandoff) => (await read(stored)).handoff.status;

it("puts the attempt on record before anything is sent", async () => {
  const { queued, sending, read } = await setup();
  const connector = createConnector({ attemptTimeoutMs: 700 });
  const stored = await queued(connector, { contactId: "42" });
  const attempt = await sending(connector, stored);
  expect(attempt).toMatchObject({ number: 1, used: 1, generation: 1, contactId: "42", sealedParams: "sealed params" });
  expect(attempt).toMatchObject({ deadlineAt: stored.handoff.deadlineAt, since: stored.handoff.acceptedAt });
  expect(attempt.until - attempt.startedAt).toBe(700);
  expect((await read(stored)).handoff).toMatchObject({ status: "sending", attempts: [] });
});

it("ends the attempt's time at the deadline where that comes first", async () => {
  const { queued, sending } = await setup();
  const connector = createConnector({ attemptTimeoutMs: 30_000 });
  const stored = await queued(connector, { deadlineMs: 5_000 });
  expect((await sending(connector, stored)).until).toBe(stored.handoff.deadlineAt);
});

it("begins as many as there are slots, in the order in which they came, and says that there are more", async () => {
  const { queued, claim } = await setup();
  const connector = createConnector();
  const stored = [];
  for (let i = 0; i < 5; i++) stored.push(await queued(connector));
  const first = await claim(connector, { slots: 3 });
  const second = await claim(connector, { slots: 3 });
  expect([...first.attempts, ...second.attempts].map(({ id }) => id)).toEqual(stored.map(({ handoff }) => handoff.id));
  expect([first.hasMore, second.hasMore]).toEqual([true, false]);
});

it("of many who claim at once, lets exactly one send each", async () => {
  const { queued, claim } = await setup();
  const connector = createConnector();
  for (let i = 0; i < 5; i++) await queued(connector);
  const claims = await Promise.all(
    Array.from({ length: 20 }, (_, i) => claim(connector, { worker: `w${i}`, slots: 2 })),
  );
  const ids = claims.flatMap(({ attempts }) => attempts.map(({ id }) => id));
  expect(ids).toHaveLength(5);
  expect(new Set(ids).size).toBe(5);
});

it("begins nothing after the moment at which its worker gave up waiting", async () => {
  const space = await setup();
  const { deliveries, tag, order, now } = space;
  const connector = createConnector();
  const stored = await space.queued(connector);
  expect(await deliveries.claim(tag, { ...order(connector), commandDeadline: (await now()) - 1 })).toEqual({
    kind: "late",
  });
  expect(await statusOf(space, stored)).toBe("queued");
});

it("gives the same attempts again where the answer was lost, and begins nothing for it", async () => {
  const { queued, claim, read, settle } = await setup();
  const connector = createConnector();
  const stored = [await queued(connector), await queued(connector), await queued(connector)];
  const first = await claim(connector, { token: "lost", slots: 2 });
  const again = { token: "lost", isRepeat: true, slots: 2 } as const;
  expect((await claim(connector, again)).attempts).toEqual(first.attempts);
  const [attempt] = first.attempts;
  if (attempt === undefined) throw new Error("none");
  await settle(connector, attempt, DELIVERED);
  // What was settled meanwhile needs no claim any more.
  expect((await claim(connector, again)).attempts).toEqual(first.attempts.slice(1));
  expect((await claim(connector, { ...again, token: "never asked" })).attempts).toEqual([]);
  expect(await Promise.all(stored.map(async (each) => (await read(each)).handoff.status))).toEqual([
    "delivered",
    "sending",
    "queued",
  ]);
});

it("repeats a claim also where that is past its command deadline: it begins nothing", async () => {
  const { queued, claim } = await setup();
  const connector = createConnector();
  await queued(connector);
  const { attempts } = await claim(connector, { token: "lost" });
  expect((await claim(connector, { token: "lost", isRepeat: true, commandDeadline: 0 })).attempts).toEqual(attempts);
});

it("gives back what was never sent as if it had never begun, so that at-most-once loses none", async () => {
  const { queued, claim, deliveries, read, settle } = await setup();
  const connector = createConnector({ guarantee: "at-most-once", maxAttempts: 1 });
  const stored = [await queued(connector), await queued(connector)];
  await claim(connector, { token: "lost" });
  const { attempts } = await claim(connector, { token: "lost", isRepeat: true });
  for (const attempt of attempts) await deliveries.abandon({ attempt, waitMs: 0 });
  for (const each of stored)
    expect((await read(each)).handoff).toMatchObject({ status: "queued", attempts: [], mayHaveArrived: false });
  const next = await claim(connector);
  expect(next.attempts).toMatchObject([
    { number: 1, used: 1 },
    { number: 1, used: 1 },
  ]);
  for (const attempt of next.attempts)
    expect(await settle(connector, attempt, DELIVERED)).toMatchObject({ status: "delivered" });
});

it("calls an attempt interrupted only once its end and the fence are over", async () => {
  const space = await setup();
  const { queued, sending, claim, elapse, giveBackStalled, settle, read } = space;
  const connector = createConnector({ attemptTimeoutMs: 10_000 });
  const stored = await queued(connector);
  const lost = await sending(connector, stored);
  await elapse(10_000);
  await giveBackStalled();
  expect((await claim(connector)).attempts).toEqual([]);
  expect((await read(stored)).handoff.status).toBe("sending");
  await elapse(FENCE_MS + 1);
  expect((await claim(connector)).attempts).toMatchObject([{ number: 2, used: 2 }]);
  expect((await read(stored)).handoff).toMatchObject({
    mayHaveArrived: true,
    possibleDuplicate: false,
    attempts: [{ number: 1, outcome: "interrupted" }],
  });
  expect(await settle(connector, lost, DELIVERED)).toEqual({ kind: "stale" });
});

it("takes a late answer, within the fence, for what it is, also where its job was given back meanwhile", async () => {
  const { queued, sending, claim, elapse, giveBackStalled, settle, redis, tag } = await setup();
  const connector = createConnector({ attemptTimeoutMs: 10_000 });
  const attempt = await sending(connector, await queued(connector));
  await elapse(11_000);
  await giveBackStalled();
  await claim(connector);
  expect(await settle(connector, attempt, DELIVERED)).toMatchObject({ kind: "settled", status: "delivered" });
  expect(await redis.keys(`${tag}:handoffs:ho_*`)).toEqual([]);
});

it.each([
  ["at-most-once", 10, "unknown"],
  ["at-least-once", 1, "exhausted"],
] as const)("lets one whose worker died die, %s with %i attempts: %s", async (guarantee, maxAttempts, reason) => {
  const space = await setup();
  const { queued, sending, claim, read } = space;
  const connector = createConnector({ guarantee, maxAttempts });
  const stored = await queued(connector);
  await sending(connector, stored);
  await lose(space, 3_000);
  expect((await claim(connector)).attempts).toEqual([]);
  expect((await read(stored)).handoff).toMatchObject({ status: "dead", reason, mayHaveArrived: true });
});

it("backs off after an interrupted attempt as after any other without an answer", async () => {
  const space = await setup();
  const { queued, sending, claim, read, elapse } = space;
  const connector = createConnector({ attemptTimeoutMs: 1_000, backoff: { baseMs: 10_000, capMs: 10_000 } });
  const stored = await queued(connector);
  await sending(connector, stored);
  await lose(space, 3_000);
  expect((await claim(connector)).attempts).toEqual([]);
  expect((await read(stored)).handoff).toMatchObject({ status: "queued", waitingFor: "retry" });
  await elapse(5_000);
  expect((await claim(connector)).attempts).toMatchObject([{ number: 2 }]);
});

it("waits after an interrupted attempt as long as `backoffMs` says, at every attempt", async () => {
  const space = await setup();
  const { queued, sending, claim, read, elapse } = space;
  const backoff = { baseMs: 10_000, capMs: 60_000 };
  const connector = createConnector({ attemptTimeoutMs: 1_000, backoff });
  const stored = await queued(connector, { deadlineMs: 3_600_000 });
  for (const [used, random] of [0, 0.25, 0.5, 0.999].map((value, i) => [i + 1, value] as const)) {
    const { until } = await sending(connector, stored);
    await lose(space, 1_000);
    expect((await claim(connector, { random })).attempts).toEqual([]);
    const endedAt = until - (1_000 + FENCE_MS + 1);
    expect((await read(stored)).handoff.nextAttemptAt).toBe(endedAt + backoffMs(backoff, used, random));
    await elapse(60_000);
  }
});

it("leaves one that is being sent to its worker beyond the deadline, and reads it dead after the fence", async () => {
  const { queued, sending, read, elapse } = await setup();
  const connector = createConnector();
  const stored = await queued(connector, { deadlineMs: 1_000 });
  await sending(connector, stored);
  await elapse(1_000);
  expect((await read(stored)).handoff.status).toBe("sending");
  await elapse(FENCE_MS + 1);
  expect((await read(stored)).handoff).toMatchObject({
    status: "dead",
    reason: "expired",
    mayHaveArrived: true,
    attempts: [{ outcome: "interrupted" }],
  });
});

it("reports each attempt whose worker died once, whichever claim found it", async () => {
  const space = await setup();
  const { queued, sending, claim, settle, read, deliveries, tag } = space;
  const connector = createConnector();
  const twice = await queued(connector);
  await settle(connector, await sending(connector, twice), again("ambiguous"));
  await sending(connector, twice);
  const expired = await queued(connector, { deadlineMs: 1_000 });
  await sending(connector, expired);
  await lose(space, 3_000);
  await Promise.all([read(expired), read(expired), claim(connector), claim(connector)]);
  const notes = (
    await Promise.all([deliveries.takeUnreportedEvents(tag, 10), deliveries.takeUnreportedEvents(tag, 10)])
  ).flat();
  const interrupted = notes.filter(({ kind }) => kind === "interrupted").toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const reported = [
    { kind: "interrupted", id: twice.handoff.id, connectorId: connector.id, duplicate: true },
    { kind: "interrupted", id: expired.handoff.id, connectorId: connector.id, duplicate: false },
  ];
  expect(interrupted).toEqual(reported.toSorted((a, b) => (a.id < b.id ? -1 : 1)));
});

it("drops the job of another generation, of an ended handoff and of none", async () => {
  const { queued, claim, handoffs, redis, tag } = await setup();
  const connector = createConnector();
  const [live, cancelled, gone] = [await queued(connector), await queued(connector), await queued(connector)];
  await handoffs.cancel(cancelled.handoff.id);
  await redis.del(`${tag}:h:${gone.handoff.id}`);
  for (const generation of [0, 2]) {
    await redis.hset(`${tag}:handoffs:${live.handoff.id}-${generation}`, "name", "handoff");
    await redis.rpush(`${tag}:handoffs:wait`, `${live.handoff.id}-${generation}`);
  }
  const { attempts, faults } = await claim(connector);
  expect(attempts.map(({ id }) => id)).toEqual([live.handoff.id]);
  expect(faults).toEqual([]);
  expect(await redis.keys(`${tag}:handoffs:ho_*`)).toHaveLength(2);
  expect(await redis.llen(`${tag}:handoffs:wait`)).toBe(0);
});

it.each([
  ["1", /older Baton/],
  ["99", /newer Baton/],
])(
  "leaves a record of layout %s to its own version, reports it where no worker takes it, and says why it cannot be read",
  async (layout, words) => {
    const { queued, claim, read, redis, tag, elapse } = await setup();
    const connector = createConnector();
    const [other, own] = [await queued(connector), await queued(connector)];
    const version = await redis.hget(`${tag}:h:${own.handoff.id}`, "v");
    await redis.hset(`${tag}:h:${other.handoff.id}`, "v", layout);
    const first = await claim(connector);
    expect(first.attempts.map(({ id }) => id)).toEqual([own.handoff.id]);
    expect(first.faults).toEqual([]);
    await expect(read(other)).rejects.toThrow(words);
    await elapse(10_001);
    expect((await claim(connector)).faults).toEqual([expect.stringContaining(other.handoff.id)]);
    expect((await claim(connector)).faults).toEqual([]);
    await elapse(10_001);
    await redis.hset(`${tag}:h:${other.handoff.id}`, "v", String(version));
    expect((await claim(connector)).attempts.map(({ id }) => id)).toEqual([other.handoff.id]);
  },
);

it("says that a signal may be a duplicate once a second request follows one that may have arrived", async () => {
  const { queued, sending, settle, read } = await setup();
  const connector = createConnector();
  const stored = await queued(connector);
  const flags = async () => {
    const { mayHaveArrived, possibleDuplicate } = (await read(stored)).handoff;
    return [mayHaveArrived, possibleDuplicate];
  };
  const unavailable = await settle(connector, await sending(connector, stored), again("unavailable"));
  expect(unavailable).toMatchObject({ isDuplicate: false });
  expect(await flags()).toEqual([false, false]);
  await settle(connector, await sending(connector, stored), again("ambiguous"));
  expect(await flags()).toEqual([true, false]);
  await settle(connector, await sending(connector, stored), again("unreachable"));
  expect(await flags()).toEqual([true, false]);
  expect(await settle(connector, await sending(connector, stored), again("unavailable"))).toMatchObject({
    isDuplicate: true,
  });
  expect(await flags()).toEqual([true, true]);
});

it("loses no attempt while it waits at a closed gate", async () => {
  const { queued, sending, waits, elapse, redis, tag } = await setup();
  const connector = createConnector({ rate: { perSecond: 1, burst: 1 } });
  const stored = await queued(connector);
  expect(await waits({ ...connector, paused: true }, stored)).toBe("pause");
  // A gate that opens finds its bucket empty.
  expect(await waits(connector, stored)).toBe("rate");
  await elapse(1_000);
  expect(await waits(connector, stored, { limit: 0 })).toBe("share");
  await elapse(1_000);
  expect(await redis.llen(`${tag}:handoffs:active`)).toBe(0);
  expect(await sending(connector, stored)).toMatchObject({ used: 1, number: 1 });
});

it("holds what waits at a closed gate until its deadline and not longer, whichever script looks", async () => {
  const { queued, claim, waits, read, elapse, deliveries, tag } = await setup();
  const connector = createConnector();
  const paused = { ...connector, paused: true };
  const [claimed, readOnly] = [
    await queued(connector, { deadlineMs: 9_000 }),
    await queued(connector, { deadlineMs: 9_000 }),
  ];
  expect(await waits(paused, claimed)).toBe("pause");
  await elapse(9_001);
  expect((await read(readOnly)).handoff).toMatchObject({ status: "dead", reason: "expired" });
  expect((await claim(paused)).attempts).toEqual([]);
  const notes = await deliveries.takeUnreportedEvents(tag, 10);
  expect(notes.map(({ id }) => id).toSorted()).toEqual([claimed, readOnly].map(({ handoff }) => handoff.id).toSorted());
});

it("keeps a job that its worker renews, and gives back one that it does not", async () => {
  const space = await setup();
  const { queued, claim, elapse, giveBackStalled, deliveries, tag, redis } = space;
  const connector = createConnector();
  const [kept, lost] = [await queued(connector), await queued(connector)];
  const { attempts } = await claim(connector);
  await elapse(2_000);
  await deliveries.renewLocks(
    tag,
    attempts.filter(({ id }) => id === kept.handoff.id),
  );
  await elapse(2_000);
  await giveBackStalled();
  expect(await redis.lrange(`${tag}:handoffs:active`, 0, -1)).toEqual([`${kept.handoff.id}-1`]);
  expect(await redis.lrange(`${tag}:handoffs:wait`, 0, -1)).toEqual([`${lost.handoff.id}-1`]);
  await deliveries.renewLocks(tag, []);
});
