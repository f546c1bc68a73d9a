import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { type App, startProcess } from "./world/process.ts";
import { createWorld } from "./world/world.ts";

/** How long it is watched, and how long a started process takes to become idle. Milliseconds. */
const WATCHED_MS = 2_000;
const SETTLED_MS = 1_500;

it.for<App>(["ingress", "worker", "admin"])("wakes an idle %s fewer than eighty times a second", async (app) => {
  const { env } = await createWorld();
  const { child } = await startProcess(app, env);
  await sleep(SETTLED_MS);
  const before = sleepsOf(child.pid);
  // A slow machine sleeps longer, which makes the count less.
  await sleep(WATCHED_MS);
  expect((sleepsOf(child.pid) - before) / (WATCHED_MS / 1_000)).toBeLessThan(80);
});

/** sleepsOf counts how often a process's main thread has gone to sleep; each time something woke it. */
function sleepsOf(pid: number | undefined): number {
  const [, count] = /^voluntary_ctxt_switches:\s+(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return Number(count);
}
