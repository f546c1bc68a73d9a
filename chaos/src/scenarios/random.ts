/** Everything at random, from a seed. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Deployment } from "../deployment.ts";
import { pickRandom, randomBetween } from "../random.ts";
import type { Scenario } from "../scenario.ts";
import { dropAnswers, loseTokens, slowLoris, storm } from "./cxone.ts";
import { fillRedis, loseClaim } from "./gate.ts";
import { killIngress, stopIngress } from "./ingresses.ts";
import { killConnections, killRedis, pauseRedis, stopRedis } from "./redis.ts";
import { killAllWorkers, killWorker, stopWorker } from "./workers.ts";

/** How many troubles one round has. */
const TROUBLES = 5;
const PAUSE_MS = { least: 200, most: 2_500 } as const;

const TROUBLE: readonly ((deployment: Deployment) => Promise<void>)[] = [
  (deployment) => killWorker(deployment, "before the request"),
  (deployment) => killWorker(deployment, "during the request"),
  (deployment) => killWorker(deployment, "after CXone's answer"),
  (deployment) => killWorker(deployment, "after settle"),
  killAllWorkers,
  stopWorker,
  (deployment) => killIngress(deployment, "at any time"),
  (deployment) => killIngress(deployment, "between accept and add"),
  stopIngress,
  killRedis,
  (deployment) => stopRedis(deployment, randomBetween(deployment.random, 500, 6_000)),
  (deployment) => pauseRedis(deployment, Math.round(randomBetween(deployment.random, 500, 3_000))),
  killConnections,
  (deployment) => loseTokens(deployment, "answers 500", { status: 500 }),
  dropAnswers,
  storm,
  slowLoris,
  (deployment) => fillRedis(deployment, randomBetween(deployment.random, 500, 4_000)),
  (deployment) => loseClaim(deployment, randomBetween(deployment.random, 0, 3_000)),
];

/** RANDOM is one round; `--minutes` runs one after the other, each with the next seed. */
export const RANDOM: Scenario = {
  name: "random",
  what: `${TROUBLES} troubles of all kinds, one after the other, drawn from the seed`,
  setting: { fsync: "always", ingresses: 2, load: { requests: 900 } },
  async trouble(deployment) {
    await deployment.simulator.settings({ latencyMs: 150 });
    await deployment.producer.reached(0.05);
    for (let count = 0; count < TROUBLES; count += 1) {
      await pickRandom(deployment.random, TROUBLE)(deployment).catch(passOver);
      await sleep(randomBetween(deployment.random, PAUSE_MS.least, PAUSE_MS.most));
    }
  },
};

/** A moment that did not come, since the load was over, is no finding. */
function passOver(error: unknown): void {
  if (!(error instanceof Error && error.message.startsWith("the moment did not come"))) throw error;
}
