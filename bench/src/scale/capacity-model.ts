/** The growth model: what a layout delivers, from what one handoff costs each process. Values in, values out. */

/** Layout is how many processes of each kind there are, and on how many cores. */
export interface Layout {
  readonly masters: number;
  readonly ingresses: number;
  readonly workers: number;
  readonly cores: number;
}

/** UnitCost is CPU seconds of a thousand handoffs, by kind of process; `beside` is what shares the cores with them. */
export interface UnitCost {
  readonly redis: number;
  readonly ingress: number;
  readonly worker: number;
  readonly beside: number;
}

export const LIMITS = ["redis", "ingress", "worker", "cores"] as const;
export type Limit = (typeof LIMITS)[number];

/** Capacity in handoffs a second, and what binds it. */
export interface Capacity {
  readonly perSecond: number;
  readonly limit: Limit;
}

const THOUSAND = 1_000;

/**
 * capacityOf takes every process for one thread that is busy all the time, and connectors for spread evenly over the
 * shards: what is reached lies below it.
 */
export function capacityOf(layout: Layout, cost: UnitCost): Capacity {
  const all = cost.redis + cost.ingress + cost.worker + cost.beside;
  const bounds: Readonly<Record<Limit, number>> = {
    redis: (layout.masters * THOUSAND) / cost.redis,
    ingress: (layout.ingresses * THOUSAND) / cost.ingress,
    worker: (layout.workers * THOUSAND) / cost.worker,
    cores: (layout.cores * THOUSAND) / all,
  };
  const limit = LIMITS.reduce((least, each) => (bounds[each] < bounds[least] ? each : least));
  return { perSecond: bounds[limit], limit };
}
