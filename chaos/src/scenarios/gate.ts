/**
 * What decides who may leave when: the rate after an outage, Redis full or with another clock, lost keys, lost and
 * failed steps.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { Deployment } from "../deployment.ts";
import { claimReply } from "../protocol-matchers.ts";
import { waitUntil } from "../redis-server.ts";
import type { Scenario } from "../scenario.ts";
import { failOver } from "./redis.ts";
import { nextWorker } from "./workers.ts";

/** Less than what is sent to each connector, so that some always wait for it. */
const RATE = { perSecond: 10, burst: 5 } as const;
/** Longer than what waits then would have taken. Milliseconds. */
const OUTAGE_MS = 9_000;
const FULL_MS = 10_000;
/** What may be accepted while Redis is full would be dead before it has room again. Milliseconds. */
const FULL_DEADLINE_MS = 8_000;
/** So much less than what one handoff's record takes that nothing is accepted. */
const FULL_BYTES = "1mb";
/**
 * How far the new master's clock is behind: as far as readiness allows, so that senders who come again after 500 ms
 * fall due before others.
 */
const BEHIND_MS = 900;
const PARTS = [0.15, 0.3, 0.45, 0.6, 0.75] as const;
/**
 * A connection whose answer is held back hangs for so long before it is reset: past every command's time limit.
 * Milliseconds.
 */
const HANGS_MS = 3_000;
/** CXone's time, so that requests are under way at any moment. Milliseconds. */
const SLOW_MS = 400;

/**
 * stopAllWorkers stops all workers by SIGTERM, and starts them again after the outage: nothing is under way meanwhile.
 */
async function stopAllWorkers(deployment: Deployment): Promise<void> {
  await deployment.incident(`no worker for ${OUTAGE_MS} ms`, async () => {
    for (const { child } of deployment.workers) child.signal("SIGTERM");
    await Promise.all(deployment.workers.map(({ child }) => child.ended));
    await sleep(OUTAGE_MS);
    await Promise.all(deployment.workers.map((worker) => worker.restart()));
  });
}

/** fillRedis lets Redis take no more memory for a while. */
export async function fillRedis(deployment: Deployment, forMs: number): Promise<void> {
  await deployment.incident(`Redis full for ${forMs} ms`, async () => {
    await deployment.redis.command(`CONFIG SET maxmemory ${FULL_BYTES}`);
    await sleep(forMs);
    await deployment.redis.command("CONFIG SET maxmemory 0");
  });
}

/**
 * loseClaim lets Redis begin attempts for a worker, whose connection then ends before it has the answer: at once, or
 * after hanging.
 */
export async function loseClaim(deployment: Deployment, hangsMs: number): Promise<void> {
  const { worker, passing: answer } = await nextWorker(deployment, claimReply, "hold");
  await deployment.incident(`${worker.name} does not get what was begun for it, after ${hangsMs} ms`, async () => {
    await sleep(hangsMs);
    answer.drop();
  });
}

/**
 * failSettle has several attempts end in one turn of a worker's event loop, and one of them fail in Redis: its record
 * is no record then. Its record is put back later. That a record's key ends with `:h:` and its id is all that is known
 * here of how Baton keeps it.
 */
async function failSettle(deployment: Deployment, turn: number): Promise<void> {
  const handoffs = Array.from({ length: 7 }, (_, index) => ({
    contactId: String(500_000_000_000 + turn * 10 + index),
    params: { p1: "beside" },
  }));
  const ids = await deployment.sendBeside("at-least-once", handoffs);
  await waitUntil(async () =>
    (await Promise.all(ids.map((id) => deployment.handoff(id)))).every(({ status }) => status === "sending"),
  );
  const key = (await deployment.redis.command(`KEYS *:h:${ids[3]}`)).split("\r\n").at(-1) ?? "";
  await deployment.incident(`the record of one of ${ids.length} cannot be settled`, async () => {
    for (const { child } of deployment.workers) child.signal("SIGSTOP");
    await deployment.redis.command(`RENAME ${key} ${key}:hidden`);
    await deployment.redis.command(`SET ${key} broken`);
    // CXone's answers to all of them lie in the workers' sockets by then.
    await sleep(2 * SLOW_MS);
    for (const { child } of deployment.workers) child.signal("SIGCONT");
    const others = ids.filter((id) => !key.endsWith(id));
    await waitUntil(async () =>
      (await Promise.all(others.map((id) => deployment.handoff(id)))).every(({ status }) => status === "delivered"),
    );
    await deployment.redis.command(`DEL ${key}`);
    await deployment.redis.command(`RENAME ${key}:hidden ${key}`);
  });
}

/** loseKeys sends to a connector whose credentials cannot be opened, while the others' handoffs wait for their rate. */
async function loseKeys(deployment: Deployment): Promise<void> {
  await deployment.incident("one connector's keys are lost", async () => {
    const handoffs = Array.from({ length: 30 }, (_, index) => ({
      contactId: String(600_000_000_000 + index),
      deadlineMs: 15_000,
    }));
    const [first = ""] = await deployment.sendBeside("lost keys", handoffs);
    await waitUntil(async () => String((await deployment.handoff(first)).waitingFor) === "keys");
  });
}

export const GATE_SCENARIOS: readonly Scenario[] = [
  {
    name: "rate-over-outage",
    what: `no worker for ${OUTAGE_MS / 1_000} s while handoffs come at 1.5 times the rate of ${RATE.perSecond}/s: each second is counted`,
    ci: true,
    noneDies: true,
    setting: { rate: RATE },
    async trouble(deployment) {
      await deployment.producer.reached(0.2);
      await stopAllWorkers(deployment);
    },
  },
  {
    name: "redis-full",
    what: `Redis takes no more memory for ${FULL_MS / 1_000} s: what was accepted with a deadline of ${FULL_DEADLINE_MS / 1_000} s is sent all the same`,
    noneDies: true,
    setting: { rate: { perSecond: 6, burst: 5 }, deadlineMs: FULL_DEADLINE_MS },
    async trouble(deployment) {
      await deployment.producer.reached(0.4);
      await fillRedis(deployment, FULL_MS);
    },
  },
  {
    name: "redis-clock-back",
    what: `planned failover to a replica whose clock is ${BEHIND_MS} ms behind`,
    noneDies: true,
    setting: { replicaDelayMs: 5, replicaClockMs: -BEHIND_MS, load: { perSecond: 60 } },
    async trouble(deployment) {
      await deployment.simulator.settings({ latencyMs: SLOW_MS });
      await deployment.producer.reached(0.5);
      await failOver(deployment);
    },
  },
  {
    name: "keys-lost",
    what: "one connector's credentials are sealed under a key that no process has, while the others wait for their rate",
    noneDies: true,
    setting: { rate: RATE, lostKeys: true },
    async trouble(deployment) {
      await deployment.producer.reached(0.1);
      await loseKeys(deployment);
    },
  },
  {
    name: "claim-answer-lost",
    what: "five times Redis begins attempts, and the worker's connection ends before it has the answer: at once, or after hanging",
    ci: true,
    noneDies: true,
    setting: { load: { requests: 600 } },
    async trouble(deployment) {
      for (const [turn, part] of PARTS.entries()) {
        await deployment.producer.reached(part);
        await loseClaim(deployment, turn % 2 === 0 ? 0 : HANGS_MS);
      }
    },
  },
  {
    name: "settle-fails-midway",
    what: "three times one of several attempts that are settled together fails in Redis",
    noneDies: true,
    async trouble(deployment) {
      await deployment.simulator.settings({ latencyMs: SLOW_MS });
      for (const [turn, part] of PARTS.slice(0, 3).entries()) {
        await deployment.producer.reached(part);
        await failSettle(deployment, turn);
      }
    },
  },
];
