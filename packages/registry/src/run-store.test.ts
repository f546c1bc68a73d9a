import { randomBytes } from "node:crypto";
import { registryHashTag } from "@baton/redis/shards";
import { expect, it } from "vitest";
import { openTestRedis } from "../../redis/testing/redis.ts";
import { createRunStore } from "./run-store.ts";

const SCOPE = { filter: {}, includeUnknown: false, skipEndedContacts: false };

it("forgets a plan that was not started, also where its process died before it was to expire", async () => {
  const redis = await openTestRedis();
  const namespace = `t${randomBytes(6).toString("hex")}`;
  const runs = createRunStore(redis, namespace);
  const key = `${registryHashTag(namespace)}:run:p1`;
  await runs.beginPlan("p1", 1);
  await runs.keepPlan("p1", { kind: "replay", ...SCOPE, matched: 3 });
  expect(await redis.pttl(key)).toBeGreaterThan(0);
  await redis.persist(key);

  expect(await runs.endedPlans(Date.now(), 10)).toEqual(["p1"]);
  await runs.forgetPlan("p1");
  expect([await redis.exists(key), await runs.endedPlans(Date.now(), 10)]).toEqual([0, []]);
});
