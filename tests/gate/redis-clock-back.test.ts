/** A failover to a Redis whose clock is behind: no contact is signalled twice at once, and the rate holds. */

import type { HandoffJson } from "@baton/api";
import { withClockOffset } from "@baton/chaos/clock-offset";
import { TcpProxy } from "@baton/chaos/tcp-proxy";
import { expect, it, onTestFinished } from "vitest";
import { overlapping, startGate } from "../world/gate.ts";
import { eventually, HOST, startRedisServer } from "../world/redis-server.ts";

/**
 * So far that what comes after the failover falls due before what came just before it; readiness allows a second.
 */
const BEHIND_MS = -900;
const RATE = { perSecond: 20, burst: 20 };

/**
 * setup starts a master and its replica, whose clock is behind, and a Baton that reaches either through one address.
 */
async function setup() {
  const master = await startRedisServer(["--repl-diskless-sync-delay", "0"]);
  const replicaOf = ["--repl-diskless-sync-delay", "0", "--replicaof", `${HOST} ${master.port}`];
  const replica = await startRedisServer(replicaOf, undefined, (command) => withClockOffset(BEHIND_MS, command));
  await eventually(async () => (await replica.redis.info("replication")).includes("master_link_status:up"), true);
  const proxy = await TcpProxy.open(master.port);
  onTestFinished(() => proxy.close());
  const gate = await startGate(
    { delivery: { rate: RATE, attemptTimeoutMs: 10_000 } },
    { BATON_REDIS_URL: `redis://${HOST}:${proxy.port}` },
  );
  const failOver = async () => {
    // Everything that was promised is there: what is looked at here is the clock.
    await master.redis.wait(1, 5_000);
    await replica.redis.replicaof("NO", "ONE");
    proxy.turnTo(replica.port);
    await master.kill();
  };
  return { gate, master, replica, failOver };
}

it("keeps one contact's signals apart and in order, and every connector at its rate", {
  timeout: 120_000,
}, async () => {
  const { gate, master, replica, failOver } = await setup();
  const clockOf = async ({ redis }: typeof master) => {
    const [seconds, micros] = await redis.time();
    return Number(seconds) * 1_000 + Number(micros) / 1_000 - Date.now();
  };
  expect((await clockOf(replica)) - (await clockOf(master))).toBeLessThan(BEHIND_MS / 2);
  for (let worker = 0; worker < 2; worker++) await gate.startWorker();
  await gate.delivered(await gate.sendInTurn(1));
  // Slow enough for signals to be under way while the clock goes back.
  gate.simulator.settings({ latencyMs: 3_000 });
  const before = await gate.sendInTurn(10);
  await gate.simulator.untilSignals(1 + before.length);
  await failOver();
  const after: HandoffJson[] = [];
  for (const { contactId } of before) {
    await eventually(async () => {
      const handoff = await gate.send({ contactId }).catch(() => undefined);
      if (handoff !== undefined) after.push(handoff);
      return handoff !== undefined;
    }, true);
  }
  gate.simulator.settings({ latencyMs: 0 });
  const sent = [...before, ...after, ...(await gate.sendInTurn(60))];
  // Connections are lost meanwhile, the reader's too.
  await eventually(async () => {
    const known = await gate.read(sent).catch(() => []);
    return known.length > 0 && known.every(({ endedAt }) => endedAt !== undefined);
  }, true);
  await gate.delivered(sent);
  expect(overlapping(gate.arrivals())).toEqual([]);
  gate.expectRate(RATE, { arrivals: gate.arrivals() });
});
