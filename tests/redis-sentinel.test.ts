/** Redis behind Sentinel: Baton follows the master wherever it goes. */
import { openRedis, parseRedisUrl, waitForConnection } from "@baton/redis/connection";
import { expect, it, onTestFinished } from "vitest";
import { startBatonOn } from "./world/baton-on-redis.ts";
import { eventually } from "./world/redis-server.ts";
import { startSentinel } from "./world/sentinel.ts";
import { NOTHING_WRONG, startTraffic } from "./world/traffic.ts";

const PER_SECOND = 50;
const SOME = 100;
/** CXone takes so long, so that signals are under way when the master changes. Milliseconds. */
const SIGNAL_MS = 200;
/**
 * Sentinel's failovers go on while the old master still takes writes: only what a replica has is sure to survive them.
 */
const REPLICATED = { environment: { BATON_DURABILITY: "replicated" } };
const PATIENCE_MS = 150_000;

async function setup() {
  const sentinel = await startSentinel();
  const baton = await startBatonOn(sentinel.url, REPLICATED);
  baton.simulator.answer({ delayMs: SIGNAL_MS });
  return { sentinel, baton, readiness: async (url: string) => (await fetch(`${url}/readyz`)).status };
}

it(
  "loses nothing that was accepted in a planned failover in the middle of traffic, and goes on",
  async () => {
    const { sentinel, baton, readiness } = await setup();
    const traffic = startTraffic(baton.client, PER_SECOND);
    await traffic.untilMore("accepted", SOME);
    await sentinel.failOver();
    await traffic.untilMore("accepted", SOME);
    const ledger = await baton.settle(await traffic.stop());
    expect(ledger).toMatchObject(NOTHING_WRONG);
    expect(ledger.delivered).toBe(ledger.accepted);
    for (const { url } of [baton.ingress, baton.worker]) await eventually(() => readiness(url), 200);
  },
  PATIENCE_MS,
);

it.each([
  { name: "is killed", strike: "kill", revive: "start" },
  { name: "hangs", strike: "hang", revive: "resume" },
] as const)(
  "loses nothing that was accepted when the master $name, and follows its successor",
  async ({ strike, revive }) => {
    const { sentinel, baton } = await setup();
    const traffic = startTraffic(baton.client, PER_SECOND);
    await traffic.untilMore("accepted", SOME);
    await sentinel.master[strike]();
    await sentinel.untilFailedOver();
    await sentinel.master[revive]();
    await traffic.untilMore("accepted", SOME);
    const ledger = await baton.settle(await traffic.stop());
    expect(ledger).toMatchObject(NOTHING_WRONG);
    expect(ledger.delivered).toBe(ledger.accepted);
  },
  PATIENCE_MS,
);

it("comes back where a failover is announced while it asks the sentinels", async () => {
  const sentinel = await startSentinel();
  const redis = openRedis(parseRedisUrl(sentinel.url), "scripts").on("error", () => undefined);
  onTestFinished(() => redis.disconnect());
  await waitForConnection(redis);
  const ended = new Promise<void>((resolve) => redis.once("end", resolve));
  // As the driver does when a sentinel announces a new master.
  redis.once("connecting", () => Reflect.get(redis, "connector").disconnect());
  redis.disconnect(true);
  await ended;
  await eventually(() => redis.ping().catch(() => "away"), "PONG");
});
