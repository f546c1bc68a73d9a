import { BREAKER } from "@baton/domain";
import fc from "fast-check";
import { expect, it } from "vitest";
import { drain } from "../testing/drain.ts";
import {
  again,
  createConnector,
  createSpace,
  DELIVERED,
  openTestRedis,
  REJECTED,
  type Space,
  setup,
  type Verdict,
} from "../testing/space.ts";
import type { ClaimedAttempt } from "./claim-script-arguments-and-reply.ts";

type Connector = ReturnType<typeof createConnector>;

const FAILED = again("ambiguous", 100_000);

/** next gives what becomes of one more handoff: `sending`, or what it waits for. */
async function next(space: Space, connector: Connector): Promise<string | null> {
  const { handoff } = await space.queued(connector);
  const { attempts } = await space.claim(connector);
  if (attempts.some(({ id }) => id === handoff.id)) return "sending";
  return (await space.handoffs.read(handoff.id))?.handoff.waitingFor ?? null;
}

/** play sends `count` signals that all end the same way. */
async function play(space: Space, connector: Connector, count: number, verdict = FAILED): Promise<void> {
  for (let i = 0; i < count; i++)
    await space.settle(connector, await space.sending(connector, await space.queued(connector)), verdict);
}

/** probe sends the one that may go; no other waits before it. */
async function probe(space: Space, connector: Connector): Promise<ClaimedAttempt> {
  const { attempts } = await space.claim(connector);
  const [attempt, ...others] =
    attempts.length > 0 ? attempts : [await space.sending(connector, await space.queued(connector))];
  if (attempt === undefined || others.length > 0) throw new Error("not one probe");
  return attempt;
}

/** openFor gives how long nothing may be sent, milliseconds; 0 where the way is free. */
async function openFor(space: Space, connector: Connector): Promise<number> {
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
  expect(await next(space, connector)).toBe("breaker");
  expect(await next(space, other)).toBe("sending");
});

it("counts alike whether answers come one by one or many in one turn", async () => {
  const space = await setup();
  const connector = createConnector();
  for (let i = 0; i < 20; i++) await space.queued(connector);
  const { attempts } = await space.claim(connector);
  await Promise.all(attempts.slice(0, 19).map((attempt) => space.settle(connector, attempt, FAILED)));
  expect(await openFor(space, connector)).toBe(0);
  await Promise.all(attempts.slice(19).map((attempt) => space.settle(connector, attempt, FAILED)));
  expect(await openFor(space, connector)).toBeGreaterThan(0);
});

it.each([
  [4, 16, "breaker"],
  [5, 15, "sending"],
  [5, 19, "sending"],
  [5, 20, "breaker"],
] as const)(
  "with %i answers that are well and %i failures, the next claim answers %s",
  async (well, failures, kind) => {
    const space = await setup();
    const connector = createConnector();
    await play(space, connector, well, DELIVERED);
    await play(space, connector, failures);
    expect(await next(space, connector)).toBe(kind);
  },
);

it.each([
  { outcome: "unavailable", verdict: again("unavailable", 100_000), kind: "breaker" },
  { outcome: "unreachable", verdict: again("unreachable", 100_000), kind: "breaker" },
  { outcome: "throttled", verdict: again("throttled", 100_000), kind: "sending" },
  { outcome: "rejected", verdict: REJECTED, kind: "sending" },
] as const)("after twenty that were $outcome, the next claim answers $kind", async ({ verdict, kind }) => {
  const space = await setup();
  const connector = createConnector();
  await play(space, connector, 20, verdict);
  expect(await next(space, connector)).toBe(kind);
});

it("forgets what is older than ten seconds", async () => {
  const space = await setup();
  const connector = createConnector();
  await play(space, connector, 19);
  await space.elapse(BREAKER.windowMs);
  await play(space, connector, 19);
  expect(await next(space, connector)).toBe("sending");
});

it("lets one probe at a time through once it was open long enough, and closes with a good answer", async () => {
  const { space, connector } = await opened();
  await space.elapse(BREAKER.openMs + 1);
  const attempt = await probe(space, connector);
  for (let i = 0; i < 3; i++) expect(await next(space, connector)).toBe("breaker");
  await space.settle(connector, attempt, DELIVERED);
  expect((await drain(space, connector, { forMs: 500 })).sent).toHaveLength(3);
  // What failed before is forgotten: it takes twenty again to open.
  await play(space, connector, 16);
  expect(await openFor(space, connector)).toBe(0);
});

it("stays open twice as long after each failed probe, up to fifteen seconds, and begins anew after a good one", async () => {
  const { space, connector } = await opened();
  for (const openMs of [1_000, 2_000, 4_000, 8_000, 15_000, 15_000]) {
    const left = await openFor(space, connector);
    expect(left).toBeLessThanOrEqual(openMs);
    expect(left).toBeGreaterThan(openMs / 2);
    await space.elapse(openMs + 1);
    await space.settle(connector, await probe(space, connector), again("unreachable", 3_000_000));
  }
  await space.elapse(BREAKER.maxOpenMs + 1);
  await space.settle(connector, await probe(space, connector), DELIVERED);
  await space.elapse(100);
  await play(space, connector, 20, again("unreachable", 3_000_000));
  expect(await openFor(space, connector)).toBeLessThanOrEqual(BREAKER.openMs);
});

it("gives the probe's place to the next one when its worker died and the fence is over, and learns nothing from the late one", async () => {
  const { space, connector } = await opened({ attemptTimeoutMs: 10_000 });
  await space.elapse(1_001);
  const lost = await probe(space, connector);
  await space.elapse(11_000);
  expect(await next(space, connector)).toBe("breaker");
  await space.elapse(1_001);
  const second = await probe(space, connector);
  // The late one is no probe any more: it neither opens nor closes.
  await space.settle(connector, lost, DELIVERED);
  expect(await next(space, connector)).toBe("breaker");
  await space.settle(connector, second, DELIVERED);
  expect((await drain(space, connector, { forMs: 100 })).sent.length).toBeGreaterThan(0);
});

it.each([
  [
    "abandoned",
    ({ deliveries }: Space, _: Connector, attempt: ClaimedAttempt) => deliveries.abandon({ attempt, waitMs: 60_000 }),
  ],
  [
    "settled",
    (space: Space, connector: Connector, attempt: ClaimedAttempt) =>
      space.settle(connector, attempt, again("unreachable", 60_000), true),
  ],
] as const)("learns nothing from a probe that never left and is %s, and lets the next one probe", async (_, end) => {
  const { space, connector } = await opened();
  await space.elapse(BREAKER.openMs + 1);
  await end(space, connector, await probe(space, connector));
  const attempt = await probe(space, connector);
  // It is the only one: the breaker has not closed.
  expect(await next(space, connector)).toBe("breaker");
  await space.settle(connector, attempt, DELIVERED);
  expect((await drain(space, connector, { forMs: 100 })).sent).toHaveLength(1);
});

it("learns nothing from answers to what was sent before it opened", async () => {
  const space = await setup();
  const connector = createConnector();
  const early: ClaimedAttempt[] = [];
  for (let i = 0; i < 5; i++) early.push(await space.sending(connector, await space.queued(connector)));
  await play(space, connector, 20);
  for (const attempt of early) await space.settle(connector, attempt, DELIVERED);
  expect(await next(space, connector)).toBe("breaker");
});

/** Span is when something happened: between two looks at the clock. */
interface Span {
  readonly from: number;
  readonly to: number;
}

/**
 * createModel is the contract's sentence; `mustWait` and `mustSend` leave the few milliseconds open that the test
 * itself takes.
 */
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
      if (answers.length >= BREAKER.minRequests && failures >= answers.length * BREAKER.failureRatio)
        openAt(span, BREAKER.openMs);
    },
  };
}

it("does as its model says, through any history of answers and pauses", async () => {
  const redis = await openTestRedis();
  // No sum of pauses comes near the window's edge: it is kept in whole seconds.
  const pauseS = fc.constantFrom(0, 0, 2, 12, 20);
  const burst = fc.record({
    count: fc.integer({ min: 1, max: 25 }),
    failing: fc.constantFrom(0, 0.7, 0.85, 1),
    pauseS,
  });
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
          // Those who were held back leave five milliseconds apart.
          await space.elapse(6);
          if ((await space.redis.zcard(`${space.tag}:queued:${connector.id}`)) === 0) await space.queued(connector);
          const [{ attempts }, asked] = await timed(() => space.claim(connector, { slots: 1 }));
          if (model.mustWait(asked)) expect(attempts).toEqual([]);
          if (model.mustSend(asked)) expect(attempts).toHaveLength(1);
          const [attempt] = attempts;
          if (attempt === undefined) break;
          const failed = (i * 7) % 20 < failing * 20;
          const [, answered] = await timed(() => space.settle(connector, attempt, failed ? DIED : DELIVERED));
          model.answer(answered, failed);
        }
      }
    }),
    { numRuns: 15 },
  );
});

/** A failure after which no attempt follows. */
const DIED: Verdict = [{ kind: "ambiguous" }, { kind: "dead", reason: "exhausted" }];
