import { parseRedisUrl } from "@baton/redis/connection";
import type { RedisServerReport } from "@baton/redis/server-report";
import { expect, inject, it, onTestFinished, vi } from "vitest";
import { checkClockAgainstRedis, checkRedisVersionAndMemory, connectToRedis } from "./check-redis.ts";

const SERVER: RedisServerReport = {
  address: "redis:6379",
  version: "7.0.15",
  usedBytes: 100 * 1_048_576,
  limitBytes: 0,
  replicas: 1,
};

it("finds a version that Baton is not tested with, and memory that is nearly used up", () => {
  const states = (change: Partial<RedisServerReport>) =>
    checkRedisVersionAndMemory({ ...SERVER, ...change }).map(({ state }) => state);
  expect(states({})).toEqual(["good", "good"]);
  expect(states({ version: "6.2.14" })).toEqual(["bad", "good"]);
  expect(states({ version: "8.1.0", limitBytes: 126 * 1_048_576 })).toEqual(["good", "good"]);
  expect(checkRedisVersionAndMemory({ ...SERVER, limitBytes: 125 * 1_048_576 })[1]).toMatchObject({
    state: "bad",
    detail: "redis:6379: 100 MiB of 125 MiB used",
    remedy: expect.stringContaining("maxmemory"),
  });
});

it.each([
  [-90_000, "bad", /^(?:89|90)\d{3} ms behind Redis's$/],
  [90_000, "bad", /^(?:89|90)\d{3} ms ahead of Redis's$/],
  [0, "good", /^\d+ ms (?:behind|ahead of) Redis's$/],
])("finds a clock that is %s ms off", async (offsetMs, state, words) => {
  const access = await connectToRedis(parseRedisUrl(inject("redisUrl")));
  const now = Date.now;
  const skewed = vi.spyOn(Date, "now").mockImplementation(() => now() + offsetMs);
  onTestFinished(() => {
    skewed.mockRestore();
    access.close();
  });
  const [check] = await checkClockAgainstRedis(access, "doctor-test");
  expect(check).toMatchObject({ what: "this machine", state, detail: expect.stringMatching(words) });
});
