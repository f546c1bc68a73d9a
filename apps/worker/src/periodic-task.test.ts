import { CommandTimeout } from "@baton/redis/lua-script";
import { expect, it, onTestFinished } from "vitest";
import { PeriodicTask } from "./periodic-task.ts";

function start(once: (round: number) => Promise<void>) {
  const errors: unknown[] = [];
  let begun = 0;
  const rounds = new PeriodicTask({ intervalMs: 5, once: () => once(++begun), onError: (error) => errors.push(error) });
  rounds.start();
  onTestFinished(() => rounds.close());
  return { rounds, errors, begun: () => begun };
}

const tick = () => new Promise<void>((resolve) => setTimeout(resolve, 20));

it("goes round again and again, one at a time", async () => {
  let running = 0;
  let most = 0;
  const { begun } = start(async () => {
    most = Math.max(most, ++running);
    await tick();
    running--;
  });
  await expect.poll(begun).toBeGreaterThan(3);
  expect(most).toBe(1);
});

it("goes on after a round that failed, and reports it, but no outage of Redis", async () => {
  const { begun, errors } = start(async (round) => {
    if (round === 1) throw new Error("a fault");
    if (round === 2) throw new CommandTimeout("hangs");
  });
  await expect.poll(begun).toBeGreaterThan(3);
  expect(errors.map(String)).toEqual(["Error: a fault"]);
});

it("waits for the round that runs when it is closed, and begins no other", async () => {
  let finish = () => {};
  let finished = false;
  const { rounds, begun } = start(async () => {
    await new Promise<void>((resolve) => {
      finish = resolve;
    });
    finished = true;
  });
  await expect.poll(begun).toBe(1);
  const closed = rounds.close();
  finish();
  await closed;
  expect(finished).toBe(true);
  await tick();
  expect(begun()).toBe(1);
});

it("closes before its first round, and twice", async () => {
  const { rounds, begun } = start(async () => undefined);
  await rounds.close();
  await rounds.close();
  await tick();
  expect(begun()).toBe(0);
});
