/** Everything at random, from a seed. */
import { setTimeout as sleep } from "node:timers/promises";
import { between, oneOf } from "../random.ts";
import type { Scenario } from "../scenario.ts";
import type { Stage } from "../stage.ts";
import { dropAnswers, loseTokens, slowLoris, storm } from "./cxone.ts";
import { fillRedis, loseClaim } from "./gate.ts";
import { killIngress, stopIngress } from "./ingresses.ts";
import { killRedis, pauseRedis, stopRedis, throwOut } from "./redis.ts";
import { killAllWorkers, killWorker, stopWorker } from "./workers.ts";

/** How many troubles one round has. */
const TROUBLES = 5;
const PAUSE_MS = { least: 200, most: 2_500 } as const;

const TROUBLE: readonly ((stage: Stage) => Promise<void>)[] = [
  (stage) => killWorker(stage, "before the request"),
  (stage) => killWorker(stage, "during the request"),
  (stage) => killWorker(stage, "after CXone's answer"),
  (stage) => killWorker(stage, "after settle"),
  killAllWorkers,
  stopWorker,
  (stage) => killIngress(stage, "at any time"),
  (stage) => killIngress(stage, "between accept and add"),
  stopIngress,
  killRedis,
  (stage) => stopRedis(stage, between(stage.random, 500, 6_000)),
  (stage) => pauseRedis(stage, Math.round(between(stage.random, 500, 3_000))),
  throwOut,
  (stage) => loseTokens(stage, "answers 500", { status: 500 }),
  dropAnswers,
  storm,
  slowLoris,
  (stage) => fillRedis(stage, between(stage.random, 500, 4_000)),
  (stage) => loseClaim(stage, between(stage.random, 0, 3_000)),
];

/** RANDOM is one round; `--minutes` runs one after the other, each with the next seed. */
export const RANDOM: Scenario = {
  name: "random",
  what: `${TROUBLES} troubles of all kinds, one after the other, drawn from the seed`,
  setting: { fsync: "always", ingresses: 2, load: { requests: 900 } },
  async trouble(stage) {
    await stage.simulator.settings({ latencyMs: 150 });
    await stage.producer.reached(0.05);
    for (let count = 0; count < TROUBLES; count += 1) {
      await oneOf(stage.random, TROUBLE)(stage).catch(passOver);
      await sleep(between(stage.random, PAUSE_MS.least, PAUSE_MS.most));
    }
  },
};

/** A moment that did not come, since the load was over, is no finding. */
function passOver(error: unknown): void {
  if (!(error instanceof Error && error.message.startsWith("the moment did not come"))) throw error;
}
