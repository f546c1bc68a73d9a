import { Refusal } from "@baton/domain";
import { expect, it } from "vitest";
import { createLoginLimit } from "./login-limit.ts";

function setup() {
  let now = 1_000_000;
  const limit = createLoginLimit(() => now);
  /** How long `who` must wait; 0: not at all. */
  function waitOf(who: string): number {
    try {
      limit.admit(who);
      return 0;
    } catch (error) {
      if (!(error instanceof Refusal) || error.code !== "too-many-requests") throw error;
      return error.retryAfterMs ?? Number.NaN;
    }
  }
  /** How many failures `who` gets in until refused. */
  function fails(who: string): number {
    let count = 0;
    for (; waitOf(who) === 0; count++) limit.recordFailure(who);
    return count;
  }
  return {
    limit,
    waitOf,
    fails,
    wait: (ms: number) => {
      now += ms;
    },
  };
}

it("refuses an address that failed twenty times, and no other", () => {
  const { fails, waitOf } = setup();
  expect(fails("203.0.113.7")).toBe(20);
  expect(waitOf("203.0.113.8")).toBe(0);
});

it("says how long to wait, and after that takes one more", () => {
  const { fails, waitOf, wait } = setup();
  fails("a");
  expect(waitOf("a")).toBe(3_000);
  wait(2_999);
  expect(waitOf("a")).toBe(1);
  wait(1);
  expect(fails("a")).toBe(1);
  wait(60_000);
  expect(fails("a")).toBe(20);
});

it("remembers a bounded number, and forgets the oldest first", () => {
  const { limit, fails, waitOf } = setup();
  fails("first");
  for (let i = 0; i < 9_999; i++) limit.recordFailure(`other ${i}`);
  expect(waitOf("first")).toBe(3_000);
  limit.recordFailure("one more");
  expect(waitOf("first")).toBe(0);
});
