/** Latencies of a phase. */
import { quantile } from "./figure.ts";
import { accepted, type Outcome } from "./rig.ts";

/** Latencies in milliseconds from the instant at which a handoff was to be sent. */
export interface Latencies {
  /** Until its 202. */
  readonly acceptP50Ms: number;
  readonly acceptP99Ms: number;
  /** Until its signal arrived at the simulator. */
  readonly arriveP50Ms: number;
  readonly arriveP99Ms: number;
}

/** latencies of all that was accepted; what never arrived counts as infinitely late. */
export function latencies(played: Outcome): Latencies {
  const accept = accepted(played).map(({ intendedAt, answeredAt }) => answeredAt - intendedAt);
  const arrive = arriveTimes(played);
  return {
    acceptP50Ms: quantile(accept, 0.5),
    acceptP99Ms: quantile(accept, 0.99),
    arriveP50Ms: quantile(arrive, 0.5),
    arriveP99Ms: quantile(arrive, 0.99),
  };
}

/** Quantile of a distribution; `share` is 0 to 1. */
export interface Quantile {
  readonly share: number;
  readonly ms: number;
}

/** What a distribution is drawn by. */
const SHARES = [0.5, 0.75, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999];

/** arriveQuantiles of all that was accepted, until its signal arrived. */
export function arriveQuantiles(played: Outcome): readonly Quantile[] {
  const times = arriveTimes(played);
  return SHARES.map((share) => ({ share, ms: quantile(times, share) }));
}

function arriveTimes(played: Outcome): readonly number[] {
  const arrivedAt = new Map(played.arrivals.map(({ contactId, at }) => [contactId, at]));
  return accepted(played).map(
    ({ contactId, intendedAt }) => (arrivedAt.get(contactId) ?? Number.POSITIVE_INFINITY) - intendedAt,
  );
}
