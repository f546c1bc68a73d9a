import { expect, it } from "vitest";
import { capacityOf } from "./capacity-model.ts";

const COST = { redis: 0.25, ingress: 0.2, worker: 0.2, beside: 0.1 };

it.each([
  ["the cores, where all share two", { masters: 1, ingresses: 1, workers: 1, cores: 2 }, 2_666, "cores"],
  [
    "Redis's one thread, where there are cores enough",
    { masters: 1, ingresses: 2, workers: 2, cores: 16 },
    4_000,
    "redis",
  ],
  ["the one ingress before three masters", { masters: 3, ingresses: 1, workers: 3, cores: 16 }, 5_000, "ingress"],
  ["the workers", { masters: 3, ingresses: 3, workers: 2, cores: 32 }, 10_000, "worker"],
] as const)("is bound by %s", (_, layout, perSecond, limit) => {
  const capacity = capacityOf(layout, COST);
  expect([Math.floor(capacity.perSecond), capacity.limit]).toEqual([perSecond, limit]);
});
