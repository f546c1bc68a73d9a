import type { Rate } from "@baton/domain";
import fc from "fast-check";
import { expect, it } from "vitest";
import { drain } from "../testing/drain.ts";
import {
  again,
  createConnector,
  createSpace,
  DELIVERED,
  openTestRedis,
  type Space,
  setup,
  type Verdict,
} from "../testing/space.ts";
import type { ClaimedAttempt } from "./claim-script-arguments-and-reply.ts";
import { createClearThrottleAndBreaker } from "./clear-throttle-and-breaker.ts";

/** queueMany accepts handoffs of contacts of their own. */
async function queueMany({ queued }: Space, connector: ReturnType<typeof createConnector>, count: number) {
  const stored = [];
  for (let i = 0; i < count; i++)
    stored.push(await queued(connector, { deadlineMs: 86_400_000, rate: null, maxPending: 100_000 }));
  return stored;
}

/**
 * expectWithinRate holds any window to burst + perSecond * its length, and one more; moments are whole milliseconds.
 */
function expectWithinRate(moments: readonly number[], { perSecond, burst }: Rate): void {
  const sorted = moments.toSorted((a, b) => a - b);
  for (let from = 0; from < sorted.length; from++) {
    for (let to = from; to < sorted.length; to++) {
      const windowMs = (sorted[to] ?? 0) - (sorted[from] ?? 0);
      expect(to - from + 1, `${to - from + 1} in ${windowMs} ms`).toBeLessThanOrEqual(
        burst + 1 + (perSecond * windowMs) / 1_000 + 1e-6,
      );
    }
  }
}

const rates = fc.record({ perSecond: fc.integer({ min: 1, max: 50 }), burst: fc.integer({ min: 1, max: 20 }) });

/** What befalls a connector; milliseconds. */
const steps = fc.array(
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({ kind: fc.constant("accept" as const), count: fc.integer({ min: 1, max: 8 }) }),
    },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant("pass" as const), ms: fc.integer({ min: 1, max: 6_000 }) }) },
    { weight: 4, arbitrary: fc.record({ kind: fc.constant("work" as const), ms: fc.integer({ min: 1, max: 2_000 }) }) },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constantFrom(
          "hold" as const,
          "fail" as const,
          "lose" as const,
          "pause" as const,
          "token" as const,
          "resume" as const,
        ),
        ms: fc.integer({ min: 1, max: 3_000 }),
      }),
    },
  ),
  { minLength: 5, maxLength: 25 },
);

type Step = (typeof steps extends fc.Arbitrary<infer Steps extends readonly unknown[]> ? Steps : never)[number];

/** play lets a connector live through its history, then drains it. Gives when each attempt began. */
async function play(space: Space, rate: Rate, history: readonly Step[]): Promise<readonly number[]> {
  const connector = createConnector({
    rate,
    deadlineMs: 86_400_000,
    maxAttempts: 100,
    attemptTimeoutMs: 100,
    backoff: { baseMs: 10, capMs: 10 },
  });
  const sentAt: number[] = [];
  const work = async (forMs: number, answer: (n: number) => Verdict | undefined = () => DELIVERED) => {
    const { sent } = await drain(space, connector, { forMs, answer: (_, n) => answer(n) });
    sentAt.push(...sent.map(({ at }) => at));
  };
  for (const step of history) {
    switch (step.kind) {
      case "accept":
        await queueMany(space, connector, step.count);
        break;
      case "pass":
        await space.elapse(step.ms);
        break;
      case "work":
        await work(step.ms);
        break;
      case "hold":
        await work(step.ms, (n) => (n === 0 ? again("throttled", step.ms, { holdMs: step.ms }) : DELIVERED));
        break;
      case "fail":
        await work(step.ms, () => again("unreachable", 50));
        break;
      case "lose":
        await work(step.ms, (n) => (n === 0 ? undefined : DELIVERED));
        break;
      case "pause":
        await space.claim({ ...connector, paused: true });
        await space.elapse(step.ms);
        break;
      case "token":
        await space.claim(connector, { destinations: new Map([[connector.id, undefined]]) });
        break;
      case "resume":
        await createClearThrottleAndBreaker(space.shards)(connector.id);
    }
  }
  await work(Number.POSITIVE_INFINITY);
  expect(await space.redis.zcard(`${space.tag}:queued:${connector.id}`)).toBe(0);
  return sentAt;
}

it("never begins more than the burst and the rate allow, in any window of any history, and all in the end", async () => {
  const redis = await openTestRedis();
  await fc.assert(
    fc.asyncProperty(rates, steps, async (rate, history) => {
      expectWithinRate(await play(createSpace(redis), rate, history), rate);
    }),
    { numRuns: 15, endOnFailure: true },
  );
});

it("begins a burst at once, then as closely as the rate allows, in order, and asks no more often than that", async () => {
  const space = await setup();
  const connector = createConnector({ rate: { perSecond: 10, burst: 5 } });
  await queueMany(space, connector, 25);
  const { sent, claims, lateMs } = await drain(space, connector);
  expect(sent).toHaveLength(25);
  expectInOrder(sent);
  const [first] = sent;
  expect((sent[4]?.at ?? 0) - (first?.at ?? 0)).toBeLessThan(100);
  expect((sent[24]?.at ?? 0) - (first?.at ?? 0)).toBeLessThanOrEqual(2_100 + lateMs);
  expect(claims).toBeLessThan(60);
});

it("is a ceiling on what leaves after an outage of all workers", async () => {
  const space = await setup();
  const connector = createConnector({ rate: { perSecond: 5, burst: 10 } });
  await queueMany(space, connector, 40);
  await space.elapse(9_150);
  const { sent } = await drain(space, connector);
  expect(sent.filter(({ at }) => at - (sent[0]?.at ?? 0) < 100)).toHaveLength(10);
});

it("takes no slot for what is cancelled, and none for what is far off", async () => {
  const space = await setup();
  const { queued, claim, handoffs } = space;
  const connector = createConnector({ rate: { perSecond: 1, burst: 2 } });
  for (let i = 0; i < 20; i++) await queued(connector, { delayMs: 50_000, rate: null });
  for (const { handoff } of await queueMany(space, connector, 5)) await handoffs.cancel(handoff.id);
  const due = await queueMany(space, connector, 3);
  const { attempts } = await claim(connector);
  expect(attempts.map(({ id }) => id)).toEqual(due.slice(0, 2).map(({ handoff }) => handoff.id));
  expect((await space.read(due[2] ?? fail())).handoff.waitingFor).toBe("rate");
});

it("holds at once as it is now for all who wait, raised or lowered", async () => {
  const space = await setup();
  const slow = createConnector({ rate: { perSecond: 1, burst: 1 } });
  const fast = { ...slow, delivery: { ...slow.delivery, rate: { perSecond: 100, burst: 100 } } };
  await queueMany(space, slow, 60);
  expect((await space.claim(slow)).attempts).toHaveLength(1);
  await space.elapse(100);
  const raised = await drain(space, fast, { change: { version: 2 }, forMs: 300 });
  expect(raised.sent.length).toBeGreaterThan(20);
  const lowered = await drain(space, slow, { change: { version: 3 }, forMs: 3_000 });
  expect(lowered.sent.length).toBeLessThanOrEqual(5);
});

it("counts a retry, too: a failing connector does not send faster than its rate", async () => {
  const space = await setup();
  const connector = createConnector({ rate: { perSecond: 2, burst: 1 } });
  await queueMany(space, connector, 3);
  const { sent } = await drain(space, connector, { answer: (_, n) => (n < 6 ? again("unreachable", 10) : DELIVERED) });
  expect(sent).toHaveLength(9);
  expectWithinRate(
    sent.map(({ at }) => at),
    { perSecond: 2, burst: 0 },
  );
});

const RATE = { perSecond: 10, burst: 20 };

/** settleAt has a probe answered 2xx, which reopens its gate; gives a moment no later than that. */
async function settleAt(
  space: Space,
  connector: ReturnType<typeof createConnector>,
  probe: ClaimedAttempt,
): Promise<number> {
  const at = await space.now();
  await space.settle(connector, probe, DELIVERED);
  return at;
}

it.each([
  [
    "a pause",
    async (space: Space, connector: ReturnType<typeof createConnector>) => {
      await space.claim({ ...connector, paused: true });
      await space.elapse(10_000);
      return space.now();
    },
  ],
  [
    "CXone's Retry-After and the probe behind it",
    async (space: Space, connector: ReturnType<typeof createConnector>) => {
      const [attempt] = (await space.claim(connector, { slots: 1 })).attempts;
      await space.settle(connector, attempt ?? fail(), again("throttled", 60_000, { holdMs: 5_000 }));
      await space.elapse(10_000);
      const [probe] = (await space.claim(connector)).attempts;
      // However long the probe takes.
      await space.elapse(2_000);
      return settleAt(space, connector, probe ?? fail());
    },
  ],
  [
    "the breaker and its probe",
    async (space: Space, connector: ReturnType<typeof createConnector>) => {
      const { attempts } = await space.claim(connector, { slots: 20 });
      for (const attempt of attempts) await space.settle(connector, attempt, again("unreachable", 60_000));
      await space.elapse(1_500);
      const [probe] = (await space.claim(connector)).attempts;
      await space.elapse(2_000);
      return settleAt(space, connector, probe ?? fail());
    },
  ],
  [
    "a token endpoint that was down",
    async (space: Space, connector: ReturnType<typeof createConnector>) => {
      await space.accesses.claim({ connectorId: connector.id, credentialsVersion: 1, lease: "l", what: "token" });
      await space.accesses.fail({
        connectorId: connector.id,
        lease: "l",
        kind: "unavailable",
        detail: "503",
        retryAfterMs: 3_000,
      });
      await space.claim(connector, { destinations: new Map([[connector.id, undefined]]) });
      await space.elapse(10_000);
      return space.now();
    },
  ],
  [
    "a pause that an operator lifted while CXone's Retry-After held on",
    async (space: Space, connector: ReturnType<typeof createConnector>) => {
      const [attempt] = (await space.claim(connector, { slots: 1 })).attempts;
      await space.settle(connector, attempt ?? fail(), again("throttled", 60_000, { holdMs: 10_000 }));
      await space.claim({ ...connector, paused: true });
      await space.elapse(1_000);
      await space.claim(connector);
      await space.elapse(9_150);
      const [probe] = (await space.claim(connector)).attempts;
      return settleAt(space, connector, probe ?? fail());
    },
  ],
])("lets no burst leave after %s: the bucket is empty", async (_, close) => {
  const space = await setup();
  const connector = createConnector({ rate: RATE, attemptTimeoutMs: 3_000 });
  await queueMany(space, connector, 50);
  const openedAt = await close(space, connector);
  const { sent } = await drain(space, connector, { forMs: 2_500 });
  expect(sent.length).toBeGreaterThan(10);
  sent.forEach(({ at }, i) => {
    expect(at - openedAt).toBeGreaterThanOrEqual((i * 1_000) / RATE.perSecond);
  });
});

it("knows no limit where the connector has none", async () => {
  const space = await setup();
  const connector = createConnector({ rate: null });
  await queueMany(space, connector, 50);
  expect((await space.claim(connector)).attempts).toHaveLength(50);
});

it("lets those who were held back leave five milliseconds apart where the connector has no rate, and then all as they come", async () => {
  const space = await setup();
  const connector = createConnector({ rate: null });
  await queueMany(space, connector, 20);
  expect((await space.claim({ ...connector, paused: true })).attempts).toEqual([]);
  const { sent } = await drain(space, connector);
  expect(sent).toHaveLength(20);
  expectWithinRate(
    sent.map(({ at }) => at),
    { perSecond: 200, burst: 0 },
  );
  await queueMany(space, connector, 20);
  expect((await space.claim(connector)).attempts).toHaveLength(20);
});

it("begins who comes behind those who are held back, not before them", async () => {
  const space = await setup();
  const connector = createConnector({ rate: { perSecond: 2, burst: 1 } });
  const early = await queueMany(space, connector, 4);
  await drain(space, connector, { forMs: 10 });
  await space.elapse(500);
  const late = await queueMany(space, connector, 4);
  const { sent } = await drain(space, connector);
  expect(sent.map(({ id }) => id).toSorted()).toEqual(
    [...early.slice(1), ...late].map(({ handoff }) => handoff.id).toSorted(),
  );
  expectInOrder(sent);
});

/** expectInOrder: by when they fell due; those of one millisecond may go in any order. */
function expectInOrder(sent: readonly { readonly since: number }[]): void {
  const since = sent.map((each) => each.since);
  expect(since).toEqual(since.toSorted((a, b) => a - b));
}

function fail(): never {
  throw new Error("nothing was begun");
}
