/** The table in docs/operations.md by which Redis and processes are sized: it says what was measured. */
import type { Redis } from "ioredis";
import { expect, it } from "vitest";
import { startBaton } from "./world/baton.ts";
import { readGuide, sectionOf } from "./world/guide.ts";
import { type App, startProcess } from "./world/process.ts";
import { eventually, startRedisServer } from "./world/redis-server.ts";
import { createWorld } from "./world/world.ts";

const SIZING = sectionOf(readGuide("docs/operations.md"), "Sizing");
const PERFORMANCE = readGuide("docs/performance.md");
/** Figures are taken on other machines than they are planned for: so far apart, a plan is wrong. */
const FACTOR = 1.5;
/** Enough for Redis's own tables to count for little. */
const DELIVERED = 2_000;
/** The least shards first: their number may only rise. */
const PROCESSES: readonly { readonly row: string; readonly app: App; readonly shards: string }[] = [
  { row: "connections of ingress", app: "ingress", shards: "1" },
  { row: "connections of admin", app: "admin", shards: "1" },
  { row: "connections of worker, 1 shard", app: "worker", shards: "1" },
  { row: "connections of worker, 4 shards", app: "worker", shards: "4" },
];
const PARAMS = { p1: "x".repeat(20), p2: "x".repeat(20), p3: "x".repeat(20), p4: "x".repeat(20) };

/** figureIn gives the first number of a table's row, in the column after its name. */
function figureIn(text: string, row: string): number {
  const line = text.split("\n").find((each) => each.startsWith(`| ${row} |`));
  const [number = ""] = /[\d,.]+/.exec(line?.slice(row.length + 3) ?? "") ?? [];
  if (number === "") throw new Error(`no figure of "${row}"`);
  return Number(number.replaceAll(",", ""));
}

function expectNear(planned: number, measured: number): void {
  expect(planned / measured).toBeLessThan(FACTOR);
  expect(measured / planned).toBeLessThan(FACTOR);
}

it("gives what docs/performance.md measured", () => {
  const perCore = (row: string) => 1_000 / figureIn(PERFORMANCE, row);
  expectNear(figureIn(SIZING, "ingress accepts, per core and second"), perCore("– of it ingress"));
  expectNear(figureIn(SIZING, "worker sends, per core and second"), perCore("– of it worker"));
  expectNear(figureIn(SIZING, "Redis carries, per second"), perCore("– of it redis"));
  expectNear(figureIn(SIZING, "bytes in Redis, queued"), figureIn(PERFORMANCE, "per queued handoff"));
  expectNear(figureIn(SIZING, "bytes in Redis, dead letter"), figureIn(PERFORMANCE, "per dead letter"));
});

it("gives the bytes of a delivered handoff", async () => {
  const server = await startRedisServer();
  const { sendMany, ended } = await startBaton({}, { BATON_REDIS_URL: server.url });
  const deliver = async (count: number) => {
    for (let sent = 0; sent < count; sent += 100) {
      for (const handoff of await sendMany(100, { params: PARAMS })) await ended(handoff);
    }
  };
  await deliver(100);
  const before = await usedBytes(server.redis);
  await deliver(DELIVERED);
  const measured = ((await usedBytes(server.redis)) - before) / DELIVERED;
  process.stderr.write(`${Math.round(measured)} bytes per delivered handoff\n`);
  expectNear(figureIn(SIZING, "bytes in Redis, delivered"), measured);
}, 120_000);

it("gives the connections that each process has to Redis", async () => {
  const server = await startRedisServer();
  const world = await createWorld({ BATON_REDIS_URL: server.url });
  const count = async () => (await clients(server.redis)).length;
  const measured: Record<string, number> = {};
  for (const { row, app, shards } of PROCESSES) {
    const before = await count();
    const running = await startProcess(app, { ...world.env, BATON_SHARDS: shards });
    await eventually(async () => (await fetch(`${running.url}/readyz`)).status, 200);
    measured[row] = (await count()) - before;
    await running.stop();
    await eventually(count, before);
  }
  expect(measured).toEqual(Object.fromEntries(PROCESSES.map(({ row }) => [row, figureIn(SIZING, row)])));
});

async function usedBytes(redis: Redis): Promise<number> {
  return Number(/^used_memory:(\d+)/m.exec(await redis.info("memory"))?.[1]);
}

async function clients(redis: Redis): Promise<readonly string[]> {
  return String(await redis.client("LIST"))
    .trim()
    .split("\n");
}
