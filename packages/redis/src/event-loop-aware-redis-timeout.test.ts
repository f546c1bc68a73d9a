import { expect, it, vi } from "vitest";
import { nowWithoutEventLoopLag } from "./event-loop-aware-redis-timeout.ts";

it("ticks while it is used, and stops once nothing has used it for a while", async () => {
  const [started, stopped] = [vi.spyOn(globalThis, "setInterval"), vi.spyOn(globalThis, "clearInterval")];
  nowWithoutEventLoopLag();
  const ticker = started.mock.results[0]?.value;
  expect(ticker).toBeDefined();
  const hasStopped = () => stopped.mock.calls.some(([timer]) => timer === ticker);
  await expect.poll(hasStopped, { timeout: 30_000 }).toBe(true);

  nowWithoutEventLoopLag();
  expect(started).toHaveBeenCalledTimes(2);
});
