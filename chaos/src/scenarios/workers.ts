/** Workers that die or stand still at exact moments. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Member } from "../member.ts";
import { begun, contactIn, settled, settling, signalTo } from "../moments.ts";
import { between, oneOf } from "../random.ts";
import type { Scenario } from "../scenario.ts";
import type { Stage } from "../stage.ts";
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
  "before the request": (stage: Stage) => nextWorker(stage, begun, "hold"),
  "during the request": async (stage: Stage) => {
    const reached = await nextWorker(stage, begun, "see");
    await stage.cxone.seeNext(signalTo(contactIn(reached.passing)));
    return reached;
  },
  "after CXone's answer": (stage: Stage) => nextWorker(stage, settling, "hold"),
  "after settle": (stage: Stage) => nextWorker(stage, settled, "hold"),
};

/** nextWorker gives the first worker at which something passes: with little to do, one of them may have it all. */
export async function nextWorker(
  { workers }: Stage,
  matches: Matches,
  how: "hold" | "see",
): Promise<{ worker: Member; passing: Held }> {
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
export async function killWorker(stage: Stage, when: Moment): Promise<void> {
  const { worker } = await MOMENTS[when](stage);
  await stage.incident(`kill -9 of ${worker.name} ${when}`, () => worker.child.kill());
  await sleep(RESTART_MS);
  await worker.restart();
}

/**
 * stopWorker lets one worker stand still while it has requests under way and the next attempt on record: it learns of
 * that one too late.
 */
export async function stopWorker(stage: Stage): Promise<void> {
  const { worker, passing: answer } = await nextWorker(stage, begun, "hold");
  await stage.incident(`SIGSTOP of ${worker.name} for ${STOPPED_MS} ms`, async () => {
    worker.child.signal("SIGSTOP");
    answer.release();
    await sleep(STOPPED_MS);
    worker.child.signal("SIGCONT");
  });
}

/** killAllWorkers kills every worker at once, and has them started again. */
export async function killAllWorkers(stage: Stage): Promise<void> {
  await stage.incident("kill -9 of all workers", async () => {
    await Promise.all(stage.workers.map(({ child }) => child.kill()));
    await sleep(between(stage.random, RESTART_MS, 4 * RESTART_MS));
    await Promise.all(stage.workers.map((worker) => worker.restart()));
  });
}

const slow: Scenario["trouble"] = async ({ simulator }) => {
  await simulator.settings({ latencyMs: SLOW_MS });
};

const kills = (name: string, when: Moment): Scenario => ({
  name,
  what: `three times kill -9 of a worker ${when}`,
  async trouble(stage) {
    await slow(stage);
    for (const part of PARTS) {
      await stage.producer.reached(part);
      await killWorker(stage, when);
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
    async trouble(stage) {
      await slow(stage);
      for (const part of PARTS) {
        await stage.producer.reached(part);
        await killAllWorkers(stage);
      }
    },
  },
  {
    name: "worker-stopped",
    what: "SIGSTOP of a worker past its locks, with an attempt on record that it has not sent, then SIGCONT",
    ci: true,
    async trouble(stage) {
      await slow(stage);
      await stage.producer.reached(0.3);
      await stopWorker(stage);
    },
  },
  {
    name: "clock-jumps",
    what: "a worker's wall clock jumps an hour ahead and back",
    async trouble(stage) {
      const worker = oneOf(stage.random, stage.workers);
      await stage.producer.reached(0.2);
      await stage.incident(`${worker.name} is an hour ahead`, async () => {
        worker.child.signal("SIGUSR2");
        await stage.producer.reached(0.7);
        worker.child.signal("SIGUSR2");
      });
    },
  },
];
