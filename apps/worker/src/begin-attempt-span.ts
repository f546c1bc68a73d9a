/** The span of an attempt, begun when a claim has put it on record. */
import type { ClaimedAttempt } from "@baton/handoffs/claims";
import { type AttemptSpan, startAttemptSpan, type Tracing } from "@baton/telemetry";

interface Deps {
  readonly tracing: Tracing;
  /** How often a handoff was replayed. */
  readonly replaysOf: (id: string) => Promise<number>;
}

/** createBeginAttemptSpan distinguishes an attempt after a replay from a retry. What it begins never rejects. */
export function createBeginAttemptSpan({
  tracing,
  replaysOf,
}: Deps): (attempt: ClaimedAttempt) => Promise<AttemptSpan> {
  return async (attempt) =>
    startAttemptSpan(tracing, {
      ...attempt,
      traceparent: attempt.correlation?.traceparent,
      isReplay: await isReplay(attempt, replaysOf),
    });
}

/** A job of a later generation and no attempt before it: a dead letter that was never sent, or a job that was lost. */
async function isReplay(
  { id, number, used, generation }: ClaimedAttempt,
  replaysOf: Deps["replaysOf"],
): Promise<boolean> {
  if (number > used) return true;
  return number === 1 && generation > 1 && (await replaysOf(id).catch(() => 0)) > 0;
}
