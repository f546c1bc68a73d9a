import { expect, it } from "vitest";
import { again, createConnector, DELIVERED, openTestRedis, REJECTED, setup, type Verdict } from "../testing/space.ts";
import { createFiguresStore } from "./figures-store.ts";

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
  expect(await settle(connector, attempt, DELIVERED)).toMatchObject({ status: "delivered", delayMs: 0, duplicate: false, generation: 1 });
  const { handoff } = await read(stored);
  expect(handoff).toMatchObject({
    status: "delivered",
    attempts: [{ number: 1, startedAt: attempt.startedAt, durationMs: 5, outcome: "accepted", httpStatus: 202 }],
  });
  expect(handoff.endedAt).toBeGreaterThanOrEqual(attempt.startedAt);
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
  const { totals, states, figures: readFigures } = createFiguresStore({ redis, namespace: "", tags: [tag] });
  const figures = async () => ({
    totals: await totals(),
    states: (await states([connector.id])).map((state) => ({ ...state, oldestQueuedMs: 0 })),
    figures: await readFigures([connector.id]),
  });
  const counted = await figures();
  expect(await settle(connector, attempt, verdict)).toMatchObject({ kind: "settled", status });
  // Whoever settled first decided: another verdict changes nothing.
  expect(await settle(connector, attempt, REJECTED)).toMatchObject({ kind: "settled", status });
  expect(await read(stored)).toEqual(before);
  expect(await figures()).toEqual(counted);
});

it("takes back an attempt of which nothing left as if it had never begun, and no more than once", async () => {
  const { queued, begin, sending, deliveries, read, elapse, redis, tag } = await setup();
  const connector = createConnector({ maxAttempts: 1 });
  const stored = await queued(connector);
  const attempt = await sending(connector, stored);
  expect(await deliveries.handBack(attempt, 1_000)).toEqual({ kind: "queued", delayMs: 1_000 });
  const { delayMs } = (await deliveries.handBack(attempt, 1_000)) as { delayMs: number };
  expect(delayMs).toBeLessThanOrEqual(1_000);
  expect((await read(stored)).handoff).toMatchObject({ status: "queued", waitingFor: "retry", attempts: [], mayHaveArrived: false });
  expect(await redis.zcard(`${tag}:sending`)).toBe(0);
  expect(await begin(connector, stored)).toMatchObject({ kind: "wait", waitingFor: "retry" });
  await elapse(1_000);
  const next = await sending(connector, stored);
  expect(next).toMatchObject({ number: 1, used: 1 });
  // What the first one still says comes too late.
  expect(await deliveries.handBack(attempt, 1_000)).toEqual({ kind: "stale" });
});

it("ends a handoff whose attempt was taken back and whose deadline came first", async () => {
  const { queued, begin, sending, deliveries, elapse } = await setup();
  const connector = createConnector({ deadlineMs: 1_000 });
  const stored = await queued(connector);
  const { delayMs } = (await deliveries.handBack(await sending(connector, stored), 5_000)) as { delayMs: number };
  expect(delayMs).toBeLessThanOrEqual(1_001);
  await elapse(delayMs);
  expect(await begin(connector, stored)).toMatchObject({ kind: "ended", stored: { handoff: { status: "dead", reason: "expired" } } });
});

it("refuses the answer of an attempt that is not the live one", async () => {
  const { queued, sending, settle, read } = await setup();
  const connector = createConnector();
  const stored = await queued(connector);
  const old = await sending(connector, stored);
  await settle(connector, old, again("unreachable"));
  const live = await sending(connector, stored);
  expect(await settle(connector, old, DELIVERED)).toEqual({ kind: "stale" });
  expect(await settle(connector, { ...live, nonce: "guessed" }, DELIVERED)).toEqual({ kind: "stale" });
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
  expect(await settle(connector, attempt, again("unavailable", 1_500))).toMatchObject({ status: "dead", reason: "expired", delayMs: 0 });
});

it("says that the signal may have arrived where at-most-once gave up on a 503", async () => {
  const { queued, sending, settle, read } = await setup();
  const connector = createConnector({ guarantee: "at-most-once" });
  const stored = await queued(connector);
  await settle(connector, await sending(connector, stored), UNKNOWN);
  expect((await read(stored)).handoff).toMatchObject({ status: "dead", reason: "unknown", mayHaveArrived: true, possibleDuplicate: false });
});

it("keeps the whole connector still for as long as CXone asked, and no other one", async () => {
  const { queued, sending, settle, begin, read, elapse } = await setup();
  const [connector, other] = [createConnector(), createConnector()];
  const waiting = await queued(connector);
  await settle(connector, await sending(connector, await queued(connector)), again("throttled", 20_000, { holdMs: 20_000 }));
  expect(await begin(connector, waiting)).toMatchObject({ kind: "wait", waitingFor: "rate" });
  expect((await begin(other, await queued(other))).kind).toBe("sending");
  const { nextAttemptAt, acceptedAt } = (await read(waiting)).handoff;
  expect((nextAttemptAt ?? 0) - acceptedAt).toBeGreaterThan(19_000);
  await elapse(20_001);
  expect((await begin(connector, waiting)).kind).toBe("sending");
});

it("never shortens a hold that CXone asked for", async () => {
  const { queued, sending, settle, begin, elapse } = await setup();
  const connector = createConnector();
  const attempts = [await sending(connector, await queued(connector)), await sending(connector, await queued(connector))];
  const [long, short] = attempts;
  if (long === undefined || short === undefined) throw new Error("none");
  await settle(connector, long, again("throttled", 30_000, { holdMs: 30_000 }));
  await settle(connector, short, again("throttled", 1_000, { holdMs: 1_000 }));
  const stored = await queued(connector);
  await elapse(20_000);
  expect(await begin(connector, stored)).toMatchObject({ kind: "wait", waitingFor: "rate" });
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
  expect(await handoffs.cancel(id, connector.id)).toMatchObject({ kind: "cancelled", stored: { handoff: { status: "cancelled" } } });
  expect(await handoffs.cancel(id)).toMatchObject({ kind: "repeated", stored: { handoff: { status: "cancelled" } } });
  expect((await read(stored)).handoff).toMatchObject({ attempts: [{ outcome: "unreachable" }], endedAt: expect.any(Number) });
});

it("tells whoever listens on a handoff's channel that it has ended, however it ended", async () => {
  const { tag, queued, die, handoffs, sending, settle } = await setup();
  const heard: string[] = [];
  const listener = await openTestRedis("events");
  listener.on("pmessage", (_: string, channel: string) => heard.push(channel));
  await listener.psubscribe(`${tag}:ended:*`);
  const connector = createConnector();
  const dead = await die(connector);
  const cancelled = await queued(connector);
  await handoffs.cancel(cancelled.handoff.id);
  const delivered = await queued(connector);
  await settle(connector, await sending(connector, delivered), DELIVERED);
  await expect.poll(() => heard).toEqual([dead, cancelled, delivered].map(({ handoff }) => `${tag}:ended:${handoff.id}`));
});

it("keeps every record in the form that takes least room, whatever befalls it", async () => {
  const { redis, tag, queued, begin, sending, settle, die, replay } = await setup();
  const connector = createConnector();
  const long = "x".repeat(500);
  const change = {
    params: long,
    context: long,
    sharedId: "s".repeat(60),
    fixed: { accountId: "a", projectId: "p", environment: "live", callId: connector.id },
  };
  const [waiting, delivered, retried] = [await queued(connector, change), await queued(connector, change), await queued(connector, change)];
  await begin({ ...connector, paused: true }, waiting);
  await settle(connector, await sending(connector, delivered), DELIVERED);
  const [outcome, settlement] = again("unavailable");
  await settle(connector, await sending(connector, retried), [{ ...outcome, detail: long } as typeof outcome, settlement]);
  const dead = await die(connector, REJECTED, change);
  const replayed = await die(connector, REJECTED, change);
  await replay(replayed);
  for (const { handoff } of [waiting, delivered, retried, dead, replayed]) {
    expect(await redis.object("ENCODING", `${tag}:h:${handoff.id}`), handoff.id).toBe("listpack");
  }
});

it("forgets the parameters of what is not sent again, and keeps those of a dead letter, and every context", async () => {
  const { redis, tag, queued, sending, settle, die, handoffs, deadLetters } = await setup();
  const connector = createConnector();
  const change = { params: "sealed params", context: "sealed context" };
  const [delivered, cancelled] = [await queued(connector, change), await queued(connector, change)];
  await settle(connector, await sending(connector, delivered), DELIVERED);
  await handoffs.cancel(cancelled.handoff.id);
  const [dead, discarded] = [await die(connector, REJECTED, change), await die(connector, REJECTED, change)];
  await deadLetters.discard(discarded.handoff.id);
  const kept = (letter: string) =>
    Promise.all([delivered, cancelled, dead, discarded].map(({ handoff }) => redis.exists(`${tag}:${letter}:${handoff.id}`)));
  expect(await kept("p")).toEqual([0, 0, 1, 0]);
  expect(await kept("x")).toEqual([1, 1, 1, 1]);
});
