import { expect, it } from "vitest";
import { openTestRedis } from "../testing/redis.ts";
import { readFullestMasterMemory } from "./server-report.ts";

it("reads Redis's memory and its limit in bytes", async () => {
  const { usedBytes, limitBytes } = await readFullestMasterMemory(await openTestRedis());
  expect(usedBytes).toBeGreaterThan(100_000);
  expect(limitBytes).toBeGreaterThanOrEqual(0);
});
