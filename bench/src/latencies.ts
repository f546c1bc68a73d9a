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
  const arrivedAt = new Map(played.arrivals.map(({ contactId, at }) => [contactId, at]));
  const all = accepted(played);
  const accept = all.map(({ intendedAt, answeredAt }) => answeredAt - intendedAt);
  const arrive = all.map(
    ({ contactId, intendedAt }) => (arrivedAt.get(contactId) ?? Number.POSITIVE_INFINITY) - intendedAt,
  );
  return {
    acceptP50Ms: quantile(accept, 0.5),
    acceptP99Ms: quantile(accept, 0.99),
    arriveP50Ms: quantile(arrive, 0.5),
    arriveP99Ms: quantile(arrive, 0.99),
  };
}
