import { setTimeout as sleep } from "node:timers/promises";
import { createBatonClient } from "@baton/api";
import type { Redis } from "ioredis";
import { expect, it } from "vitest";
import { startRedisServer } from "./world/redis-server.ts";
import { createWorld, ended, type World } from "./world/world.ts";

const HANDOFFS = 1_000;
const PER_SECOND = 200;

async function setup() {
  // A Redis of its own: the shared one serves other test files at the same time, and would count their commands, too.
  const server = await startRedisServer();
  const world = await createWorld({ BATON_LOG_LEVEL: "info", BATON_REDIS_URL: server.url });
  const { token } = await world.createConnector();
  const { url } = await world.startIngress();
  await world.startWorker();
  const baton = createBatonClient({ ingressUrl: url, token });
  // The first handoff fetches the token and teaches Redis the scripts.
  await ended(baton, (await baton.send({ contactId: "1" })).id);
  return { ...world, baton };
}

it(`takes at most 7 Redis commands an attempt, and a log line for it and for its request, at ${PER_SECOND}/s`, async () => {
  const { baton, redis, logLines } = await setup();
  const monitor = await (redis as Redis).duplicate().monitor();
  let sent = 0;
  monitor.on("monitor", (_time: string, _command: string[], source: string) => {
    if (source !== "lua") sent += 1;
  });
  const statsBefore = await scriptsAndWaits(redis);
  const linesBefore = logLines.length;

  const ids = await Promise.all(
    Array.from({ length: HANDOFFS }, async (_, i) => {
      await sleep((i * 1_000) / PER_SECOND);
      return (await baton.send({ contactId: String(2_000 + i), params: { p1: "Escalate" } })).id;
    }),
  );
  const lines = () => logLines.slice(linesBefore);
  const delivered = () => linesOf(lines(), "attempt").filter(({ status }) => status === "delivered").length;
  await expect.poll(delivered, { timeout: 50_000 }).toBe(HANDOFFS);
  const statsAfter = await scriptsAndWaits(redis);
  monitor.disconnect();

  // A busy machine may let an attempt run out of its time: that is one more, with a line of its own.
  const attempts = (await Promise.all(ids.map((id) => baton.get(id)))).flatMap((handoff) =>
    handoff.attempts.map(() => handoff.id),
  );
  const logged = linesOf(lines(), "attempt").map(({ handoffId }) => String(handoffId));
  expect(logged.toSorted()).toEqual(attempts.toSorted());
  const accepted = linesOf(lines(), "request").filter(({ method, status }) => method === "POST" && status === 202);
  expect(accepted).toHaveLength(HANDOFFS);
  // INFO commandstats counts what scripts call, too; scripts and blocking waits are what Baton sends itself.
  expect((statsAfter - statsBefore) / attempts.length).toBeLessThanOrEqual(7);
  expect(sent / attempts.length).toBeLessThanOrEqual(7);
});

async function scriptsAndWaits(redis: World["redis"]): Promise<number> {
  const stats = await redis.info("commandstats");
  return [...stats.matchAll(/^cmdstat_(?:evalsha|eval|bzpopmin):calls=(\d+)/gm)].reduce(
    (sum, [, calls]) => sum + Number(calls),
    0,
  );
}

function linesOf(lines: readonly string[], msg: string): readonly Readonly<Record<string, unknown>>[] {
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>).filter((line) => line.msg === msg);
}
