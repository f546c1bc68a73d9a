import { expect, it } from "vitest";
import { again, createConnector, DELIVERED, openTestRedis, REJECTED, setup, type Verdict } from "../testing/space.ts";
import type { StoredHandoff } from "./handoff-record.ts";
import { createOverviewFiguresReader } from "./read-overview-figures.ts";

const UNKNOWN: Verdict = [
  { kind: "unavailable", httpStatus: 503 },
  { kind: "dead", reason: "unknown" },
];
const PENDING: Verdict = [
  { kind: "unauthorized", httpStatus: 401, renewal: "pending" },
  { kind: "retry", waitMs: 0, waitingFor: "token", counted: false },
];

it("writes the attempt down with its answer, and ends the handoff", async () => {
  const { queued, sending, settle, read } = await setup();
  const connector = createConnector();
  const stored = await queued(connector);
  const attempt = await sending(connector, stored);
  expect(await settle(connector, attempt, DELIVERED)).toMatchObject({
    status: "delivered",
    delayMs: 0,
    isDuplicate: false,
  });
  const { handoff } = await read(stored);
  expect(handoff).toMatchObject({
    status: "delivered",
    attempts: [{ number: 1, startedAt: attempt.startedAt, durationMs: 5, outcome: "accepted", httpStatus: 202 }],
  });
  expect(handoff.endedAt).toBeGreaterThanOrEqual(attempt.startedAt);
});

it("writes down for how long CXone asked to wait, where it did", async () => {
  const { queued, sending, settle, read } = await setup();
  const connector = createConnector();
  const [asked, silent] = [await queued(connector), await queued(connector, { contactId: "100000000002" })];
  const retry = { kind: "retry", waitMs: 60_000, waitingFor: "retry", counted: true } as const;
  await settle(connector, await sending(connector, asked), [
    { kind: "throttled", httpStatus: 429, retryAfterMs: 12_000 },
    retry,
  ]);
  await settle(connector, await sending(connector, silent), [{ kind: "throttled", httpStatus: 429 }, retry]);
  expect((await read(asked)).handoff.attempts).toMatchObject([{ outcome: "throttled", retryAfterMs: 12_000 }]);
  expect((await read(silent)).handoff.attempts[0]).not.toHaveProperty("retryAfterMs");
});

it.each([
  ["delivered", DELIVERED],
  ["dead", REJECTED],
  ["queued", again("ambiguous", 5_000)],
] as const)("gives the same state when asked twice, and counts nothing twice: %s", async (status, verdict) => {
  const { queued, sending, settle, read, redis, tag } = await setup();
  const connector = createConnector();
  const stored = await queued(connector);
  const attempt = await sending(connector, stored);
  await settle(connector, attempt, verdict);
  const before = await read(stored);
  const { totals, states, figures: readFigures } = createOverviewFiguresReader({ redis, namespace: "", tags: [tag] });
  const figures = async () => ({
    totals: await totals(),
    states: (await states([connector.id])).map((state) => ({ ...state, oldestQueuedMs: 0 })),
    figures: await readFigures([connector.id]),
  });
  const counted = await figures();
  expect(await settle(connector, attempt, verdict)).toMatchObject({ kind: "settled", status });
  // The first verdict counts: another one changes nothing.
  expect(await settle(connector, attempt, REJECTED)).toMatchObject({ kind: "settled", status });
  expect(await read(stored)).toEqual(before);
  expect(await figures()).toEqual(counted);
});

it("takes back an attempt of which nothing left as if it had never begun, and no more than once", async () => {
  const { queued, waits, sending, deliveries, read, elapse, redis, tag } = await setup();
  const connector = createConnector({ maxAttempts: 1 });
  const stored = await queued(connector);
  const attempt = await sending(connector, stored);
  expect(await deliveries.abandon({ attempt, waitMs: 1_000, waitingFor: "keys" })).toMatchObject({
    status: "queued",
    delayMs: 1_000,
  });
  const again = await deliveries.abandon({ attempt, waitMs: 1_000, waitingFor: "keys" });
  if (again.kind !== "settled") throw new Error(again.kind);
  expect(again.delayMs).toBeLessThanOrEqual(1_000);
  expect((await read(stored)).handoff).toMatchObject({
    status: "queued",
    waitingFor: "keys",
    attempts: [],
    mayHaveArrived: false,
  });
  expect(await redis.zcard(`${tag}:sending`)).toBe(0);
  expect(await waits(connector, stored)).toBe("keys");
  await elapse(1_000);
  const next = await sending(connector, stored);
  expect(next).toMatchObject({ number: 1, used: 1 });
  // Said once more, it changes nothing.
  expect(await deliveries.abandon({ attempt, waitMs: 1_000, waitingFor: "keys" })).toMatchObject({
    kind: "settled",
    status: "sending",
  });
  expect((await read(stored)).handoff.status).toBe("sending");
});

it("goes on at once with what was taken back without a wait, before any new one", async () => {
  const { queued, claim, sending, deliveries } = await setup();
  const connector = createConnector();
  const stored = await queued(connector);
  await deliveries.abandon({ attempt: await sending(connector, stored), waitMs: 0 });
  await queued(connector);
  expect((await claim(connector, { slots: 1 })).attempts).toMatchObject([{ id: stored.handoff.id }]);
});

it("ends a handoff whose attempt was taken back and whose deadline came first", async () => {
  const { queued, claim, sending, deliveries, elapse, read } = await setup();
  const connector = createConnector({ deadlineMs: 1_000 });
  const stored = await queued(connector);
  const settled = await deliveries.abandon({ attempt: await sending(connector, stored), waitMs: 5_000 });
  if (settled.kind !== "settled") throw new Error(settled.kind);
  expect(settled.delayMs).toBeLessThanOrEqual(1_001);
  await elapse(settled.delayMs);
  expect((await claim(connector)).attempts).toEqual([]);
  expect((await read(stored)).handoff).toMatchObject({ status: "dead", reason: "expired" });
});

it("settles many of one turn at once, each with its own answer", async () => {
  const { queued, claim, settle, read, elapse } = await setup();
  const connector = createConnector();
  const stored = [];
  for (let i = 0; i < 40; i++) stored.push(await queued(connector));
  const { attempts } = await claim(connector);
  const verdicts = [DELIVERED, REJECTED, again("unreachable", 5_000)] as const;
  const settled = await Promise.all(
    attempts.map((attempt, i) => settle(connector, attempt, verdicts[i % 3] ?? DELIVERED)),
  );
  const states = ["delivered", "dead", "queued"];
  expect(settled.map((each) => each.kind === "settled" && each.status)).toEqual(stored.map((_, i) => states[i % 3]));
  for (const [i, each] of stored.entries()) expect((await read(each)).handoff.status).toBe(states[i % 3]);
  await elapse(5_001);
  expect((await claim(connector)).attempts).toHaveLength(13);
});

it("refuses the answer of an attempt that is not the live one", async () => {
  const { queued, sending, settle, read } = await setup();
  const connector = createConnector();
  const stored = await queued(connector);
  const old = await sending(connector, stored);
  await settle(connector, old, again("unreachable"));
  const live = await sending(connector, stored);
  // It was settled before: whatever else it says changes nothing.
  expect(await settle(connector, old, DELIVERED)).toMatchObject({ kind: "settled", status: "sending" });
  expect(await settle(connector, { ...live, token: "guessed.1" }, DELIVERED)).toEqual({ kind: "stale" });
  expect((await read(stored)).handoff).toMatchObject({ status: "sending", attempts: [{ number: 1 }] });
});

it("says gone where the record is no more", async () => {
  const { queued, sending, settle, redis, tag } = await setup();
  const connector = createConnector();
  const stored = await queued(connector);
  const attempt = await sending(connector, stored);
  await redis.del(`${tag}:h:${stored.handoff.id}`);
  expect(await settle(connector, attempt, DELIVERED)).toEqual({ kind: "gone" });
  expect(await redis.exists(`${tag}:h:${stored.handoff.id}`)).toBe(0);
});

it("counts attempts of the budget, but not one that only found the token endpoint down", async () => {
  const { queued, sending, settle } = await setup();
  const connector = createConnector();
  const stored = await queued(connector);
  await settle(connector, await sending(connector, stored), again("unreachable"));
  expect(await settle(connector, await sending(connector, stored), PENDING)).toMatchObject({ status: "queued" });
  expect(await sending(connector, stored)).toMatchObject({ number: 3, used: 2 });
});

it("ends as dead what cannot be tried again before its deadline", async () => {
  const { queued, sending, settle } = await setup();
  const connector = createConnector();
  const attempt = await sending(connector, await queued(connector, { deadlineMs: 1_000 }));
  expect(await settle(connector, attempt, again("unavailable", 1_500))).toMatchObject({
    status: "dead",
    reason: "expired",
    delayMs: 0,
  });
});

it("says that the signal may have arrived where at-most-once gave up on a 503", async () => {
  const { queued, sending, settle, read } = await setup();
  const connector = createConnector({ guarantee: "at-most-once" });
  const stored = await queued(connector);
  await settle(connector, await sending(connector, stored), UNKNOWN);
  expect((await read(stored)).handoff).toMatchObject({
    status: "dead",
    reason: "unknown",
    mayHaveArrived: true,
    possibleDuplicate: false,
  });
});

it("takes back what is queued, between attempts too, and not what is under way or has ended", async () => {
  const { queued, sending, settle, handoffs, read } = await setup();
  const connector = createConnector();
  const stored = await queued(connector);
  const { id } = stored.handoff;
  expect(await handoffs.cancel(id, createConnector().id)).toEqual({ kind: "not-found" });
  const attempt = await sending(connector, stored);
  expect(await handoffs.cancel(id)).toEqual({ kind: "already-sending" });
  await settle(connector, attempt, again("unreachable", 5_000));
  expect(await handoffs.cancel(id, connector.id)).toMatchObject({
    kind: "cancelled",
    stored: { handoff: { status: "cancelled" } },
  });
  expect(await handoffs.cancel(id)).toMatchObject({ kind: "repeated", stored: { handoff: { status: "cancelled" } } });
  expect((await read(stored)).handoff).toMatchObject({
    attempts: [{ outcome: "unreachable" }],
    endedAt: expect.any(Number),
  });
});

it("publishes that a handoff has ended, however it ended, to all that wait for it, and nothing where none waits", async () => {
  const { tag, queued, handoffs, sending, settle } = await setup();
  const published: string[] = [];
  const listener = await openTestRedis("events");
  listener.on("pmessage", (_: string, channel: string) => published.push(channel));
  await listener.psubscribe(`${tag}:ended:*`);
  const connector = createConnector();
  const [unpublished, dead, cancelled, delivered] = [
    await queued(connector),
    await queued(connector),
    await queued(connector),
    await queued(connector),
  ];
  for (const { handoff } of [dead, cancelled, delivered]) await handoffs.read(handoff.id, { isAwaited: true });
  await settle(connector, await sending(connector, unpublished), DELIVERED);
  await settle(connector, await sending(connector, dead), REJECTED);
  await handoffs.cancel(cancelled.handoff.id);
  await settle(connector, await sending(connector, delivered), DELIVERED);
  await expect
    .poll(() => published)
    .toEqual([dead, cancelled, delivered].map(({ handoff }) => `${tag}:ended:${handoff.id}`));
});

it("keeps every record in the form that takes least room, whatever befalls it", async () => {
  const { redis, tag, queued, claim, sending, settle, die, replay, handoffs, deliveries, elapse, giveBackStalled } =
    await setup();
  const connector = createConnector({ deadlineMs: 86_400_000 });
  const token = "x".repeat(12);
  const long = "x".repeat(500);
  const change = {
    sealedParams: long,
    sealedContext: long,
    sharedId: "s".repeat(60),
    origin: { accountId: "a".repeat(60), projectId: "p".repeat(60), environment: "live", callId: connector.id },
    idempotency: { key: "k".repeat(43), fingerprints: [long], keepMs: 60_000 },
  };
  let keys = 0;
  const next = () => ({
    ...change,
    contactId: `1${String(keys).padStart(18, "0")}`,
    idempotency: { ...change.idempotency, key: `${keys++}`.padEnd(43, "k") },
  });
  const small = async (stored: StoredHandoff, when: string) =>
    expect(await redis.object("ENCODING", `${tag}:h:${stored.handoff.id}`), when).toBe("listpack");

  const [retried, interrupted, cancelled] = [
    await queued(connector, next()),
    await queued(connector, next()),
    await queued(connector, next()),
  ];
  await claim({ ...connector, paused: true });
  for (const each of [retried, interrupted, cancelled]) await small(each, "queued");
  await handoffs.read(cancelled.handoff.id, { isAwaited: true });
  await handoffs.cancel(cancelled.handoff.id);
  await small(cancelled, "cancelled");
  await claim(connector);
  const attempts = [];
  for (let i = 0; i < 2; i++) {
    await elapse(1_000);
    attempts.push(...(await claim(connector, { token: i + token })).attempts);
  }
  expect(attempts).toHaveLength(2);
  await small(retried, "sending");
  const [outcome, settlement] = again("ambiguous");
  await settle(connector, attempts[0] ?? fail(), [{ ...outcome, detail: long } as typeof outcome, settlement]);
  await small(retried, "waiting for a retry");
  await elapse(5_001);
  await giveBackStalled();
  const second = [
    ...(await claim(connector, { token })).attempts,
    ...(await claim(connector, { token: `1${token}` })).attempts,
  ];
  await small(interrupted, "sending once more");
  await deliveries.abandon({
    attempt: second.find(({ id }) => id === interrupted.handoff.id) ?? fail(),
    waitMs: 60_000,
  });
  await small(interrupted, "abandoned");
  await settle(connector, second.find(({ id }) => id === retried.handoff.id) ?? fail(), DELIVERED);
  await small(retried, "delivered");
  const dead = await die(connector, REJECTED, next());
  await small(dead, "dead");
  for (let i = 0; i < 9; i++) await handoffs.findByKey(connector.id, { ...next().idempotency }, `ho_${i}`);
  const replayed = await replay(dead);
  if (replayed.kind !== "replayed") throw new Error(replayed.kind);
  await small(dead, "replayed");
  await settle(connector, await sending(connector, dead, { token }), DELIVERED);
  await small(dead, "delivered after its replay");
});

it("keeps a record small also where many asked for it by its key", async () => {
  const { redis, tag, queued, accept, acceptance } = await setup();
  const connector = createConnector();
  const idempotency = { key: "k".repeat(43), fingerprints: ["f"], keepMs: 60_000 };
  const stored = await queued(connector, { idempotency });
  for (let i = 0; i < 12; i++)
    expect(await accept(connector, { ...acceptance(connector), idempotency })).toMatchObject({ kind: "repeated" });
  expect(await redis.object("ENCODING", `${tag}:h:${stored.handoff.id}`)).toBe("listpack");
});

it("forgets the parameters of what is not sent again, and keeps those of a dead letter, and every context", async () => {
  const { redis, tag, queued, claim, sending, settle, die, handoffs, deadLetters } = await setup();
  const connector = createConnector();
  const change = { sealedParams: "sealed params", sealedContext: "sealed context" };
  const [delivered, cancelled] = [await queued(connector, change), await queued(connector, change)];
  await settle(connector, await sending(connector, delivered), DELIVERED);
  await handoffs.cancel(cancelled.handoff.id);
  await claim(connector);
  const [dead, discarded] = [await die(connector, REJECTED, change), await die(connector, REJECTED, change)];
  await deadLetters.discard(discarded.handoff.id);
  const kept = (kind: string) =>
    Promise.all(
      [delivered, cancelled, dead, discarded].map(({ handoff }) => redis.exists(`${tag}:${kind}:${handoff.id}`)),
    );
  expect(await kept("p")).toEqual([0, 0, 1, 0]);
  expect(await kept("x")).toEqual([1, 1, 1, 1]);
});

function fail(): never {
  throw new Error("nothing was begun");
}
