/** Bad neighbours: what goes wrong with some connectors while the others are measured. */

/** Trouble is what the first connectors suffer, in their order; each of them is sent `perSecond`. */
export interface Trouble {
  readonly name: string;
  readonly what: string;
  readonly perSecond: number;
  readonly faults: readonly BadNeighbour[];
  /**
   * So many are accepted for the first connector before its neighbours are measured; its deadline is long enough for
   * all.
   */
  readonly parked?: number;
  /** A fault that meets one request of the first connector so often. */
  readonly again?: { readonly fault: Readonly<Record<string, unknown>>; readonly intervalMs: number };
}

/** BadNeighbour is what CXone does to one connector: nothing where `fault` is absent, and no longer after `times`. */
interface BadNeighbour {
  readonly fault?: Readonly<Record<string, unknown>>;
  readonly times?: number;
}

/** RATE of every connector, Baton's default. */
export const RATE = { perSecond: 20, burst: 40 };

/** One that hangs, with its whole rate. */
export const HANGING: Trouble = {
  name: "one hangs",
  what: "one connector's CXone takes each request and never answers, while its project sends 20/s",
  perSecond: RATE.perSecond,
  faults: [{ fault: { hang: true } }],
};

/** Several at once, each with twice its rate. */
export const SEVERAL: Trouble = {
  name: "four at once",
  what: "one hangs, one is answered 500, one is only sent twice its rate, one is answered 503 and recovers; each is sent 40/s",
  perSecond: 2 * RATE.perSecond,
  faults: [{ fault: { hang: true } }, { fault: { status: 500 } }, {}, { fault: { status: 503 }, times: 40 }],
};

/** PARKED: one with ten thousand that wait for its rate. */
export const PARKED: Trouble = {
  name: "one has 10,000 parked",
  what: "one connector has 10,000 handoffs waiting for its 20/s",
  perSecond: 1,
  faults: [{}],
  parked: 10_000,
};

/** FLAPPING: one whose gate CXone closes every second, for a second; a probe opens it in between. */
export const FLAPPING: Trouble = {
  name: "one's gate opens and closes every second",
  what: "one connector is sent 40/s, and CXone answers one of its requests with 429 and `Retry-After: 1` every second",
  perSecond: 2 * RATE.perSecond,
  faults: [{}],
  again: { fault: { status: 429, retryAfter: 1 }, intervalMs: 1_000 },
};
