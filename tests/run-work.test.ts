/** How much one script does for a run: no more, however many items the run has. */
import { createBatonClient } from "@baton/api";
import type { Redis } from "ioredis";
import { expect, it, onTestFinished } from "vitest";
import { makeDeadLetters } from "./world/dead-letters.ts";
import { startRedisServer } from "./world/redis-server.ts";
import { createWorld } from "./world/world.ts";

const ITEMS = 2_500;
/** One script runs so many commands at most, and asks for so many entries at once: a part of ITEMS. */
const [MAX_COMMANDS, WIDEST_RANGE] = [1_000, 500] as const;
/** An item's result in the string that keeps those of a connector, and that string's key. */
const RESULT_LENGTH = 15;
const RESULTS = /:run:[^:]+:r:/;
/** The attempts of one handoff are no more than its policy allows, and active jobs no more than workers have slots. */
const BOUNDED = /:l:ho_|:handoffs:active$/;
const RATE = 5_000;
const PAGE = 500;
const LONG_MS = 300_000;

async function setup() {
  const redis = await startRedisServer();
  const world = await createWorld({ BATON_REDIS_URL: redis.url, BATON_LOG_LEVEL: "warn" });
  await makeDeadLetters(world, ITEMS);
  // Nothing asks Redis for anything yet: the driver takes the first line of a busy one for an answer.
  const work = await watchScripts(redis.redis);
  const admin = await world.startAdmin();
  await world.startWorker();
  return { work, operator: createBatonClient({ adminUrl: admin.url, adminKey: admin.key }) };
}

/** Work of the scripts that Redis ran: the most commands of one, and the widest range that any asked for. */
interface Work {
  maxCommands: number;
  widestRange: number;
  /** That range's command. */
  widest: string;
}

/** watchScripts looks at each command that Redis runs: those of scripts come from `lua`, behind their script's own. */
async function watchScripts(redis: Redis) {
  const monitor = await redis.duplicate().monitor();
  const work: Work = { maxCommands: 0, widestRange: 0, widest: "" };
  let commands = 0;
  monitor.on("monitor", (_time: string, command: readonly string[], source: string) => {
    commands = source === "lua" ? commands + 1 : 0;
    work.maxCommands = Math.max(work.maxCommands, commands);
    const range = rangeOf(command);
    if (range > work.widestRange) Object.assign(work, { widestRange: range, widest: command.join(" ") });
  });
  onTestFinished(() => monitor.disconnect());
  return work;
}

/** rangeOf is how many entries of a list, an index or a run's results a command asks for; 0 where it reads no range. */
function rangeOf([name = "", key = "", ...args]: readonly string[]): number {
  if (BOUNDED.test(key)) return 0;
  const limit = args.findIndex((each) => each.toUpperCase() === "LIMIT");
  const [from = 0, to = 0] = args.map(Number);
  switch (name.toUpperCase()) {
    case "LRANGE":
    case "ZRANGE":
    case "ZREVRANGE":
      if (limit >= 0) return Number(args[limit + 2]);
      // Behind the start and before the end: nearly all of them.
      return from < 0 === to < 0 ? to - from + 1 : Number.POSITIVE_INFINITY;
    case "ZRANGEBYSCORE":
    case "ZREVRANGEBYSCORE":
      return limit < 0 ? Number.POSITIVE_INFINITY : Number(args[limit + 2]);
    case "GETRANGE":
      return to < 0 ? Number.POSITIVE_INFINITY : (to - from + 1) / RESULT_LENGTH;
    case "GET":
      return RESULTS.test(key) ? Number.POSITIVE_INFINITY : 0;
    default:
      return 0;
  }
}

it("does as much in one script for a run of many as for a few", { timeout: LONG_MS }, async () => {
  const { operator, work } = await setup();
  const { planId, taken } = await operator.planRun("replay", { all: true });
  expect(taken).toBe(ITEMS);
  const { id } = await operator.startRun("replay", { planId, note: "many", ratePerSecond: RATE });
  let cursor: string | undefined;
  const isCompleted = async () => {
    // Its items are read meanwhile, all of them and those of one result.
    const page = await operator.runItems("replay", id, { limit: PAGE, ...(cursor === undefined ? {} : { cursor }) });
    cursor = page.nextCursor;
    await operator.runItems("replay", id, { limit: PAGE, result: "skipped" });
    return (await operator.run("replay", id)).status;
  };
  await expect.poll(isCompleted, { timeout: LONG_MS, interval: 100 }).toBe("completed");
  expect(work.maxCommands).toBeGreaterThan(0);
  expect(work.maxCommands).toBeLessThanOrEqual(MAX_COMMANDS);
  expect(work.widestRange, work.widest).toBeLessThanOrEqual(WIDEST_RANGE);
});
