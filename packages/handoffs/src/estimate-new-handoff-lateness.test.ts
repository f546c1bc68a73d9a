import fc from "fast-check";
import { expect, it } from "vitest";
import { drain } from "../testing/drain.ts";
import { again, createConnector, createSpace, openTestRedis, REJECTED, type Space, setup } from "../testing/space.ts";

type Connector = ReturnType<typeof createConnector>;

/** What is left of the time before the deadline for a handoff to be taken. Milliseconds. */
const SPARE_MS = 250;
/** Handoffs with a delay are counted as due at the end of such a step. Milliseconds. */
const STEP_MS = 250;
/** A worker and Redis take this long at most for what a test does between two looks at the clock. Milliseconds. */
const SLACK_MS = 2_000;

/** waitAtDoor gives how long before it is sent a handoff would be, as the door says that refuses it. */
async function waitAtDoor({ accept, handoffs }: Space, connector: Connector, change = {}): Promise<number> {
  const accepted = await accept(connector, { deadlineMs: 1, ...change });
  if (accepted.kind === "no-slot") return accepted.retryAfterMs + 1 - SPARE_MS;
  // A refused one must not delay any other.
  if (accepted.kind === "accepted") await handoffs.withdraw(accepted.stored.handoff.id);
  return 0;
}

async function queueMany({ queued }: Space, connector: Connector, count: number, change = {}): Promise<void> {
  for (let i = 0; i < count; i++) await queued(connector, { deadlineMs: 86_400_000, ...change });
}

function expectAbout(waitMs: number, aboutMs: number): void {
  expect(waitMs).toBeLessThanOrEqual(aboutMs);
  expect(waitMs).toBeGreaterThan(aboutMs - SLACK_MS);
}

it("counts all that is queued and due earlier, less the burst, at the rate", async () => {
  const space = await setup();
  const connector = createConnector({ rate: { perSecond: 1, burst: 5 } });
  expect(await waitAtDoor(space, connector)).toBe(0);
  await queueMany(space, connector, 15);
  expectAbout(await waitAtDoor(space, connector), 11_000);
  // Whether they wait for a worker, at the gate, or without a place.
  await space.claim(connector, { destinations: new Map() });
  await space.accept(connector, { deadlineMs: 86_400_000 });
  expectAbout(await waitAtDoor(space, connector), 12_000);
});

it("refuses what would not be sent a quarter of a second before its deadline, and takes the next that would", async () => {
  const space = await setup();
  const connector = createConnector({ rate: { perSecond: 0.1, burst: 1 } });
  await queueMany(space, connector, 1);
  const refused = await space.accept(connector, { deadlineMs: 10_000 });
  if (refused.kind !== "no-slot") throw new Error(refused.kind);
  expect(refused.retryAfterMs).toBeGreaterThan(0);
  expect(refused.retryAfterMs).toBeLessThanOrEqual(SPARE_MS);
  // What was refused took no slot.
  expect((await space.accept(connector, { deadlineMs: 10_000 + SPARE_MS })).kind).toBe("accepted");
});

it("goes by the rate as it is now", async () => {
  const space = await setup();
  const slow = createConnector({ rate: { perSecond: 1, burst: 1 } });
  await queueMany(space, slow, 20);
  expectAbout(await waitAtDoor(space, slow), 20_000);
  expectAbout(await waitAtDoor(space, slow, { rate: { perSecond: 10, burst: 1 } }), 2_000);
  expect(await waitAtDoor(space, slow, { rate: null })).toBe(0);
});

it("counts none that waits for a later moment of its own, and all that fall due before", async () => {
  const space = await setup();
  const connector = createConnector({ rate: { perSecond: 1, burst: 1 }, deadlineMs: 86_400_000 });
  for (let i = 0; i < 10; i++) {
    await space.elapse(1_000);
    await space.settle(
      connector,
      await space.sending(connector, await space.queued(connector)),
      again("unreachable", 3_600_000),
    );
  }
  await space.elapse(1_000);
  await queueMany(space, connector, 10, { delayMs: 30_000 });
  expect(await waitAtDoor(space, connector)).toBe(0);
  // One that falls due with many goes behind them.
  expectAbout(await waitAtDoor(space, connector, { delayMs: 30_000 }), 10_000 + STEP_MS);
  await space.elapse(30_000);
  expectAbout(await waitAtDoor(space, connector), 10_000);
});

it.each([
  [
    "CXone's Retry-After",
    20_000,
    async (space: Space, connector: Connector) => {
      await space.settle(connector, await space.sending(connector, await space.queued(connector)), [
        { kind: "throttled", httpStatus: 429 },
        { kind: "dead", reason: "exhausted", holdMs: 20_000 },
      ]);
    },
  ],
  [
    "the breaker",
    1_000,
    async (space: Space, connector: Connector) => {
      for (let i = 0; i < 20; i++) {
        await space.settle(connector, await space.sending(connector, await space.queued(connector)), [
          { kind: "ambiguous" },
          { kind: "dead", reason: "exhausted" },
        ]);
      }
    },
  ],
  [
    "a token endpoint that is down",
    20_000,
    async (space: Space, connector: Connector) => {
      await space.queued(connector, { deadlineMs: 86_400_000 });
      await space.accesses.claim({ connectorId: connector.id, credentialsVersion: 1, lease: "l", what: "token" });
      await space.accesses.fail({
        connectorId: connector.id,
        lease: "l",
        kind: "unavailable",
        detail: "503",
        retryAfterMs: 20_000,
      });
      await space.claim(connector, { destinations: new Map() });
    },
  ],
])("adds what is known of the gate's end: %s, with a rate or without", async (_, holdMs, close) => {
  for (const rate of [{ perSecond: 100, burst: 100 }, null]) {
    const space = await setup();
    const connector = createConnector({ rate });
    await close(space, connector);
    expectAbout(await waitAtDoor(space, connector), holdMs + 1_000);
    expect((await space.accept(connector, { deadlineMs: holdMs + 3_000 })).kind).toBe("accepted");
  }
});

it("adds nothing for what has no known end: a pause, and a first token that is being fetched", async () => {
  const space = await setup();
  const connector = createConnector({ rate: { perSecond: 10, burst: 10 } });
  await queueMany(space, connector, 1);
  await space.claim({ ...connector, paused: true });
  expect(await waitAtDoor(space, connector)).toBe(0);
  await space.accesses.claim({ connectorId: connector.id, credentialsVersion: 1, lease: "l", what: "token" });
  await space.elapse(2_000);
  await space.claim(connector, { destinations: new Map([[connector.id, undefined]]) });
  // Only the bucket, which a pause leaves empty.
  expect(await waitAtDoor(space, connector)).toBeLessThanOrEqual(200);
  expect((await space.accept(connector)).kind).toBe("accepted");
});

it("adds a pause that ends by itself", async () => {
  const space = await setup();
  const connector = createConnector({ rate: null });
  const pausedUntil = (await space.now()) + 20_000;
  expectAbout(await waitAtDoor(space, connector, { pausedUntil }), 20_000);
  expect((await space.accept(connector, { pausedUntil, deadlineMs: 25_000 })).kind).toBe("accepted");
});

it("says what leaves no slot: the rate, or what closes the gate until after the deadline", async () => {
  const space = await setup();
  const connector = createConnector({ rate: { perSecond: 1, burst: 1 } });
  const whyRefused = async (change: object) => {
    const refused = await space.accept(connector, change);
    if (refused.kind !== "no-slot") throw new Error(refused.kind);
    return refused.why;
  };
  await queueMany(space, connector, 20);
  const pausedUntil = (await space.now()) + 10_000;
  expect(await whyRefused({ deadlineMs: 5_000 })).toBe("rate");
  expect(await whyRefused({ deadlineMs: 5_000, pausedUntil })).toBe("pause");
  // With the pause over by then, it is the rate again.
  expect(await whyRefused({ deadlineMs: 15_000, pausedUntil })).toBe("rate");
  const { attempts } = await space.claim(connector, { slots: 1 });
  for (const attempt of attempts)
    await space.settle(connector, attempt, again("throttled", 20_000, { holdMs: 20_000 }));
  expect(await whyRefused({ deadlineMs: 5_000 })).toBe("throttle");
});

it("refuses a replay that finds no slot, too", async () => {
  const space = await setup();
  const connector = createConnector({ rate: { perSecond: 1, burst: 1 } });
  const dead = await space.die(connector, REJECTED);
  await queueMany(space, connector, 10);
  const order = {
    id: dead.handoff.id,
    force: false,
    rate: connector.delivery.rate,
    maxPending: 100,
    commandDeadline: Number.MAX_SAFE_INTEGER,
  };
  expect(await space.deadLetters.replay({ ...order, deadlineMs: 5_000 })).toMatchObject({
    kind: "no-slot",
    why: "rate",
  });
  expect((await space.deadLetters.replay({ ...order, deadlineMs: 30_000 })).kind).toBe("replayed");
});

it("refuses one that would go before one that was accepted with a delay, and make it late", async () => {
  const space = await setup();
  const connector = createConnector({ rate: { perSecond: 1, burst: 1 } });
  const delayed = await space.queued(connector, { delayMs: 10_000, deadlineMs: 3_000 });
  // Eleven may leave before it, and it with the third slot after it is due.
  const kinds: string[] = [];
  for (let i = 0; i < 20; i++) kinds.push((await space.accept(connector, { deadlineMs: 86_400_000 })).kind);
  const taken = kinds.filter((kind) => kind === "accepted").length;
  expect(kinds).toEqual(kinds.map((_, i) => (i < taken ? "accepted" : "no-slot")));
  expect(taken).toBeGreaterThanOrEqual(11);
  expect(taken).toBeLessThanOrEqual(13);
  // One with a longer delay makes no other late.
  expect((await space.accept(connector, { delayMs: 11_000, deadlineMs: 86_400_000 })).kind).toBe("accepted");
  await space.handoffs.cancel(delayed.handoff.id);
  expect((await space.accept(connector, { deadlineMs: 86_400_000 })).kind).toBe("accepted");
});

it("spares nothing for one that is too late whatever comes", async () => {
  const space = await setup();
  const connector = createConnector({ rate: { perSecond: 1, burst: 1 } });
  await space.queued(connector, { delayMs: 5_000, deadlineMs: 2_000 });
  await queueMany(space, connector, 2);
  const slower = { perSecond: 0.1, burst: 1 };
  for (let i = 0; i < 3; i++) {
    expect((await space.accept(connector, { deadlineMs: 86_400_000, rate: slower })).kind).toBe("accepted");
  }
});

/** Handoffs fall due between the moments at which others come: who comes is not to find a worker that is late. */
const TURN_MS = 100;
const BETWEEN_MS = 50;

it("is right: what is accepted is sent in time by workers that are on time, whether it comes together or with a delay", async () => {
  const redis = await openTestRedis();
  const asked = fc.record({
    deadlineMs: fc.constantFrom(1_000, 3_000, 10_000, 30_000),
    delayMs: fc.constantFrom(0, 0, 0, 200 + BETWEEN_MS, 900 + BETWEEN_MS, 5_000 + BETWEEN_MS),
  });
  const turn = fc.record({ together: fc.array(asked, { maxLength: 8 }), turns: fc.constantFrom(1, 1, 1, 3, 10) });
  const rates = fc.record({ perSecond: fc.integer({ min: 1, max: 20 }), burst: fc.integer({ min: 1, max: 10 }) });
  let judged = 0;
  await fc.assert(
    fc.asyncProperty(rates, fc.array(turn, { minLength: 3, maxLength: 12 }), async (rate, list) => {
      const space = createSpace(redis);
      const connector = createConnector({ rate });
      let at = await space.now();
      let taken = 0;
      let sent = 0;
      let lateMs = 0;
      let turnLateMs = 0;
      const work = async (options = {}) => {
        const drained = await drain(space, connector, options);
        sent += drained.sent.length;
        lateMs += drained.lateMs;
      };
      for (const { together, turns } of list) {
        const accepted = await Promise.all(together.map((change) => space.accept(connector, change)));
        const ids = accepted.flatMap((one) => (one.kind === "accepted" ? [one.stored.handoff.id] : []));
        await Promise.all(ids.map((id) => space.handoffs.place(id)));
        taken += ids.length;
        at += turns * TURN_MS;
        await work({ forMs: at - (await space.now()) });
        turnLateMs = Math.max(turnLateMs, (await space.now()) - at);
      }
      await work();
      // Where the test itself took so long that one fell due meanwhile, or all that is spared, its worker was not on
      // time.
      if (turnLateMs >= BETWEEN_MS || lateMs >= SPARE_MS) return;
      judged += 1;
      expect(sent).toBe(taken);
      expect(await space.deadLetters.total({})).toBe(0);
    }),
    { numRuns: 30, endOnFailure: true },
  );
  expect(judged).toBeGreaterThan(0);
});
