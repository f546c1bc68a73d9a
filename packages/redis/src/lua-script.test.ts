import { expect, it } from "vitest";
import { openTestRedis } from "../testing/redis.ts";
import { isRedisUnavailable } from "./connection.ts";
import {
  CommandTimeout,
  createLuaScript,
  readReplyList,
  readReplyNumber,
  readReplyText,
  withCommandTimeout,
} from "./lua-script.ts";

it("says which file is missing where a script does not exist", () => {
  expect(() => createLuaScript(import.meta, "no-such-script")).toThrow(/no-such-script\.lua/);
});

it("waits no longer than its time for a command that is never answered, and calls that an outage", async () => {
  const silence = await withCommandTimeout(new Promise<never>(() => undefined)).catch((error: unknown) => error);
  expect(silence).toBeInstanceOf(CommandTimeout);
  expect(isRedisUnavailable(silence)).toBe(true);
});

it("reads an answer that lay in the socket while the process itself stood still", async () => {
  const redis = await openTestRedis();
  const asked = withCommandTimeout(redis.ping());
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_100);
  expect(await asked).toBe("PONG");
});

it("takes its own slowness for no outage, for as long as Redis answers others", async () => {
  const redis = await openTestRedis();
  const waiting = withCommandTimeout(
    new Promise((resolve) => {
      const turn = async (left: number): Promise<void> => {
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300);
        await withCommandTimeout(redis.ping());
        if (left === 0) resolve("read at last");
        else setImmediate(() => void turn(left - 1));
      };
      setImmediate(() => void turn(5));
    }),
  );
  expect(await waiting).toBe("read at last");
});

it("finds a Redis that says nothing out as soon on a busy process", async () => {
  let turns = 0;
  const busy = setInterval(() => {
    turns += 1;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
  }, 0);
  const silence = await withCommandTimeout(new Promise<never>(() => undefined)).catch((error: unknown) => error);
  clearInterval(busy);
  expect(silence).toBeInstanceOf(CommandTimeout);
  // 800 ms hold eight turns of 100 ms; then come the one in which the time runs out, and the time to catch up.
  expect(turns).toBeLessThanOrEqual(12);
});

it("throws what Redis answered, not that it did not answer", async () => {
  const redis = await openTestRedis();
  const refused = await withCommandTimeout(redis.call("NO-SUCH-COMMAND")).catch((error: unknown) => error);
  expect(isRedisUnavailable(refused)).toBe(false);
});

it("reads the members of a reply, also those that are not there", () => {
  const reply = ["text", 7, "1.5", null, ["nested"]] as const;
  expect([readReplyText(reply, 0), readReplyText(reply, 1), readReplyText(reply, 3), readReplyText(reply, 9)]).toEqual([
    "text",
    "7",
    "",
    "",
  ]);
  expect([readReplyNumber(reply, 1), readReplyNumber(reply, 2), readReplyNumber(reply, 9)]).toEqual([
    7,
    1.5,
    Number.NaN,
  ]);
  expect([readReplyList(reply, 4), readReplyList(reply, 0), readReplyList(reply, 9)]).toEqual([["nested"], [], []]);
});
