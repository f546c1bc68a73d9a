/** Ingresses that die or stand still, and a restart of everything under load. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Member } from "../member.ts";
import { accepted } from "../moments.ts";
import { oneOf } from "../random.ts";
import type { Scenario } from "../scenario.ts";
import type { Stage } from "../stage.ts";

const PARTS = [0.2, 0.45, 0.7] as const;
const RESTART_MS = 500;
const STOPPED_MS = 5_000;
/** How long a process serves on after SIGTERM, so that the load balancer sees it. Milliseconds. */
const DRAIN_MS = 1_500;

/** killIngress kills one ingress, `between` accept and add or at any time, and has it started again. */
export async function killIngress(stage: Stage, when: "between accept and add" | "at any time"): Promise<void> {
  const ingress = oneOf(stage.random, stage.ingresses);
  if (when === "between accept and add") await ingress.redis.holdNext(accepted);
  await stage.incident(`kill -9 of ${ingress.name} ${when}`, async () => {
    await ingress.child.kill();
    await sleep(RESTART_MS);
    await ingress.restart();
  });
}

/** stopIngress lets one ingress stand still, in the middle of accepting. */
export async function stopIngress(stage: Stage): Promise<void> {
  const ingress = oneOf(stage.random, stage.ingresses);
  await stage.incident(`SIGSTOP of ${ingress.name} for ${STOPPED_MS} ms`, async () => {
    ingress.child.signal("SIGSTOP");
    await sleep(STOPPED_MS);
    ingress.child.signal("SIGCONT");
  });
}

/** restartInTurn stops each member with SIGTERM and starts it again, one after the other. */
async function restartInTurn(stage: Stage, members: readonly Member[]): Promise<void> {
  for (const member of members) {
    await stage.incident(`SIGTERM of ${member.name}`, async () => {
      member.child.signal("SIGTERM");
      const exit = await member.child.ended;
      if (exit !== 0) throw new Error(`${member.name} got SIGTERM and ended with ${exit}`);
      await member.restart();
    });
  }
}

const kills = (name: string, when: Parameters<typeof killIngress>[1]): Scenario => ({
  name,
  what: `three times kill -9 of ingress ${when}`,
  async trouble(stage) {
    for (const part of PARTS) {
      await stage.producer.reached(part);
      await killIngress(stage, when);
    }
  },
});

export const INGRESS_SCENARIOS: readonly Scenario[] = [
  kills("ingress-killed", "at any time"),
  { ...kills("ingress-killed-between-accept-and-add", "between accept and add"), ci: true },
  {
    name: "ingress-stopped",
    what: "SIGSTOP of ingress for 5 s, then SIGCONT",
    async trouble(stage) {
      await stage.producer.reached(0.3);
      await stopIngress(stage);
    },
  },
  {
    name: "rolling-restart",
    what: "SIGTERM of three workers and two ingresses, one after the other, under load",
    setting: { workers: 3, ingresses: 2, env: { BATON_DRAIN_MS: String(DRAIN_MS) }, load: { requests: 600 } },
    async trouble(stage) {
      await stage.simulator.settings({ latencyMs: 300 });
      await stage.producer.reached(0.1);
      await restartInTurn(stage, [...stage.workers, ...stage.ingresses]);
    },
  },
];
