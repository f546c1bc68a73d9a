import { createBatonClient } from "@baton/api";
import { expect, it } from "vitest";
import { createWorld, ended } from "./world/world.ts";

/** Worker slots; a quarter of them is one connector's share. */
const SLOTS = 16;
const SHARE = 4;
/** As many as one connector may have queued. */
const WAITING = 10_000;

async function setup() {
  const world = await createWorld({ BATON_WORKER_CONCURRENCY: String(SLOTS) });
  const { url } = await world.startIngress();
  const client = (token: string) => createBatonClient({ ingressUrl: url, token });
  return { ...world, client };
}

it("keeps three quarters of a worker for the others while one connector's CXone hangs", async () => {
  const { client, createConnector, startWorker, simulator } = await setup();
  const hanging = await createConnector({ delivery: { attemptTimeoutMs: 30_000 } });
  const healthy = await createConnector();
  simulator.answer({ on: "signal", accessKeyId: hanging.accessKeyId, hang: true });
  await startWorker();

  const stuck = await Promise.all(
    Array.from({ length: 40 }, (_, i) => client(hanging.token).send({ contactId: String(1_000 + i) })),
  );
  await simulator.untilSignals(SHARE, { accessKeyId: hanging.accessKeyId });
  const sent = await Promise.all(
    Array.from({ length: 80 }, (_, i) => client(healthy.token).send({ contactId: String(5_000 + i) })),
  );
  const delivered = await Promise.all(sent.map(({ id }) => ended(client(healthy.token), id)));

  expect(new Set(delivered.map(({ status }) => status))).toEqual(new Set(["delivered"]));
  // The first attempts still hang: what the neighbours got, they got beside them.
  expect(simulator.signals({ accessKeyId: hanging.accessKeyId })).toHaveLength(SHARE);
  const now = await Promise.all(stuck.map(({ id }) => client(hanging.token).get(id)));
  expect(now.filter(({ status }) => status === "sending")).toHaveLength(SHARE);
  expect(now.filter(({ waitingFor }) => waitingFor === "share").length).toBeGreaterThan(0);
});

it("lets ten thousand that waited for a pause go at their connector's rate, and others pass", {
  timeout: 240_000,
}, async () => {
  const { client, createConnector, startWorker, simulator, redis, connectors, shards } = await setup();
  const rate = { perSecond: 200, burst: 50 };
  const crowded = await createConnector({ delivery: { rate, deadlineMs: 3_600_000 } });
  const healthy = await createConnector();
  await connectors.pauseEverything({ paused: true });
  await startWorker();
  for (let batch = 0; batch < WAITING / 100; batch++) {
    await client(crowded.token).sendBatch(
      Array.from({ length: 100 }, (_, i) => ({ contactId: String(10_000 + batch * 100 + i) })),
    );
  }
  await expect
    .poll(() => redis.zcard(`${shards.tags[0]}:parked:${crowded.connector.id}`), { timeout: 120_000 })
    .toBe(WAITING);
  expect(simulator.signals()).toEqual([]);

  await connectors.pauseEverything({ paused: false });
  await simulator.untilSignals(1);
  for (let i = 1; i <= 20; i++) {
    const other = await ended(client(healthy.token), (await client(healthy.token).send({ contactId: String(i) })).id);
    expect(other.status).toBe("delivered");
  }
  const passed = simulator.signals({ accessKeyId: crowded.accessKeyId }).length;
  expect(passed).toBeLessThan(WAITING);
  await simulator.untilSignals(1_000, { accessKeyId: crowded.accessKeyId });

  const times = simulator.signals({ accessKeyId: crowded.accessKeyId }).map(({ at }) => at);
  expect(times.length).toBeGreaterThanOrEqual(1_000);
  // What leaves may arrive closer together than it was promised, by the little that a loaded machine holds it up; a
  // burst is far beyond.
  expect(busiestSecond(times)).toBeLessThanOrEqual(2 * (rate.perSecond + rate.burst));
});

/** The most events in any one second; `times` are epoch milliseconds in order. */
function busiestSecond(times: readonly number[]): number {
  let most = 0;
  let first = 0;
  times.forEach((at, last) => {
    while ((times[first] ?? at) <= at - 1_000) first += 1;
    most = Math.max(most, last - first + 1);
  });
  return most;
}
