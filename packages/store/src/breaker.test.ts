import { BREAKER, type Connector } from "@baton/domain";
import fc from "fast-check";
import { expect, it } from "vitest";
import { again, createConnector, createSpace, DELIVERED, openTestRedis, REJECTED, type Space, setup } from "../testing/space.ts";
import type { BegunAttempt } from "./delivery-store.ts";

const FAILED = again("ambiguous", 100_000);

/** play sends `count` signals that all end the same way. */
async function play(space: Space, connector: ReturnType<typeof createConnector>, count: number, verdict = FAILED): Promise<void> {
  for (let i = 0; i < count; i++) await space.settle(connector, await space.sending(connector, await space.queued(connector)), verdict);
}

/** openFor tells how long nothing may be sent, milliseconds; 0 where the way is free. */
async function openFor(space: Space, connector: ReturnType<typeof createConnector>): Promise<number> {
  const [state, until] = await space.redis.hmget(`${space.tag}:c:${connector.id}`, "bs", "bo");
  return state === "open" ? Number(until) - ((await space.now()) - space.elapsed()) : 0;
}

async function opened(change = {}) {
  const space = await setup();
  const connector = createConnector({ deadlineMs: 3_600_000, ...change });
  await play(space, connector, BREAKER.minRequests);
  return { space, connector };
}

it("opens with the twentieth failure, not before, and for no other connector", async () => {
  const space = await setup();
  const [connector, other] = [createConnector(), createConnector()];
  await play(space, connector, 19);
  const twentieth = await space.sending(connector, await space.queued(connector));
  await space.settle(connector, twentieth, FAILED);
  expect(await space.begin(connector, await space.queued(connector))).toMatchObject({ kind: "wait", waitingFor: "breaker" });
  expect((await space.begin(other, await space.queued(other))).kind).toBe("sending");
});

it.each([
  [4, 16, "wait"],
  [5, 15, "sending"],
  [5, 19, "sending"],
  [5, 20, "wait"],
] as const)("with %i answers that are well and %i failures, the next one is told %s", async (well, failures, kind) => {
  const space = await setup();
  const connector = createConnector();
  await play(space, connector, well, DELIVERED);
  await play(space, connector, failures);
  expect((await space.begin(connector, await space.queued(connector))).kind).toBe(kind);
});

it.each([
  ["unavailable", again("unavailable", 100_000), "wait"],
  ["unreachable", again("unreachable", 100_000), "wait"],
  ["throttled", again("throttled", 100_000), "sending"],
  ["rejected", REJECTED, "sending"],
] as const)("twenty times %s: the next one is told %s", async (_, verdict, kind) => {
  const space = await setup();
  const connector = createConnector();
  await play(space, connector, 20, verdict);
  expect((await space.begin(connector, await space.queued(connector))).kind).toBe(kind);
});

it("forgets what is older than ten seconds", async () => {
  const space = await setup();
  const connector = createConnector();
  await play(space, connector, 19);
  await space.elapse(BREAKER.windowMs);
  await play(space, connector, 19);
  expect((await space.begin(connector, await space.queued(connector))).kind).toBe("sending");
});

it("lets one probe at a time through once it was open long enough, and closes with a good answer", async () => {
  const { space, connector } = await opened();
  await space.elapse(BREAKER.openMs + 1);
  const probe = await space.sending(connector, await space.queued(connector));
  for (let i = 0; i < 3; i++)
    expect(await space.begin(connector, await space.queued(connector))).toMatchObject({ kind: "wait", waitingFor: "breaker" });
  await space.settle(connector, probe, DELIVERED);
  for (let i = 0; i < 3; i++) expect((await space.begin(connector, await space.queued(connector))).kind).toBe("sending");
  // What failed before is forgotten: it takes twenty again to open.
  await play(space, connector, 19);
  expect(await openFor(space, connector)).toBe(0);
});

it("stays open twice as long after each failed probe, up to fifteen seconds, and begins anew after a good one", async () => {
  const { space, connector } = await opened();
  for (const openMs of [1_000, 2_000, 4_000, 8_000, 15_000, 15_000]) {
    const left = await openFor(space, connector);
    expect(left).toBeLessThanOrEqual(openMs);
    expect(left).toBeGreaterThan(openMs / 2);
    await space.elapse(openMs);
    await play(space, connector, 1);
  }
  await space.elapse(BREAKER.maxOpenMs);
  await play(space, connector, 1, DELIVERED);
  await play(space, connector, 20);
  expect(await openFor(space, connector)).toBeLessThanOrEqual(BREAKER.openMs);
});

it("gives the probe's place to the next one when its worker died, and learns nothing from the late one", async () => {
  const { space, connector } = await opened({ attemptTimeoutMs: 10_000 });
  await space.elapse(1_001);
  const lost = await space.sending(connector, await space.queued(connector));
  await space.elapse(9_000);
  expect((await space.begin(connector, await space.queued(connector))).kind).toBe("wait");
  await space.elapse(1_001);
  const probe = await space.sending(connector, await space.queued(connector));
  // The late one is no probe any more: it neither opens nor closes.
  await space.settle(connector, lost, FAILED);
  expect((await space.begin(connector, await space.queued(connector))).kind).toBe("wait");
  await space.settle(connector, probe, DELIVERED);
  expect((await space.begin(connector, await space.queued(connector))).kind).toBe("sending");
});

it.each([
  ["handed back", (space: Space, _: Connector, probe: BegunAttempt) => space.deliveries.handBack(probe, 1_000)],
  [
    "settled",
    ({ deliveries }: Space, connector: Connector, attempt: BegunAttempt) => {
      const [outcome, settlement] = again("unreachable", 1_000);
      return deliveries.settle({ attempt, outcome, settlement, connector, durationMs: 0, unsent: true });
    },
  ],
] as const)("learns nothing from a probe that never left and is %s, and lets the next one probe", async (_, end) => {
  const { space, connector } = await opened();
  await space.elapse(BREAKER.openMs + 1);
  await end(space, connector, await space.sending(connector, await space.queued(connector)));
  const probe = await space.sending(connector, await space.queued(connector));
  // It is the only one: the breaker has not closed.
  expect(await space.begin(connector, await space.queued(connector))).toMatchObject({ kind: "wait", waitingFor: "breaker" });
  await space.settle(connector, probe, DELIVERED);
  expect((await space.begin(connector, await space.queued(connector))).kind).toBe("sending");
});

it("learns nothing from answers to what was sent before it opened", async () => {
  const space = await setup();
  const connector = createConnector();
  const early: BegunAttempt[] = [];
  for (let i = 0; i < 5; i++) early.push(await space.sending(connector, await space.queued(connector)));
  await play(space, connector, 20);
  for (const attempt of early) await space.settle(connector, attempt, DELIVERED);
  expect(await space.begin(connector, await space.queued(connector))).toMatchObject({ kind: "wait", waitingFor: "breaker" });
});

/** Span is when something happened: between two looks at the clock. */
interface Span {
  readonly from: number;
  readonly to: number;
}

/** createModel is the contract's sentence; `mustWait` and `mustSend` leave the few milliseconds open that the test itself takes. */
function createModel() {
  let answers: { readonly at: number; readonly failed: boolean }[] = [];
  let open: Span | undefined;
  let openMs: number = BREAKER.openMs;

  function openAt({ from, to }: Span, forMs: number): void {
    openMs = forMs;
    open = { from: from + forMs, to: to + forMs };
  }

  return {
    mustWait: ({ to }: Span) => open !== undefined && to < open.from,
    mustSend: ({ from }: Span) => open === undefined || from >= open.to,
    answer(span: Span, failed: boolean): void {
      if (open !== undefined) {
        if (failed) openAt(span, Math.min(BREAKER.maxOpenMs, openMs * 2));
        else [open, answers] = [undefined, []];
        return;
      }
      answers = [...answers, { at: span.from, failed }].filter(({ at }) => span.from - at < BREAKER.windowMs);
      const failures = answers.filter((answer) => answer.failed).length;
      if (answers.length >= BREAKER.minRequests && failures >= answers.length * BREAKER.failureRatio) openAt(span, BREAKER.openMs);
    },
  };
}

it("does as its model says, through any history of answers and pauses", async () => {
  const redis = await openTestRedis();
  // No sum of pauses comes near the window's edge: it is kept in whole seconds.
  const pauseS = fc.constantFrom(0, 0, 2, 12, 20);
  const burst = fc.record({ count: fc.integer({ min: 1, max: 25 }), failing: fc.constantFrom(0, 0.7, 0.85, 1), pauseS });
  await fc.assert(
    fc.asyncProperty(fc.array(burst, { minLength: 2, maxLength: 6 }), async (bursts) => {
      const space = createSpace(redis);
      const connector = createConnector({ deadlineMs: 86_400_000 });
      const model = createModel();
      const timed = async <T>(act: () => Promise<T>): Promise<[T, Span]> => {
        const from = await space.now();
        return [await act(), { from, to: await space.now() }];
      };
      for (const { count, failing, pauseS } of bursts) {
        await space.elapse(pauseS * 1_000);
        for (let i = 0; i < count; i++) {
          const stored = await space.queued(connector);
          const [begun, asked] = await timed(() => space.begin(connector, stored));
          if (model.mustWait(asked)) expect(begun.kind).toBe("wait");
          if (model.mustSend(asked)) expect(begun.kind).toBe("sending");
          if (begun.kind !== "sending") break;
          const failed = (i * 7) % 20 < failing * 20;
          const [, answered] = await timed(() => space.settle(connector, begun.attempt, failed ? FAILED : DELIVERED));
          model.answer(answered, failed);
        }
      }
    }),
    { numRuns: 15 },
  );
});
