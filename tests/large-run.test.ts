/** A run of many: no command of Redis is long, and neither admin nor worker keeps more, however many it takes. */
import { setTimeout } from "node:timers/promises";
import { createBatonClient } from "@baton/api";
import { expect, it } from "vitest";
import { makeDeadLetters } from "./world/dead-letters.ts";
import { startProcess } from "./world/process.ts";
import { startRedisServer } from "./world/redis-server.ts";
import { createWorld } from "./world/world.ts";

/** By hand more: BATON_TEST_RUN=100000, which takes some minutes and wants a machine that does nothing else. */
const BY_HAND = process.env.BATON_TEST_RUN;
const ITEMS = Number(BY_HAND ?? 2_000);
/**
 * No command may take longer, as Redis's own clock has it. Beside other tests one also waits for its core, which is
 * none of its own time. Milliseconds.
 */
const SLOW_MS = BY_HAND === undefined ? 200 : 20;
/** Eighty bytes an item of a hundred thousand: less than one id with its result takes in Node. */
const GROWTH_BYTES = 8_000_000;
const RATE = 5_000;
/** A process that collects its garbage by itself: what it uses then is what it keeps. */
const COLLECTS = {
  NODE_OPTIONS: "--expose-gc --import=data:text/javascript,setInterval(()=>globalThis.gc(),500).unref()",
};
const LOOK_MS = 250;
const READS_BEFORE = 8;
const PAGE = 500;
const LONG_MS = 1_200_000;

/** startMany has `ITEMS` dead letters of one connector, and admin and worker as processes of their own. */
async function startMany() {
  const redis = await startRedisServer(["--slowlog-log-slower-than", "0", "--slowlog-max-len", "10"]);
  const world = await createWorld({ BATON_REDIS_URL: redis.url });
  await makeDeadLetters(world, ITEMS);
  await redis.redis.config("SET", "slowlog-log-slower-than", SLOW_MS * 1_000, "slowlog-max-len", 100);
  await redis.redis.slowlog("RESET");
  const [admin, worker] = [
    await startProcess("admin", { ...world.env, ...COLLECTS }),
    await startProcess("worker", { ...world.env, ...COLLECTS }),
  ];
  const operator = createBatonClient({ adminUrl: admin.url, adminKey: world.env.BATON_ADMIN_KEY });
  return { ...world, redis: redis.redis, operator, heaps: [watchHeap(admin.url), watchHeap(worker.url)] };
}

/** watchHeap reads how much of a process's heap is in use, and keeps the least it had before the run. */
function watchHeap(url: string) {
  const read = async (): Promise<number> => {
    const text = await (await fetch(`${url}/metrics`)).text();
    return Number(/^nodejs_heap_size_used_bytes (\S+)$/m.exec(text)?.[1]);
  };
  const before = Array.from({ length: READS_BEFORE }, async (_, at) => {
    await setTimeout(at * LOOK_MS);
    return read();
  });
  return {
    before: Promise.all(before),
    /** How much more it has now: much amid the work, and back to what it keeps once its garbage is collected. */
    async growth(): Promise<number> {
      return (await read()) - Math.min(...(await Promise.all(before)));
    },
  };
}

it(`replays ${ITEMS.toLocaleString("en-US")} dead letters, each once, in short commands and without keeping them`, {
  timeout: LONG_MS,
}, async () => {
  const { operator, redis, heaps, simulator } = await startMany();
  const { planId, taken } = await operator.planRun("replay", { all: true });
  expect(taken).toBe(ITEMS);
  await Promise.all(heaps.map(({ before }) => before));
  const { id } = await operator.startRun("replay", { planId, note: "many", ratePerSecond: RATE });
  let cursor: string | undefined;
  const isCompleted = async () => {
    // Its items are read meanwhile.
    const page = await operator.runItems("replay", id, { limit: PAGE, ...(cursor === undefined ? {} : { cursor }) });
    cursor = page.nextCursor;
    return operator.run("replay", id);
  };
  await expect
    .poll(isCompleted, { timeout: LONG_MS, interval: LOOK_MS })
    .toMatchObject({ status: "completed", replayed: ITEMS, delivered: ITEMS, skipped: 0 });

  const times = [...Map.groupBy(simulator.signals(), ({ contactId }) => contactId).values()];
  expect([times.length, times.filter(({ length }) => length > 1).length]).toEqual([ITEMS, 0]);
  for (const heap of heaps)
    await expect.poll(heap.growth, { timeout: LONG_MS, interval: LOOK_MS }).toBeLessThan(GROWTH_BYTES);
  expect(await slowCommands(redis)).toEqual([]);
});

/** slowCommands gives what took Redis longer than SLOW_MS, in words. */
async function slowCommands(redis: Awaited<ReturnType<typeof startMany>>["redis"]): Promise<readonly string[]> {
  const entries = (await redis.slowlog("GET", 100)) as [number, number, number, string[]][];
  return entries.map(([, , micros, command]) => `${micros / 1_000} ms: ${command.join(" ").slice(0, 100)}`);
}
