import { expect, it, vi } from "vitest";

it("ticks while it is used, and stops once nothing has used it for a while", async () => {
  // A clock of its own, by an address of its own: the tests before may still use theirs.
  const path = "./event-loop-aware-redis-timeout.ts?own";
  const { nowWithoutEventLoopLag }: typeof import("./event-loop-aware-redis-timeout.ts") = await import(path);
  const [started, stopped] = [vi.spyOn(globalThis, "setInterval"), vi.spyOn(globalThis, "clearInterval")];
  const startedByUse = () => {
    const before = started.mock.results.length;
    nowWithoutEventLoopLag();
    return started.mock.results.slice(before).map(({ value }) => value as NodeJS.Timeout);
  };
  const [ticker] = startedByUse();
  expect(ticker).toBeDefined();
  const hasStopped = () => stopped.mock.calls.some(([timer]) => timer === ticker);
  await expect.poll(hasStopped, { timeout: 30_000 }).toBe(true);
  expect(startedByUse()).toHaveLength(1);
});
