/** What a handoff costs in Redis commands, and in lines of the log. */
import { setTimeout as sleep } from "node:timers/promises";
import { createBatonClient } from "@baton/api";
import type { Redis } from "ioredis";
import { expect, it } from "vitest";
import { startRedisServer } from "./world/redis-server.ts";
import { createWorld, ended, type World } from "./world/world.ts";

const HANDOFFS = 1_000;
const PER_SECOND = 200;
/** What a handoff that comes alone takes: accept, place, the worker's wait, claim and settle. Those together share. */
const ALONE = 5;
/** With what goes on by the second, such as heartbeats; a sixth command would show. */
const MAX_COMMANDS = ALONE + 0.5;
/** So many are sent one by one. */
const ONE_BY_ONE = 100;

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

it(`takes at most ${MAX_COMMANDS} Redis commands an attempt, and a log line for it and for its request, at ${PER_SECOND}/s`, async () => {
  const { baton, redis, logLines } = await setup();
  const commands = await watchCommands(redis);
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
  const sent = commands.stop().length;

  // A busy machine may let an attempt run out of its time: that is one more, with a line of its own.
  const attempts = (await Promise.all(ids.map((id) => baton.get(id)))).flatMap((handoff) =>
    handoff.attempts.map(() => handoff.id),
  );
  const logged = linesOf(lines(), "attempt").map(({ handoffId }) => String(handoffId));
  expect(logged.toSorted()).toEqual(attempts.toSorted());
  const accepted = linesOf(lines(), "request").filter(({ method, status }) => method === "POST" && status === 202);
  expect(accepted).toHaveLength(HANDOFFS);
  // INFO commandstats counts what scripts call, too; scripts and blocking waits are what Baton sends itself.
  expect((statsAfter - statsBefore) / attempts.length).toBeLessThanOrEqual(MAX_COMMANDS);
  expect(sent / attempts.length).toBeLessThanOrEqual(MAX_COMMANDS);
});

it(`takes ${ALONE} Redis commands for a handoff that comes alone`, { timeout: 120_000 }, async () => {
  const { baton, redis, logLines } = await setup();
  const commands = await watchCommands(redis);
  for (let i = 0; i < ONE_BY_ONE; i++) {
    const { id } = await baton.send({ contactId: String(5_000 + i) });
    const isDelivered = () => linesOf(logLines, "attempt").some((line) => line.handoffId === id);
    await expect.poll(isDelivered, { timeout: 20_000, interval: 5 }).toBe(true);
  }
  // What Baton sends by the second is less than one a handoff; the last few may not have been shown yet.
  const counts = [...countByKind(commands.stop()).values()].filter((count) => count > 0.9 * ONE_BY_ONE);
  expect(counts).toHaveLength(ALONE);
  expect(counts.reduce((sum, count) => sum + count, 0) / ONE_BY_ONE).toBeLessThan(MAX_COMMANDS);
});

/** watchCommands follows what Redis is sent; what scripts call is left out. */
async function watchCommands(redis: World["redis"]) {
  const monitor = await (redis as Redis).monitor();
  const sent: (readonly string[])[] = [];
  monitor.on("monitor", (_time: string, command: string[], source: string) => {
    if (source !== "lua") sent.push(command);
  });
  return {
    /** Gives what was sent, each command with its arguments. */
    stop() {
      monitor.disconnect();
      return sent;
    },
  };
}

/** countByKind counts commands by their name and first argument: of a script that is its hash. */
function countByKind(commands: readonly (readonly string[])[]): ReadonlyMap<string, number> {
  const kinds = new Map<string, number>();
  for (const command of commands) {
    const kind = command.slice(0, 2).join(" ");
    kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  }
  return kinds;
}

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
