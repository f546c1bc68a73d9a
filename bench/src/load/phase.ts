/**
 * What the load generator is sent, and what it reports; it is a process of its own, so that measuring costs the
 * measured nothing but CPU.
 */

/** Phase is one stretch of load. Handoff number n goes to the token n % tokens, and to a contact of its own. */
export interface Phase {
  readonly port: number;
  readonly tokens: readonly string[];
  readonly firstContact: number;
  readonly shape: Shape;
  /** PARAMS unless said. */
  readonly params?: Readonly<Record<string, string>> | undefined;
  /** Asks for the answer once the handoff has ended, waiting for at most so long. Seconds. */
  readonly waitS?: number | undefined;
}

/**
 * Shape of a phase. `rate`: open loop, one handoff every 1/perSecond, whatever became of the earlier ones. `saturate`:
 * `clients` callers, each sends its next handoff as soon as the last is answered, and waits while `backlog` accepted
 * ones have not arrived at the simulator. `count`: `clients` callers share so many handoffs, as fast as they are
 * answered.
 */
export type Shape =
  | { readonly kind: "rate"; readonly perSecond: number; readonly count: number }
  | { readonly kind: "count"; readonly count: number; readonly clients: number }
  | {
      readonly kind: "saturate";
      readonly durationMs: number;
      readonly clients: number;
      readonly backlog: number;
      readonly simulatorUrl: string;
    };

/** Sent is one handoff; instants are epoch milliseconds with fractions. `status` 0: no answer came. */
export interface Sent {
  readonly contactId: string;
  /** When it was to be sent: at `rate` by the timetable, also where the generator was late. */
  readonly intendedAt: number;
  readonly answeredAt: number;
  readonly status: number;
}

/** isAccepted: 202, or 200 by an answer that waited for the handoff's end. */
export function isAccepted({ status }: Pick<Sent, "status">): boolean {
  return status === 202 || status === 200;
}

export interface PhaseResult {
  readonly startedAt: number;
  readonly endedAt: number;
  readonly sent: readonly Sent[];
  /** CPU seconds that the generator itself took. */
  readonly cpuSeconds: number;
}

export interface PhaseCall {
  readonly call: number;
  readonly phase: Phase;
}

export type PhaseAnswer =
  | { readonly call: number; readonly result: PhaseResult }
  | { readonly call: number; readonly error: string };

/** Four parameters of 20 bytes: the handoff that all figures are of. */
export const PARAMS = {
  p1: "Escalate to billing ",
  p2: "conversation 471100 ",
  p3: "intent: refund order",
  p4: "language: English US",
};

/** Nine parameters of 200 bytes: nearly all that a signal's address may hold. */
export const LARGE_PARAMS = Object.fromEntries(
  Array.from({ length: 9 }, (_, index) => [`p${index + 1}`, String(index + 1).repeat(200)]),
);
