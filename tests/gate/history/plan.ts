/** Plans: what befalls some connectors and the workers they share, at random, within a few seconds. */
import type { Rate } from "@baton/chaos/rate-ceiling";
import type { Fault } from "@baton/simulator";
import fc from "fast-check";

/** PLAN_MS: everything in a plan begins within so long. Milliseconds. */
export const PLAN_MS = 6_000;
/** RETRY_AFTER_S: the longest that CXone asks for. Seconds. */
export const RETRY_AFTER_S = 2;
const CONNECTORS = 6;

/**
 * Sending is a batch to some contacts of its connector: handoff n goes to contact `n % contacts`, its own where there
 * are as many as handoffs.
 */
interface Sending {
  readonly kind: "send";
  readonly count: number;
  readonly contacts: number;
  readonly delayMs: number;
  readonly deadlineMs: number;
}

export type Action =
  | Sending
  | { readonly kind: "fault"; readonly fault: Fault; readonly forMs: number }
  | { readonly kind: "pause"; readonly forMs: number }
  | { readonly kind: "rate"; readonly rate: Rate | null }
  /** Takes back what was accepted last, as many as these. */
  | { readonly kind: "cancel"; readonly count: number };

/** Step: `atMs` counts from the plan's beginning. */
export interface Step<A> {
  readonly atMs: number;
  readonly does: A;
}

export interface ConnectorPlan {
  readonly guarantee: "at-least-once" | "at-most-once";
  readonly rate: Rate | null;
  readonly steps: readonly Step<Action>[];
}

/** WorkerAction: one worker is killed and started again, or no process gets a token. */
export type WorkerAction =
  | { readonly kind: "kill"; readonly worker: 0 | 1 }
  | { readonly kind: "tokens"; readonly forMs: number };

export interface Plan {
  readonly connectors: readonly ConnectorPlan[];
  readonly steps: readonly Step<WorkerAction>[];
}

const rate: fc.Arbitrary<Rate> = fc.record({
  perSecond: fc.integer({ min: 2, max: 50 }),
  burst: fc.integer({ min: 1, max: 20 }),
});
const mayBeNull = fc.oneof({ weight: 5, arbitrary: rate }, { weight: 1, arbitrary: fc.constant(null) });

const fault: fc.Arbitrary<Fault> = fc.oneof(
  fc.record({ status: fc.constantFrom(429, 503), retryAfter: fc.integer({ min: 1, max: RETRY_AFTER_S }) }),
  fc.constantFrom<Fault>(
    { status: 429 },
    { status: 503 },
    { status: 500 },
    { reset: "after" },
    { reset: "before" },
    { hang: true },
  ),
  fc.record({ delayMs: fc.integer({ min: 50, max: 600 }) }),
);

const sending = fc
  .record({
    count: fc.integer({ min: 1, max: 40 }),
    contacts: fc.constantFrom(1, 2, 5, 1_000, 1_000),
    delayMs: fc.constantFrom(0, 0, 0, 300, 1_500),
    deadlineMs: fc.oneof(fc.integer({ min: 1_000, max: 4_000 }), fc.integer({ min: 8_000, max: 20_000 })),
  })
  .map((body): Sending => ({ kind: "send", ...body }));

const forMs = fc.integer({ min: 300, max: 2_500 });
const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 6, arbitrary: sending },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("fault" as const), fault, forMs }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("pause" as const), forMs }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("rate" as const), rate: mayBeNull }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("cancel" as const), count: fc.integer({ min: 1, max: 10 }) }) },
);

function stepsOf<A>(does: fc.Arbitrary<A>, most: number): fc.Arbitrary<readonly Step<A>[]> {
  return fc
    .array(fc.record({ atMs: fc.integer({ min: 0, max: PLAN_MS }), does }), { maxLength: most })
    .map((steps) => steps.toSorted((one, other) => one.atMs - other.atMs));
}

const connector: fc.Arbitrary<ConnectorPlan> = fc
  .record({
    guarantee: fc.constantFrom("at-least-once" as const, "at-least-once" as const, "at-most-once" as const),
    rate: mayBeNull,
    first: sending,
    steps: stepsOf(action, 8),
  })
  .map(({ first, steps, ...policy }) => ({ ...policy, steps: [{ atMs: 0, does: first }, ...steps] }));

const workerAction: fc.Arbitrary<WorkerAction> = fc.oneof(
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant("kill" as const), worker: fc.constantFrom(0 as const, 1 as const) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("tokens" as const), forMs }) },
);

/** plans of a few connectors, small enough for one to be played and to come to rest within half a minute. */
export const plans: fc.Arbitrary<Plan> = fc.record({
  connectors: fc.array(connector, { minLength: CONNECTORS, maxLength: CONNECTORS }),
  steps: stepsOf(workerAction, 3),
});
