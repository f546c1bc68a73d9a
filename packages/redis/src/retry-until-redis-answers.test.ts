import { expect, it } from "vitest";
import { CommandTimeout } from "./lua-script.ts";
import { retryUntilRedisAnswers } from "./retry-until-redis-answers.ts";

const open = new AbortController().signal;

/** failing throws `error` so many times before it answers. */
function failing(times: number, error: unknown) {
  let asked = 0;
  return {
    asked: () => asked,
    ask: async () => {
      if (++asked <= times) throw error;
      return "answer";
    },
  };
}

it("asks again until Redis answers", async () => {
  const { ask, asked } = failing(3, new CommandTimeout("hangs"));
  expect(await retryUntilRedisAnswers(ask)).toBe("answer");
  expect(asked()).toBe(4);
});

it("throws a fault at once: another try would not help", async () => {
  const { ask, asked } = failing(9, new Error("WRONGTYPE Operation against a key"));
  await expect(retryUntilRedisAnswers(ask)).rejects.toThrow("WRONGTYPE");
  expect(asked()).toBe(1);
});

it("gives up an outage when its time is over", async () => {
  const { ask, asked } = failing(1_000, new CommandTimeout("hangs"));
  await expect(retryUntilRedisAnswers(ask, { forMs: 450, closing: open })).rejects.toBeInstanceOf(CommandTimeout);
  expect(asked()).toBeGreaterThan(1);
});

it("gives up an outage when the process closes, but reads an answer that is there", async () => {
  const closing = AbortSignal.abort();
  const { ask, asked } = failing(9, new CommandTimeout("hangs"));
  await expect(retryUntilRedisAnswers(ask, { forMs: 60_000, closing })).rejects.toBeInstanceOf(CommandTimeout);
  expect(asked()).toBe(1);
  expect(await retryUntilRedisAnswers(failing(0, undefined).ask, { forMs: 60_000, closing })).toBe("answer");
});
