/** Workers that die or stand still at exact moments. */
import { setTimeout as sleep } from "node:timers/promises";
import type { BatonProcess } from "../baton-process.ts";
import type { Deployment } from "../deployment.ts";
import { claimReply, contactOfClaim, settleReply, settleRequest, signalRequestTo } from "../protocol-matchers.ts";
import { pickRandom, randomBetween } from "../random.ts";
import type { Scenario } from "../scenario.ts";
import { type Held, type Matches, TcpProxy } from "../tcp-proxy.ts";

/** When in the load each of three kills comes. */
const PARTS = [0.15, 0.4, 0.65] as const;
/** A supervisor starts a dead process again after so long. Milliseconds. */
const RESTART_MS = 500;
/** How long a worker stands still: well past its jobs' locks (3 s) and the next stalled check. Milliseconds. */
const STOPPED_MS = 8_000;
/** CXone's usual time in these scenarios, so that requests are under way at any moment. Milliseconds. */
const SLOW_MS = 400;

/** Each waits for its moment at any worker, and gives that worker with the moment held back or passing. */
const MOMENTS = {
  "before the request": (deployment: Deployment) => nextWorker(deployment, claimReply, "hold"),
  "during the request": async (deployment: Deployment) => {
    const reached = await nextWorker(deployment, claimReply, "see");
    await deployment.cxone.seeNext(signalRequestTo(contactOfClaim(reached.passing)));
    return reached;
  },
  "after CXone's answer": (deployment: Deployment) => nextWorker(deployment, settleRequest, "hold"),
  "after settle": (deployment: Deployment) => nextWorker(deployment, settleReply, "hold"),
};

/** nextWorker gives the first worker at which something passes: with little to do, one of them may have it all. */
export async function nextWorker(
  { workers }: Deployment,
  matches: Matches,
  how: "hold" | "see",
): Promise<{ worker: BatonProcess; passing: Held }> {
  const { proxy, passing } = await TcpProxy.nextOf(
    workers.map(({ redis }) => redis),
    matches,
    how,
  );
  const worker = workers.find(({ redis }) => redis === proxy);
  if (worker === undefined) throw new Error("no worker is behind this proxy");
  return { worker, passing };
}

type Moment = keyof typeof MOMENTS;

/** killWorker kills one worker at a moment, and has it started again. */
export async function killWorker(deployment: Deployment, when: Moment): Promise<void> {
  const { worker } = await MOMENTS[when](deployment);
  await deployment.incident(`kill -9 of ${worker.name} ${when}`, () => worker.child.kill());
  await sleep(RESTART_MS);
  await worker.restart();
}

/**
 * stopWorker lets one worker stand still while it has requests under way and the next attempt on record: it learns of
 * that one too late.
 */
export async function stopWorker(deployment: Deployment): Promise<void> {
  const { worker, passing: answer } = await nextWorker(deployment, claimReply, "hold");
  await deployment.incident(`SIGSTOP of ${worker.name} for ${STOPPED_MS} ms`, async () => {
    worker.child.signal("SIGSTOP");
    answer.release();
    await sleep(STOPPED_MS);
    worker.child.signal("SIGCONT");
  });
}

/** killAllWorkers kills every worker at once, and has them started again. */
export async function killAllWorkers(deployment: Deployment): Promise<void> {
  await deployment.incident("kill -9 of all workers", async () => {
    await Promise.all(deployment.workers.map(({ child }) => child.kill()));
    await sleep(randomBetween(deployment.random, RESTART_MS, 4 * RESTART_MS));
    await Promise.all(deployment.workers.map((worker) => worker.restart()));
  });
}

const slow: Scenario["trouble"] = async ({ simulator }) => {
  await simulator.settings({ latencyMs: SLOW_MS });
};

const kills = (name: string, when: Moment): Scenario => ({
  name,
  what: `three times kill -9 of a worker ${when}`,
  async trouble(deployment) {
    await slow(deployment);
    for (const part of PARTS) {
      await deployment.producer.reached(part);
      await killWorker(deployment, when);
    }
  },
});

export const WORKER_SCENARIOS: readonly Scenario[] = [
  { ...kills("worker-killed-before-request", "before the request"), ci: true },
  { ...kills("worker-killed-during-request", "during the request"), ci: true },
  { ...kills("worker-killed-after-answer", "after CXone's answer"), ci: true },
  kills("worker-killed-after-settle", "after settle"),
  {
    name: "workers-killed-three-times",
    what: "three times kill -9 of all workers at once",
    async trouble(deployment) {
      await slow(deployment);
      for (const part of PARTS) {
        await deployment.producer.reached(part);
        await killAllWorkers(deployment);
      }
    },
  },
  {
    name: "worker-stopped",
    what: "SIGSTOP of a worker past its locks, with an attempt on record that it has not sent, then SIGCONT",
    ci: true,
    async trouble(deployment) {
      await slow(deployment);
      await deployment.producer.reached(0.3);
      await stopWorker(deployment);
    },
  },
  {
    name: "clock-jumps",
    what: "a worker's wall clock jumps an hour ahead and back",
    async trouble(deployment) {
      const worker = pickRandom(deployment.random, deployment.workers);
      await deployment.producer.reached(0.2);
      await deployment.incident(`${worker.name} is an hour ahead`, async () => {
        worker.child.signal("SIGUSR2");
        await deployment.producer.reached(0.7);
        worker.child.signal("SIGUSR2");
      });
    },
  },
];
