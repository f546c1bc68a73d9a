/** Troubles: bad neighbours, each a connector of its own. */

/** Trouble is what the first connectors suffer, in their order; each of them is sent `perSecond`. */
export interface Trouble {
  readonly name: string;
  readonly what: string;
  readonly perSecond: number;
  readonly faults: readonly BadNeighbour[];
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
