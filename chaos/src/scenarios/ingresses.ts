/** Ingresses that die or stand still, and a restart of everything under load. */
import { setTimeout as sleep } from "node:timers/promises";
import type { BatonProcess } from "../baton-process.ts";
import type { Deployment } from "../deployment.ts";
import { acceptReply } from "../protocol-matchers.ts";
import { pickRandom } from "../random.ts";
import type { Scenario } from "../scenario.ts";

const PARTS = [0.2, 0.45, 0.7] as const;
const RESTART_MS = 500;
const STOPPED_MS = 5_000;
/** How long a process serves on after SIGTERM, so that the load balancer sees it. Milliseconds. */
const DRAIN_MS = 1_500;

/** killIngress kills one ingress, `between` accept and add or at any time, and has it started again. */
export async function killIngress(
  deployment: Deployment,
  when: "between accept and add" | "at any time",
): Promise<void> {
  const ingress = pickRandom(deployment.random, deployment.ingresses);
  if (when === "between accept and add") await ingress.redis.holdNext(acceptReply);
  await deployment.incident(`kill -9 of ${ingress.name} ${when}`, async () => {
    await ingress.child.kill();
    await sleep(RESTART_MS);
    await ingress.restart();
  });
}

/** stopIngress lets one ingress stand still, in the middle of accepting. */
export async function stopIngress(deployment: Deployment): Promise<void> {
  const ingress = pickRandom(deployment.random, deployment.ingresses);
  await deployment.incident(`SIGSTOP of ${ingress.name} for ${STOPPED_MS} ms`, async () => {
    ingress.child.signal("SIGSTOP");
    await sleep(STOPPED_MS);
    ingress.child.signal("SIGCONT");
  });
}

/** restartInTurn stops each process with SIGTERM and starts it again, one after the other. */
async function restartInTurn(deployment: Deployment, processes: readonly BatonProcess[]): Promise<void> {
  for (const each of processes) {
    await deployment.incident(`SIGTERM of ${each.name}`, async () => {
      each.child.signal("SIGTERM");
      const exit = await each.child.ended;
      if (exit !== 0) throw new Error(`${each.name} got SIGTERM and ended with ${exit}`);
      await each.restart();
    });
  }
}

const kills = (name: string, when: Parameters<typeof killIngress>[1]): Scenario => ({
  name,
  what: `three times kill -9 of ingress ${when}`,
  async trouble(deployment) {
    for (const part of PARTS) {
      await deployment.producer.reached(part);
      await killIngress(deployment, when);
    }
  },
});

export const INGRESS_SCENARIOS: readonly Scenario[] = [
  kills("ingress-killed", "at any time"),
  { ...kills("ingress-killed-between-accept-and-add", "between accept and add"), ci: true },
  {
    name: "ingress-stopped",
    what: "SIGSTOP of ingress for 5 s, then SIGCONT",
    async trouble(deployment) {
      await deployment.producer.reached(0.3);
      await stopIngress(deployment);
    },
  },
  {
    name: "rolling-restart",
    what: "SIGTERM of three workers and two ingresses, one after the other, under load",
    setting: { workers: 3, ingresses: 2, env: { BATON_DRAIN_MS: String(DRAIN_MS) }, load: { requests: 600 } },
    async trouble(deployment) {
      await deployment.simulator.settings({ latencyMs: 300 });
      await deployment.producer.reached(0.1);
      await restartInTurn(deployment, [...deployment.workers, ...deployment.ingresses]);
    },
  },
];
