/** A question about an answer of CXone's, as the address has it. The first load has this file, and no more of it. */

/** UNANSWERED are the ways in which a signal gets no answer. */
export const UNANSWERED = ["unreachable", "timeout", "reset"] as const;

/** ExplainSearch has a status or a way to get none; without both nothing is asked. */
export interface ExplainSearch {
  readonly status?: string | undefined;
  readonly retryAfter?: string | undefined;
  readonly unanswered?: (typeof UNANSWERED)[number] | undefined;
  readonly attempt?: string | undefined;
  /** How much is left before the deadline, in seconds; all of it unless said. */
  readonly left?: string | undefined;
}
