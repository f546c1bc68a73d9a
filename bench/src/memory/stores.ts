/** How each contender is stopped from sending, and how its Redis shows that all is where it belongs. */
import { setTimeout as sleep } from "node:timers/promises";
import { waitUntil } from "@baton/chaos/redis-server";
import { Queue } from "bullmq";
import { DEAD_LETTERS, HANDOFFS } from "../../plain/settings.ts";
import { startBaton } from "../contenders/baton.ts";
import type { Contender, ContenderOptions } from "../contenders/contender.ts";
import { startPlain } from "../contenders/plain.ts";

/** All of them are there within so long. Milliseconds. */
const TIMEOUT_MS = 180_000;

/** Every process knows of a pause after so long. Milliseconds. */
const HEARD_MS = 2_500;

/** Store is a contender that can be weighed. */
export interface Store extends Contender {
  hold(): Promise<void>;
  untilHeld(count: number): Promise<void>;
  untilDead(count: number): Promise<void>;
}

export async function startBatonStore(options: ContenderOptions): Promise<Store> {
  const baton = await startBaton(options);
  const { operator, connectors, adminUrl } = baton;
  return {
    ...baton,
    async hold() {
      for (const { id } of connectors) await operator.pauseConnector(id);
      await sleep(HEARD_MS);
    },
    // Each is taken once by the worker, which finds the pause. Jobs of older generations may lie beside them until
    // their time.
    untilHeld: (count) =>
      waitUntil(async () => {
        const { waiting, active } = await queueDepth(adminUrl);
        return waiting + active === 0 && (await operator.overview()).handoffs.queued === count;
      }, TIMEOUT_MS),
    untilDead: (count) =>
      waitUntil(
        async () =>
          (await operator.overview()).deadLetters.total === count && (await queueDepth(adminUrl)).active === 0,
        TIMEOUT_MS,
      ),
  };
}

export async function startPlainStore(options: ContenderOptions): Promise<Store> {
  const plain = await startPlain(options);
  const connection = { host: "127.0.0.1", port: plain.redis.port };
  const handoffs = new Queue(HANDOFFS, { connection });
  const deadLetters = new Queue(DEAD_LETTERS, { connection });
  return {
    ...plain,
    hold: () => handoffs.pause(),
    untilHeld: (count) => waitUntil(async () => (await handoffs.getJobCountByTypes("waiting")) === count, TIMEOUT_MS),
    untilDead: (count) =>
      waitUntil(async () => (await deadLetters.getJobCountByTypes("waiting")) === count, TIMEOUT_MS),
    async close() {
      await Promise.all([handoffs.close(), deadLetters.close()]);
      await plain.close();
    },
  };
}

/** QueueDepth is the jobs of all shards' queues, by state. */
export interface QueueDepth {
  readonly waiting: number;
  readonly active: number;
}

export async function queueDepth(adminUrl: string): Promise<QueueDepth> {
  const text = await (await fetch(`${adminUrl}/metrics`)).text();
  const sum = (state: keyof QueueDepth) => {
    const rows = text.matchAll(new RegExp(`^baton_queue_depth\\{[^}]*state="${state}"[^}]*\\} (\\S+)$`, "gm"));
    return [...rows].reduce((total, [, value]) => total + Number(value), 0);
  };
  return { waiting: sum("waiting"), active: sum("active") };
}
