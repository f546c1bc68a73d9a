import { expect, it } from "vitest";
import { again, createConnector, DELIVERED, REJECTED, setup } from "../testing/space.ts";
import type { BeginOptions } from "./delivery-store.ts";

const token = (at: number): Partial<BeginOptions> => ({ unable: { kind: "token", at } });
const share = (at: number): Partial<BeginOptions> => ({ unable: { kind: "share", at } });
const refused: Partial<BeginOptions> = { unable: { kind: "refused", reason: "credentials", detail: "wrong keys", httpStatus: 401 } };
const FENCE_MS = 2_000;

it("puts the attempt on record before anything is sent", async () => {
  const { queued, sending, read } = await setup();
  const connector = createConnector({ attemptTimeoutMs: 700 });
  const stored = await queued(connector, { contactId: "42" });
  const attempt = await sending(connector, stored);
  expect(attempt).toMatchObject({ number: 1, used: 1, contactId: "42", params: "sealed params", deadlineAt: stored.handoff.deadlineAt });
  expect(attempt.until - attempt.startedAt).toBe(700);
  expect((await read(stored)).handoff).toMatchObject({ status: "sending", attempts: [] });
});

it("ends the attempt's time at the deadline where that comes first", async () => {
  const { queued, sending } = await setup();
  const connector = createConnector({ attemptTimeoutMs: 30_000 });
  const stored = await queued(connector, { deadlineMs: 5_000 });
  expect((await sending(connector, stored)).until).toBe(stored.handoff.deadlineAt);
});

it("answers the same worker the same, and makes another one wait for its end and the fence", async () => {
  const { queued, sending, begin, read } = await setup();
  const connector = createConnector();
  const stored = await queued(connector);
  const attempt = await sending(connector, stored, { nonce: "mine" });
  expect(await sending(connector, stored, { nonce: "mine" })).toEqual(attempt);
  const other = await begin(connector, stored, { nonce: "other" });
  if (other.kind !== "wait") throw new Error(other.kind);
  expect(other.waitingFor).toBeNull();
  expect(other.waitMs).toBeGreaterThan(0);
  expect(other.waitMs).toBeLessThanOrEqual(attempt.until - attempt.startedAt + FENCE_MS + 1);
  expect((await read(stored)).handoff.status).toBe("sending");
});

it("of many who begin at once, lets exactly one send", async () => {
  const { queued, begin } = await setup();
  const connector = createConnector();
  const stored = await queued(connector);
  const begun = await Promise.all(Array.from({ length: 20 }, () => begin(connector, stored)));
  expect(begun.filter(({ kind }) => kind === "sending")).toHaveLength(1);
  expect(begun.filter(({ kind }) => kind === "wait")).toHaveLength(19);
});

it("calls an attempt interrupted only once its end and the fence are over", async () => {
  const { queued, sending, begin, elapse, settle, read } = await setup();
  const connector = createConnector({ attemptTimeoutMs: 10_000 });
  const stored = await queued(connector);
  const lost = await sending(connector, stored);
  await elapse(10_000);
  // It waits for that attempt, not for its own next one.
  expect(await begin(connector, stored)).toMatchObject({ kind: "wait", waitingFor: null });
  await elapse(FENCE_MS + 1);
  expect(await begin(connector, stored)).toMatchObject({ kind: "sending", attempt: { number: 2, used: 2 } });
  expect((await read(stored)).handoff).toMatchObject({
    mayHaveArrived: true,
    possibleDuplicate: false,
    attempts: [{ number: 1, outcome: "interrupted" }],
  });
  expect(await settle(connector, lost, DELIVERED)).toEqual({ kind: "stale" });
});

it("takes a late answer, within the fence, for what it is", async () => {
  const { queued, sending, elapse, settle } = await setup();
  const connector = createConnector({ attemptTimeoutMs: 10_000 });
  const stored = await queued(connector);
  const attempt = await sending(connector, stored);
  await elapse(11_500);
  expect(await settle(connector, attempt, DELIVERED)).toMatchObject({ kind: "settled", status: "delivered" });
});

it.each([
  ["at-most-once", 10, "unknown"],
  ["at-least-once", 1, "exhausted"],
] as const)("lets one whose worker died die, %s with %i attempts: %s", async (guarantee, maxAttempts, reason) => {
  const { queued, sending, begin, elapse } = await setup();
  const connector = createConnector({ guarantee, maxAttempts });
  const stored = await queued(connector);
  await sending(connector, stored);
  await elapse(3_000 + FENCE_MS + 1);
  const ended = await begin(connector, stored);
  expect(ended).toMatchObject({ kind: "ended", stored: { handoff: { status: "dead", reason, mayHaveArrived: true } } });
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

it("tells of each attempt whose worker died once, whoever found it", async () => {
  const { queued, sending, begin, settle, read, elapse, deliveries, tag } = await setup();
  const connector = createConnector({ deadlineMs: 60_000 });
  const [twice, expired] = [await queued(connector), await queued(connector, { deadlineMs: 1_000 })];
  await settle(connector, await sending(connector, twice), again("ambiguous"));
  await sending(connector, expired);
  await sending(connector, twice);
  await elapse(3_000 + FENCE_MS + 1);
  await Promise.all([read(expired), read(expired), begin(connector, twice), begin(connector, twice)]);
  const told = (await Promise.all([deliveries.takeInterrupted(tag, 10), deliveries.takeInterrupted(tag, 10)])).flat();
  expect(told.toSorted((a, b) => Number(a.duplicate) - Number(b.duplicate))).toEqual([
    { id: expired.handoff.id, connectorId: connector.id, duplicate: false },
    { id: twice.handoff.id, connectorId: connector.id, duplicate: true },
  ]);
});

it("drops the job of another generation, of an ended handoff and of none", async () => {
  const { queued, begin, die, handoffs } = await setup();
  const connector = createConnector();
  const stored = await queued(connector);
  expect(await begin(connector, stored, { generation: 2 })).toEqual({ kind: "drop" });
  expect(await begin(connector, stored, { generation: 0 })).toEqual({ kind: "drop" });
  expect(await begin(connector, await die(connector))).toEqual({ kind: "drop" });
  await handoffs.cancel(stored.handoff.id);
  expect(await begin(connector, stored)).toEqual({ kind: "drop" });
  await handoffs.withdraw(stored.handoff.id);
});

it("leaves a record of a newer Baton alone, and refuses to read it in words", async () => {
  const { queued, begin, read, redis, tag } = await setup();
  const connector = createConnector();
  const stored = await queued(connector);
  await redis.hset(`${tag}:h:${stored.handoff.id}`, "v", "2");
  expect(await begin(connector, stored)).toEqual({ kind: "newer" });
  await expect(read(stored)).rejects.toThrow(/newer Baton/);
});

it("decides in its order: deadline, not yet due, pause, keys refused, token, breaker, line, share", async () => {
  const space = await setup();
  const connector = createConnector();
  const paused = { ...connector, paused: true };
  const ahead = await space.queued(connector, { contactId: "1" });
  const stored = await space.queued(connector, { contactId: "1" });
  const at = (await space.now()) + 60_000;
  const answer = async (by = connector, options: Partial<BeginOptions> = {}, of = stored) => {
    const begun = await space.begin(by, of, options);
    return begun.kind === "wait" ? begun.waitingFor : begun.kind;
  };
  expect(await answer(connector, share(at))).toBe("order");
  expect(await answer(connector, token(at))).toBe("token");
  // One that waits for a condition waits for it to be lifted, whatever else is asked meanwhile.
  expect(await answer(paused, token(at))).toBe("token");
  const fresh = () => space.queued(connector, { contactId: "1" });
  expect(await answer(paused, token(at), await fresh())).toBe("pause");
  expect(await answer(connector, { ...token(at), stopped: true }, await fresh())).toBe("pause");
  expect(await answer(paused, refused, await fresh())).toBe("pause");
  expect(await answer(connector, refused, await fresh())).toBe("ended");
  expect(await answer(paused, {}, await space.queued(connector, { delayMs: 9_000 }))).toBe("delay");
  expect(await answer(connector, share(at), ahead)).toBe("share");
  await space.redis.hset(`${space.tag}:c:${connector.id}`, "bs", "open", "bo", String(at));
  expect(await answer(connector, token(at), await fresh())).toBe("token");
  expect(await answer(connector, share(at), await fresh())).toBe("breaker");
  await space.elapse(60_001);
  for (const options of [refused, token(at), share(at), { stopped: true }]) {
    const late = await space.queued(connector, { deadlineMs: 1 });
    await space.elapse(2);
    expect(await space.begin(paused, late, options)).toMatchObject({ kind: "ended", stored: { handoff: { reason: "expired" } } });
  }
});

it("dies of refused keys with the answer of CXone's token endpoint, and without an attempt", async () => {
  const { queued, begin, deadLetters } = await setup();
  const connector = createConnector();
  const ended = await begin(connector, await queued(connector), refused);
  expect(ended).toMatchObject({
    kind: "ended",
    stored: { handoff: { status: "dead", reason: "credentials", attempts: [], mayHaveArrived: false } },
  });
  expect(await deadLetters.causesOf(connector.id)).toMatchObject([
    { reason: "credentials", httpStatus: 401, detail: "wrong keys", count: 1 },
  ]);
});

it("holds what waits for a pause, token or breaker until its deadline, not longer", async () => {
  const { queued, begin, read, elapse } = await setup();
  const connector = createConnector();
  const stored = await queued(connector, { deadlineMs: 9_000 });
  const waiting = await begin({ ...connector, paused: true }, stored);
  if (waiting.kind !== "wait") throw new Error(waiting.kind);
  const { nextAttemptAt, waitingFor, deadlineAt } = (await read(stored)).handoff;
  expect([waitingFor, nextAttemptAt]).toEqual(["pause", deadlineAt]);
  await elapse(waiting.waitMs);
  expect(await begin(connector, stored)).toMatchObject({ kind: "ended", stored: { handoff: { reason: "expired" } } });
});

it("never lets one wait for its share beyond its deadline", async () => {
  const { queued, begin, now, elapse } = await setup();
  const connector = createConnector();
  const stored = await queued(connector, { deadlineMs: 9_000 });
  const waiting = await begin(connector, stored, share((await now()) + 3_600_000));
  if (waiting.kind !== "wait") throw new Error(waiting.kind);
  expect(waiting.waitMs).toBeLessThanOrEqual(9_001);
  await elapse(waiting.waitMs);
  expect(await begin(connector, stored)).toMatchObject({ kind: "ended", stored: { handoff: { reason: "expired" } } });
});

it("loses no attempt while it waits", async () => {
  const { queued, begin, sending, elapse, release } = await setup();
  const connector = createConnector();
  const stored = await queued(connector);
  await begin(connector, stored, share(0));
  await elapse(1);
  await begin(connector, stored, token(0));
  const [job] = await release(connector);
  if (job === undefined) throw new Error("not released");
  expect(await sending(connector, { ...stored, generation: job.generation })).toMatchObject({ used: 1, number: 1 });
});

it("says that a signal may be a duplicate once a second request follows one that may have arrived", async () => {
  const { queued, sending, settle, read } = await setup();
  const connector = createConnector();
  const stored = await queued(connector);
  const flags = async () => {
    const { mayHaveArrived, possibleDuplicate } = (await read(stored)).handoff;
    return [mayHaveArrived, possibleDuplicate];
  };
  expect(await settle(connector, await sending(connector, stored), again("unavailable"))).toMatchObject({ duplicate: false });
  expect(await flags()).toEqual([false, false]);
  await settle(connector, await sending(connector, stored), again("ambiguous"));
  expect(await flags()).toEqual([true, false]);
  await settle(connector, await sending(connector, stored), again("unreachable"));
  expect(await flags()).toEqual([true, false]);
  expect(await settle(connector, await sending(connector, stored), REJECTED)).toMatchObject({ duplicate: true });
  expect(await flags()).toEqual([true, true]);
});
