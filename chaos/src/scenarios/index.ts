/** Every scenario, in the order of the report. */
import type { Scenario } from "../scenario.ts";
import { CXONE_SCENARIOS } from "./cxone.ts";
import { GATE_SCENARIOS } from "./gate.ts";
import { INGRESS_SCENARIOS } from "./ingresses.ts";
import { REDIS_SCENARIOS } from "./redis.ts";
import { RUN_SCENARIOS } from "./runs.ts";
import { WORKER_SCENARIOS } from "./workers.ts";

const UNTROUBLED: Scenario = {
  name: "untroubled",
  what: "nothing goes wrong: what the others are compared with",
  trouble: async () => undefined,
};

export const SCENARIOS: readonly Scenario[] = [
  UNTROUBLED,
  ...WORKER_SCENARIOS,
  ...INGRESS_SCENARIOS,
  ...REDIS_SCENARIOS,
  ...CXONE_SCENARIOS,
  ...GATE_SCENARIOS,
  ...RUN_SCENARIOS,
];
