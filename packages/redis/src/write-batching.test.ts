import type { PassThrough } from "node:stream";
import { expect, it } from "vitest";
import { openTestRedis } from "../testing/redis.ts";

it("writes the commands of one turn together, and waits for none of another turn", async () => {
  const redis = await openTestRedis();
  if (!("stream" in redis)) throw new Error("expected a single Redis");
  const writes: number[] = [];
  const { _writev: writev } = redis.stream as unknown as PassThrough;
  if (writev === undefined) throw new Error("a socket writes many chunks at once");
  (redis.stream as unknown as PassThrough)._writev = (chunks, done) => {
    writes.push(chunks.length);
    writev.call(redis.stream, chunks, done);
  };
  expect(await Promise.all([redis.ping("a"), Promise.resolve().then(() => redis.ping("b")), redis.ping("c")])).toEqual([
    "a",
    "b",
    "c",
  ]);
  expect(writes).toEqual([3]);
  expect(await redis.ping("d")).toBe("d");
});
