/**
 * Histories: all that was asked of one connector and done to it, and all that came of it, as an outsider can know them.
 */
import type { HandoffJson } from "@baton/api";
import type { RatePeriod } from "@baton/chaos/rate-ceiling";
import type { SeenSignal } from "@baton/simulator";

/** Span of time, epoch milliseconds. */
export interface Span {
  readonly from: number;
  readonly until: number;
}

/**
 * Asked is one handoff as it was sent, under a name that stands in p1; `handoff` is how it ended, absent where it was
 * refused.
 */
export interface Asked {
  readonly name: string;
  readonly contactId: string;
  readonly delayMs: number;
  readonly handoff?: HandoffJson;
}

export interface History {
  readonly guarantee: "at-least-once" | "at-most-once";
  readonly asked: readonly Asked[];
  readonly signals: readonly SeenSignal[];
  /** Which rate may have been in force when: while a change is on its way, the larger of both. */
  readonly rates: readonly RatePeriod[];
  /**
   * When it was paused, or CXone in trouble for it, or a process that it needs, with all the time that getting over it
   * may take.
   */
  readonly troubles: readonly Span[];
  /** When a worker was killed, with all the time until what it had is back. */
  readonly kills: readonly Span[];
  /** How long the machine kept the stand-in from looking, at most. Milliseconds. */
  readonly lateMs: number;
}
