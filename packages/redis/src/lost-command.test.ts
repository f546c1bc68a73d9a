/** What becomes of a command that Redis ran, and whose answer was lost with the connection. */
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { Redis } from "ioredis";
import { expect, it, onTestFinished } from "vitest";
import { openTestRedis } from "../testing/redis.ts";
import { isRedisUnavailable, type RedisUse } from "./connection.ts";

const POLL = { timeout: 20_000 };

/**
 * Has Redis run a command on a connection that is lost before the answer is read, and waits until there is another
 * connection.
 */
async function loseAnAnswer(use: RedisUse) {
  const other = await openTestRedis();
  const redis = await openTestRedis(use);
  if (!(redis instanceof Redis)) throw new Error("a single Redis was opened");
  const key = `pushed:${randomUUID()}`;
  onTestFinished(async () => void (await other.del(key)));
  const length = () => other.llen(key);
  redis.stream.pause();
  const asked = redis.rpush(key, "once").catch((error: unknown) => error);
  await expect.poll(length, POLL).toBe(1);
  const back = once(redis, "ready");
  redis.stream.destroy();
  await back;
  // Whatever is sent again was sent before this.
  await redis.ping();
  return { answer: await asked, length: await length() };
}

it.each(["scripts", "replication"] as const)(
  "is not sent again on a connection for %s: it may have run",
  async (use) => {
    const { answer, length } = await loseAnAnswer(use);
    expect(length).toBe(1);
    expect(isRedisUnavailable(answer)).toBe(true);
  },
);

it("is sent again on a blocking connection, where every step may run twice", async () => {
  expect(await loseAnAnswer("blocking")).toEqual({ answer: 2, length: 2 });
});
