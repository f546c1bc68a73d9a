/** The columns of docs/state-machine.md: each makes a handoff that stands so. */
import { type DeliveryPolicy, FENCE_MS, type SignalOutcome } from "@baton/domain";
import type { RedisConnection } from "@baton/redis/connection";
import { createTestHandoff, HOUR_MS, POLICY, type TestHandoff } from "./test-handoff.ts";

export const AT_MOST_ONCE: Partial<DeliveryPolicy> = { guarantee: "at-most-once" };
/** FENCED_MS after its begin, an attempt is known to be lost; LOST_MS after it, the back-off is over too. */
export const FENCED_MS = POLICY.attemptTimeoutMs + FENCE_MS + 1_000;
const LOST_MS = FENCED_MS + POLICY.backoff.capMs;

const DELAY_MS = 30_000;

export const ACCEPTED: SignalOutcome = { kind: "accepted", httpStatus: 202 };
export const REJECTED: SignalOutcome = { kind: "rejected", httpStatus: 404 };
export const UNREACHABLE: SignalOutcome = { kind: "unreachable", detail: "connection refused" };
export const AMBIGUOUS: SignalOutcome = { kind: "ambiguous", httpStatus: 502 };

/** createStates gives the makers of every column, on this Redis. */
export function createStates(redis: RedisConnection): Readonly<Record<string, () => Promise<TestHandoff>>> {
  const ready = async (change?: Partial<DeliveryPolicy>) => placed(await accepted(redis, change));
  const sending = (change?: Partial<DeliveryPolicy>) => begunOn(redis, change);
  const answered = async (outcome: SignalOutcome, change?: Partial<DeliveryPolicy>) => {
    const subject = await sending(change);
    await subject.answer(outcome);
    return subject;
  };

  const delayed = async () => {
    const subject = createTestHandoff(redis);
    await subject.accept({ delayMs: DELAY_MS });
    return subject;
  };
  const behind = async () => {
    const subject = createTestHandoff(redis, {}, await sending());
    await subject.accept();
    return placed(subject);
  };

  return {
    none: async () => createTestHandoff(redis),
    "queued (unplaced)": () => accepted(redis),
    "queued (unplaced), delayed": delayed,
    "queued (timed)": async () => placed(await delayed()),
    "queued (timed), tried": () => answered(UNREACHABLE),
    "queued (timed), due": async () => aged(await placed(await delayed()), DELAY_MS),
    "queued (ready)": () => ready(),
    "queued (ready), behind another": behind,
    "queued (parked)": async () => parked(await ready()),
    "queued (behind another)": async () => {
      const subject = await behind();
      await subject.claim();
      return subject;
    },
    "queued (unplaced), late": async () => aged(await accepted(redis), HOUR_MS + 1_000),
    "queued (ready), late": async () => aged(await ready(), HOUR_MS + 1_000),
    "queued (parked), late": async () => aged(await parked(await ready()), HOUR_MS + 1_000),
    "sending (active)": () => sending(),
    "sending (ready)": async () => stalled(await sending()),
    "sending (active), lost": async () => aged(await sending(), LOST_MS),
    "sending (ready), lost": async () => aged(await stalled(await sending()), LOST_MS),
    "sending (ready), lost, late": async () => aged(await stalled(await sending()), HOUR_MS + LOST_MS),
    "sending (ready), lost, late, at-most-once": async () =>
      aged(await stalled(await sending(AT_MOST_ONCE)), HOUR_MS + LOST_MS),
    delivered: () => answered(ACCEPTED),
    cancelled: async () => {
      const subject = await ready();
      await subject.cancel();
      return subject;
    },
    discarded: async () => {
      const subject = await answered(REJECTED);
      await subject.discard();
      return subject;
    },
    dead: () => answered(REJECTED),
    "dead, may have arrived": () => answered(AMBIGUOUS, AT_MOST_ONCE),
  };
}

/** begunOn gives a handoff that a worker is sending. */
export async function begunOn(redis: RedisConnection, change?: Partial<DeliveryPolicy>): Promise<TestHandoff> {
  const subject = await placed(await accepted(redis, change));
  await subject.claim();
  return subject;
}

async function accepted(redis: RedisConnection, change?: Partial<DeliveryPolicy>): Promise<TestHandoff> {
  const subject = createTestHandoff(redis, change);
  await subject.accept();
  return subject;
}

async function placed(subject: TestHandoff): Promise<TestHandoff> {
  await subject.place();
  return subject;
}

/** parked: it met a worker that holds as many of its connector's handoffs as it may. */
async function parked(subject: TestHandoff): Promise<TestHandoff> {
  await subject.claim({ limit: 0 });
  return subject;
}

/** stalled: its worker let the lock of its job end. */
export async function stalled(subject: TestHandoff): Promise<TestHandoff> {
  await subject.stall();
  return subject;
}

async function aged(subject: TestHandoff, ms: number): Promise<TestHandoff> {
  await subject.elapse(ms);
  return subject;
}
