/** What was accepted against what arrived: the bench is void where the two differ. */
import type { Arrival } from "./arrivals.ts";
import { isAccepted, type Sent } from "./load/phase.ts";

/** Tally of handoffs. All but `accepted` and `refused` must be 0. */
export interface Tally {
  readonly accepted: number;
  /** Answered, with another status than 202. */
  readonly refused: number;
  readonly unanswered: number;
  /** Accepted, and never arrived. */
  readonly missing: number;
  /** Arrived more than once. */
  readonly twice: number;
  /** Arrived, though refused or not sent in this phase. */
  readonly strange: number;
}

export function tally(sent: readonly Sent[], arrivals: readonly Arrival[]): Tally {
  const times = new Map<string, number>();
  for (const { contactId } of arrivals) times.set(contactId, (times.get(contactId) ?? 0) + 1);
  const accepted = new Set(sent.filter(isAccepted).map(({ contactId }) => contactId));
  const unanswered = sent.filter(({ status }) => status === 0).length;
  return {
    accepted: accepted.size,
    refused: sent.length - accepted.size - unanswered,
    unanswered,
    missing: [...accepted].filter((contactId) => !times.has(contactId)).length,
    twice: [...times.values()].filter((count) => count > 1).length,
    strange: [...times.keys()].filter((contactId) => !accepted.has(contactId)).length,
  };
}

/** addTallies sums tallies. */
export function addTallies(tallies: readonly Tally[]): Tally {
  const sum = (name: keyof Tally) => tallies.reduce((total, one) => total + one[name], 0);
  return {
    accepted: sum("accepted"),
    refused: sum("refused"),
    unanswered: sum("unanswered"),
    missing: sum("missing"),
    twice: sum("twice"),
    strange: sum("strange"),
  };
}

/** isExact: everything that was accepted arrived exactly once, and nothing else did. */
export function isExact({ unanswered, missing, twice, strange }: Tally): boolean {
  return unanswered + missing + twice + strange === 0;
}
