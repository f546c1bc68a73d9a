import type { Rate } from "@baton/domain";
import fc from "fast-check";
import { expect, it } from "vitest";
import { again, createConnector, createSpace, openTestRedis, type Space, setup } from "../testing/space.ts";
import type { StoredHandoff } from "./handoff-record.ts";

const rates = fc.record({ perSecond: fc.integer({ min: 1, max: 50 }), burst: fc.integer({ min: 1, max: 20 }) });

/** Something that happens to a connector; milliseconds. */
type Step =
  | { readonly kind: "accept"; readonly delayMs: number }
  | { readonly kind: "pass"; readonly ms: number }
  | { readonly kind: "work" };

const steps = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.record({ kind: fc.constant("accept" as const), delayMs: fc.constantFrom(0, 0, 0, 300, 2_000) }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant("pass" as const), ms: fc.integer({ min: 1, max: 3_000 }) }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant("work" as const) }) },
  ),
  { minLength: 5, maxLength: 60 },
);

/** runSteps lets a worker begin whatever is due, and gives the moments at which signals left, in the test's time. */
async function runSteps(space: Space, rate: Rate, list: readonly Step[]): Promise<readonly number[]> {
  const connector = createConnector({ rate });
  const waiting = new Map<string, StoredHandoff>();
  const sentAt: number[] = [];

  async function work(): Promise<void> {
    for (const [id, stored] of waiting) {
      const begun = await space.begin(connector, stored);
      if (begun.kind === "wait") continue;
      waiting.delete(id);
      if (begun.kind !== "sending") continue;
      sentAt.push(begun.attempt.startedAt + space.elapsed());
    }
  }

  for (const step of list) {
    if (step.kind === "pass") await space.elapse(step.ms);
    if (step.kind !== "accept") await work();
    if (step.kind !== "accept") continue;
    const accepted = await space.accept(connector, { delayMs: step.delayMs, deadlineMs: 600_000 });
    if (accepted.kind === "accepted") waiting.set(accepted.stored.handoff.id, accepted.stored);
  }
  for (let left = 200; waiting.size > 0 && left > 0; left--) {
    await space.elapse(500);
    await work();
  }
  expect(waiting.size).toBe(0);
  return sentAt;
}

it("never promises more than the burst and the rate allow, in any window of any history", async () => {
  const redis = await openTestRedis();
  await fc.assert(
    fc.asyncProperty(
      rates,
      fc.integer({ min: 1, max: 60 }),
      fc.array(fc.integer({ min: 1, max: 2_000 }), { maxLength: 8 }),
      async (rate, perRound, pauses) => {
        const space = createSpace(redis);
        const connector = createConnector({ rate });
        const slots: number[] = [];
        for (const pause of [0, ...pauses]) {
          await space.elapse(pause);
          for (let i = 0; i < perRound; i++) {
            const { handoff } = await space.queued(connector, { deadlineMs: 86_400_000 });
            slots.push((handoff.nextAttemptAt ?? 0) + space.elapsed());
          }
        }
        expectWithinRate(slots, rate);
        // Nor fewer: without pauses every slot follows the one before as closely as the rate allows.
        if (pauses.length === 0)
          expect((slots.at(-1) ?? 0) - (slots[0] ?? 0)).toBeLessThanOrEqual(((perRound - 1) * 1_000) / rate.perSecond + 1);
      },
    ),
    { numRuns: 30 },
  );
});

it("sends everything in the end, whatever comes delayed, late or all at once", async () => {
  const redis = await openTestRedis();
  await fc.assert(
    fc.asyncProperty(rates, steps, async (rate, list) => {
      const sent = await runSteps(createSpace(redis), rate, list);
      expect(sent).toHaveLength(list.filter(({ kind }) => kind === "accept").length);
    }),
    { numRuns: 15 },
  );
});

it("refuses what finds no slot before its deadline, and tells how much later one would be", async () => {
  const { accept, queued } = await setup();
  const connector = createConnector({ rate: { perSecond: 1, burst: 2 } });
  for (let i = 0; i < 5; i++) await queued(connector, { deadlineMs: 60_000 });
  const refused = await accept(connector, { deadlineMs: 2_000 });
  if (refused.kind !== "no-slot") throw new Error(refused.kind);
  expect(refused.retryAfterMs).toBeGreaterThan(1_500);
  expect(refused.retryAfterMs).toBeLessThanOrEqual(2_000);
  // What was refused took no slot: the next one gets it.
  expect((await accept(connector, { deadlineMs: 4_000 })).kind).toBe("accepted");
});

it("gives no slot away to what is far off: one due now goes now", async () => {
  const { queued, begin } = await setup();
  const connector = createConnector({ rate: { perSecond: 1, burst: 2 } });
  for (let i = 0; i < 20; i++) await queued(connector, { delayMs: 50_000 });
  expect((await begin(connector, await queued(connector))).kind).toBe("sending");
  expect((await begin(connector, await queued(connector))).kind).toBe("sending");
  const third = await queued(connector);
  expect(third.handoff.waitingFor).toBe("rate");
  expect(await begin(connector, third)).toMatchObject({ kind: "wait", waitingFor: "rate" });
});

it("asks for its slot when it falls due, where it had none promised", async () => {
  const { queued, begin, elapse } = await setup();
  const connector = createConnector({ rate: { perSecond: 1, burst: 1 } });
  const delayed = [await queued(connector, { delayMs: 30_000 }), await queued(connector, { delayMs: 30_000 })];
  await elapse(30_100);
  const [first, second] = await Promise.all(delayed.map((stored) => begin(connector, stored)));
  expect([first?.kind, second?.kind].sort()).toEqual(["sending", "wait"]);
});

it("reserves for a retry, too: a failing connector does not send faster than its rate", async () => {
  const { queued, sending, settle, elapse } = await setup();
  const connector = createConnector({ rate: { perSecond: 1, burst: 1 } });
  const stored = await queued(connector, { deadlineMs: 600_000 });
  for (let i = 0; i < 3; i++) await queued(connector, { deadlineMs: 600_000 });
  const settled = await settle(connector, await sending(connector, stored), again("unavailable", 100));
  if (settled.kind !== "settled") throw new Error(settled.kind);
  expect(settled.delayMs).toBeGreaterThan(3_000);
  await elapse(settled.delayMs);
  await sending(connector, stored);
});

it("spaces what waited for CXone's Retry-After at the rate: no burst follows a hold", async () => {
  const { queued, sending, settle, begin, elapse, read } = await setup();
  const connector = createConnector({ rate: { perSecond: 10, burst: 20 } });
  const stored = await Promise.all(Array.from({ length: 10 }, () => queued(connector, { deadlineMs: 600_000 })));
  const [first, ...rest] = stored;
  if (first === undefined) throw new Error("none");
  const attempt = await sending(connector, first);
  await settle(connector, attempt, again("throttled", 5_000, { holdMs: 5_000 }));
  for (const one of rest) expect(await begin(connector, one)).toMatchObject({ kind: "wait", waitingFor: "rate" });
  const due = await Promise.all(rest.map(async (one) => (await read(one)).handoff.nextAttemptAt ?? 0));
  const sorted = due.toSorted((a, b) => a - b);
  expect(sorted[0]).toBeGreaterThanOrEqual(attempt.startedAt + 5_000);
  sorted.slice(1).forEach((at, i) => {
    expect(at - (sorted[i] ?? 0)).toBeGreaterThanOrEqual(99);
  });
  await elapse(7_000);
  for (const one of rest) expect((await begin(connector, one)).kind).toBe("sending");
});

const holds = fc.array(fc.record({ afterStarts: fc.integer({ min: 1, max: 15 }), ms: fc.integer({ min: 1, max: 5_000 }) }), {
  minLength: 1,
  maxLength: 4,
});

/** How many handoffs wait. */
const HELD = 40;
/** Started is a handoff's start and what it was promised when it was accepted, in the test's time. */
interface Started {
  readonly promisedAt: number;
  readonly startedAt: number;
}

/** runHeld begins each handoff at the moment that it was told, while CXone asks for holds; gives the starts, the holds, and what its own steps took. */
async function runHeld(space: Space, rate: Rate, list: readonly { afterStarts: number; ms: number }[]) {
  const connector = createConnector({ rate });
  const beganAt = performance.now();
  const waiting = new Map<StoredHandoff, { readonly promisedAt: number; dueAt: number }>();
  for (let i = 0; i < HELD; i++) {
    const stored = await space.queued(connector, { deadlineMs: 86_400_000 });
    const promisedAt = (stored.handoff.nextAttemptAt ?? 0) + space.elapsed();
    waiting.set(stored, { promisedAt, dueAt: promisedAt });
  }
  const started: Started[] = [];
  const held: { readonly ms: number; readonly from: number; readonly until: number }[] = [];
  const left = [...list];
  while (waiting.size > 0) {
    const [[stored, turn] = fail()] = [...waiting].toSorted(([, one], [, other]) => one.dueAt - other.dueAt);
    const now = await space.now();
    if (turn.dueAt > now) await space.elapse(Math.ceil(turn.dueAt - now));
    const begun = await space.begin(connector, stored);
    if (begun.kind === "wait") turn.dueAt = (await space.now()) + begun.waitMs;
    if (begun.kind !== "sending") continue;
    waiting.delete(stored);
    const startedAt = begun.attempt.startedAt + space.elapsed();
    started.push({ promisedAt: turn.promisedAt, startedAt });
    if (started.length % (left[0]?.afterStarts ?? Number.POSITIVE_INFINITY) !== 0) continue;
    const { ms: holdMs = 0 } = left.shift() ?? {};
    const asked = await space.now();
    await space.settle(connector, begun.attempt, [
      { kind: "throttled", httpStatus: 429 },
      { kind: "dead", reason: "exhausted", holdMs },
    ]);
    held.push({ ms: holdMs, from: await space.now(), until: asked + holdMs });
  }
  return { started, held, tookMs: performance.now() - beganAt };
}

function fail(): never {
  throw new Error("nobody is waiting");
}

it("moves everybody on by as long as CXone asked to wait, at the rate, and nobody to the end of the queue", async () => {
  const redis = await openTestRedis();
  await fc.assert(
    fc.asyncProperty(rates, holds, async (rate, list) => {
      const { started, held, tookMs } = await runHeld(createSpace(redis), rate, list);
      const heldMs = held.reduce((sum, { ms }) => sum + ms, 0);
      // Those whose moment had passed when a hold began, at most a burst, come back one after the other.
      const burstMs = (rate.burst * 1_000) / rate.perSecond;
      for (const { promisedAt, startedAt } of started) {
        expect(startedAt - promisedAt).toBeLessThanOrEqual(heldMs + burstMs + tookMs);
        expect(held.filter(({ from, until }) => startedAt > from && startedAt < until)).toEqual([]);
      }
      const { perSecond, burst } = rate;
      expectWithinRate(
        started.map(({ startedAt }) => startedAt),
        { perSecond, burst: burst + 2 + (perSecond * tookMs) / 1_000 },
      );
    }),
    { numRuns: 12 },
  );
});

it("holds a backlog of a thousand for two seconds at the cost of two seconds", async () => {
  const { queued, sending, settle, begin, elapse, now } = await setup();
  const connector = createConnector({ rate: { perSecond: 20, burst: 1 } });
  const first = await queued(connector);
  for (let i = 0; i < 498; i++) await queued(connector);
  const middle = await queued(connector);
  for (let i = 0; i < 498; i++) await queued(connector);
  await settle(connector, await sending(connector, first), again("throttled", 2_000, { holdMs: 2_000 }));
  const promisedAt = middle.handoff.nextAttemptAt ?? 0;
  await elapse(promisedAt - (await now()));
  const asked = await now();
  const moved = await begin(connector, middle);
  if (moved.kind !== "wait") throw new Error(moved.kind);
  expect(asked + moved.waitMs).toBeLessThanOrEqual(promisedAt + 2_000);
  expect((await now()) + moved.waitMs).toBeGreaterThanOrEqual(promisedAt + 2_000);
  await elapse(moved.waitMs);
  expect((await begin(connector, middle)).kind).toBe("sending");
});

it("knows no limit where the connector has none", async () => {
  const { queued, begin } = await setup();
  const connector = createConnector({ rate: null });
  for (let i = 0; i < 50; i++) expect((await begin(connector, await queued(connector))).kind).toBe("sending");
});

/** expectWithinRate holds any n promised moments to burst + perSecond * t, t being the time between the first and the last; a slot is cut to whole milliseconds. */
function expectWithinRate(moments: readonly number[], { perSecond, burst }: Rate): void {
  const sorted = moments.toSorted((a, b) => a - b);
  for (let from = 0; from < sorted.length; from++) {
    for (let to = from; to < sorted.length; to++) {
      const windowMs = (sorted[to] ?? 0) - (sorted[from] ?? 0) + 1;
      expect(to - from + 1).toBeLessThanOrEqual(burst + (perSecond * windowMs) / 1_000 + 1e-6);
    }
  }
}

it("lets nobody wait without a rate, but those whom CXone asked to wait: they come back one after the other", async () => {
  const { redis, tag, queued } = await setup();
  const connector = createConnector({ rate: null });
  expect((await queued(connector)).handoff.waitingFor).toBeNull();

  const held = Date.now() + 60_000;
  await redis.hset(`${tag}:c:${connector.id}`, "hold", held);
  const waiting = await Promise.all(Array.from({ length: 20 }, () => queued(connector, { deadlineMs: 600_000 })));
  const due = waiting.map(({ handoff }) => handoff.nextAttemptAt ?? 0).sort((a, b) => a - b);
  expect(new Set(due).size).toBe(20);
  expect(due[0]).toBeGreaterThanOrEqual(held);
});
