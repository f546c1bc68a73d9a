/** A worker that is always on time: it claims, settles, and comes back at the very moment that the claim named. */
import type { Connector } from "@baton/domain";
import type { ClaimedAttempt } from "../src/claim-script-arguments-and-reply.ts";
import { type ClaimChange, DELIVERED, type Space, type Verdict } from "./space.ts";

/** Sent is an attempt's start, in the test's time: Redis's clock and what `elapse` let pass. */
export interface Sent {
  readonly id: string;
  readonly at: number;
  /** When its handoff fell due, in the test's time. */
  readonly since: number;
}

export interface DrainOptions {
  /** How the n-th attempt (from 0) is answered; 2xx unless said. Undefined: its worker dies. */
  readonly answer?: (attempt: ClaimedAttempt, n: number) => Verdict | undefined;
  readonly change?: ClaimChange;
  /** Goes on for so long at most, milliseconds of the test's time. */
  readonly forMs?: number;
}

/**
 * drain works until nothing of the connector is live, or the time is over. Gives what was sent, and how often it was
 * asked for, and by how many milliseconds it was late in all: a busy machine's worker is not on time.
 */
export async function drain(
  space: Space,
  connector: Connector,
  options: DrainOptions = {},
): Promise<{ sent: Sent[]; claims: number; lateMs: number }> {
  const { answer = () => DELIVERED, change = {}, forMs = Number.POSITIVE_INFINITY } = options;
  const endsAt = (await space.now()) + forMs;
  const sent: Sent[] = [];
  let claims = 0;
  let lateMs = 0;
  let dueAt = Number.POSITIVE_INFINITY;
  for (;;) {
    const { attempts, hasMore, nextAt } = await space.claim(connector, change);
    claims += 1;
    const [first] = attempts;
    if (first !== undefined) lateMs += Math.max(0, first.startedAt + space.elapsed() - dueAt);
    for (const attempt of attempts) {
      const verdict = answer(attempt, sent.length);
      sent.push({ id: attempt.id, at: attempt.startedAt + space.elapsed(), since: attempt.since + space.elapsed() });
      if (verdict !== undefined) await space.settle(connector, attempt, verdict);
    }
    if (attempts.length > 0 || hasMore) continue;
    const now = await space.now();
    if (nextAt === undefined || now >= endsAt) return { sent, claims, lateMs };
    dueAt = nextAt + space.elapsed();
    await space.elapse(Math.max(0, Math.min(dueAt, endsAt) - now));
    if (attempts.length === 0) await space.giveBackStalled();
  }
}
