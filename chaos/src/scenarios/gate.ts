/**
 * What decides who may leave when: the rate after an outage, Redis full or with another clock, lost keys, lost and
 * failed steps.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { begun } from "../moments.ts";
import { until } from "../redis-server.ts";
import type { Scenario } from "../scenario.ts";
import type { Stage } from "../stage.ts";
import { handOver } from "./redis.ts";
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
async function stopAllWorkers(stage: Stage): Promise<void> {
  await stage.incident(`no worker for ${OUTAGE_MS} ms`, async () => {
    for (const { child } of stage.workers) child.signal("SIGTERM");
    await Promise.all(stage.workers.map(({ child }) => child.ended));
    await sleep(OUTAGE_MS);
    await Promise.all(stage.workers.map((worker) => worker.restart()));
  });
}

/** fillRedis lets Redis take no more memory for a while. */
export async function fillRedis(stage: Stage, forMs: number): Promise<void> {
  await stage.incident(`Redis full for ${forMs} ms`, async () => {
    await stage.redis.command(`CONFIG SET maxmemory ${FULL_BYTES}`);
    await sleep(forMs);
    await stage.redis.command("CONFIG SET maxmemory 0");
  });
}

/**
 * loseClaim lets Redis begin attempts for a worker, whose connection then ends before it has the answer: at once, or
 * after hanging.
 */
export async function loseClaim(stage: Stage, hangsMs: number): Promise<void> {
  const { worker, passing: answer } = await nextWorker(stage, begun, "hold");
  await stage.incident(`${worker.name} does not get what was begun for it, after ${hangsMs} ms`, async () => {
    await sleep(hangsMs);
    answer.drop();
  });
}

/**
 * failSettle has several attempts end in one turn of a worker's event loop, and one of them fail in Redis: its record
 * is no record then. Its record is put back later. That a record's key ends with `:h:` and its id is all that is known
 * here of how Baton keeps it.
 */
async function failSettle(stage: Stage, turn: number): Promise<void> {
  const handoffs = Array.from({ length: 7 }, (_, index) => ({
    contactId: String(500_000_000_000 + turn * 10 + index),
    params: { p1: "beside" },
  }));
  const ids = await stage.sendBeside("at-least-once", handoffs);
  await until(async () =>
    (await Promise.all(ids.map((id) => stage.handoff(id)))).every(({ status }) => status === "sending"),
  );
  const key = (await stage.redis.command(`KEYS *:h:${ids[3]}`)).split("\r\n").at(-1) ?? "";
  await stage.incident(`the record of one of ${ids.length} cannot be settled`, async () => {
    for (const { child } of stage.workers) child.signal("SIGSTOP");
    await stage.redis.command(`RENAME ${key} ${key}:hidden`);
    await stage.redis.command(`SET ${key} broken`);
    // CXone's answers to all of them lie in the workers' sockets by then.
    await sleep(2 * SLOW_MS);
    for (const { child } of stage.workers) child.signal("SIGCONT");
    const others = ids.filter((id) => !key.endsWith(id));
    await until(async () =>
      (await Promise.all(others.map((id) => stage.handoff(id)))).every(({ status }) => status === "delivered"),
    );
    await stage.redis.command(`DEL ${key}`);
    await stage.redis.command(`RENAME ${key}:hidden ${key}`);
  });
}

/** loseKeys sends to a connector whose credentials cannot be opened, while the others' handoffs wait for their rate. */
async function loseKeys(stage: Stage): Promise<void> {
  await stage.incident("one connector's keys are lost", async () => {
    const handoffs = Array.from({ length: 30 }, (_, index) => ({
      contactId: String(600_000_000_000 + index),
      deadlineMs: 15_000,
    }));
    const [first = ""] = await stage.sendBeside("lost keys", handoffs);
    await until(async () => String((await stage.handoff(first)).waitingFor) === "keys");
  });
}

export const GATE_SCENARIOS: readonly Scenario[] = [
  {
    name: "rate-over-outage",
    what: `no worker for ${OUTAGE_MS / 1_000} s while handoffs come at 1.5 times the rate of ${RATE.perSecond}/s: each second is counted`,
    ci: true,
    noneDies: true,
    setting: { rate: RATE },
    async trouble(stage) {
      await stage.producer.reached(0.2);
      await stopAllWorkers(stage);
    },
  },
  {
    name: "redis-full",
    what: `Redis takes no more memory for ${FULL_MS / 1_000} s: what was accepted with a deadline of ${FULL_DEADLINE_MS / 1_000} s is sent all the same`,
    noneDies: true,
    setting: { rate: { perSecond: 6, burst: 5 }, deadlineMs: FULL_DEADLINE_MS },
    async trouble(stage) {
      await stage.producer.reached(0.4);
      await fillRedis(stage, FULL_MS);
    },
  },
  {
    name: "redis-clock-back",
    what: `planned failover to a replica whose clock is ${BEHIND_MS} ms behind`,
    noneDies: true,
    setting: { replicaDelayMs: 5, replicaClockMs: -BEHIND_MS, load: { perSecond: 60 } },
    async trouble(stage) {
      await stage.simulator.settings({ latencyMs: SLOW_MS });
      await stage.producer.reached(0.5);
      await handOver(stage);
    },
  },
  {
    name: "keys-lost",
    what: "one connector's credentials are sealed under a key that no process has, while the others wait for their rate",
    noneDies: true,
    setting: { rate: RATE, lostKeys: true },
    async trouble(stage) {
      await stage.producer.reached(0.1);
      await loseKeys(stage);
    },
  },
  {
    name: "claim-answer-lost",
    what: "five times Redis begins attempts, and the worker's connection ends before it has the answer: at once, or after hanging",
    ci: true,
    noneDies: true,
    setting: { load: { requests: 600 } },
    async trouble(stage) {
      for (const [turn, part] of PARTS.entries()) {
        await stage.producer.reached(part);
        await loseClaim(stage, turn % 2 === 0 ? 0 : HANGS_MS);
      }
    },
  },
  {
    name: "settle-fails-midway",
    what: "three times one of several attempts that are settled together fails in Redis",
    noneDies: true,
    async trouble(stage) {
      await stage.simulator.settings({ latencyMs: SLOW_MS });
      for (const [turn, part] of PARTS.slice(0, 3).entries()) {
        await stage.producer.reached(part);
        await failSettle(stage, turn);
      }
    },
  },
];
