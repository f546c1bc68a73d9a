/** The state of a cause of dead letters: what the operators have made of it. */

/**
 * CAUSE_STATES: `open`: not looked at yet; `acknowledged`: an operator works on it; `ignored`: known, and needs
 * nothing.
 */
export const CAUSE_STATES = ["open", "acknowledged", "ignored"] as const;
export type CauseState = (typeof CAUSE_STATES)[number];

/**
 * currentCauseState gives what is left of what was said at `saidAt` of a cause whose dead letters there are since
 * `beganAt`: a cause that was empty and has dead letters again is open again. Instants are epoch milliseconds.
 */
export function currentCauseState(said: CauseState, saidAt: number, beganAt: number): CauseState {
  return beganAt > saidAt ? "open" : said;
}
