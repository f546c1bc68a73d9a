/** Start: from `baton up` to ready, on an empty data folder. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { startChild } from "@baton/chaos/child-process";
import getPort from "get-port";
import { ROOT } from "../contenders/start-node.ts";
import { type Figure, figureOf, formatFigure } from "../figure.ts";
import { atMost, type PartOptions, type Section } from "../section.ts";

/** How often readiness is asked for, and for how long at most. Milliseconds. */
const POLL_MS = 5;
const TIMEOUT_MS = 60_000;
const APPS = ["INGRESS", "ADMIN", "WORKER"] as const;

/** measureStartup starts and ends `baton up` once a turn; it brings its own Redis. */
export async function measureStartup({ turns, say }: PartOptions): Promise<Section> {
  const readyMs: number[] = [];
  for (let turn = 0; turn < turns; turn++) {
    readyMs.push(await startOnce());
    say(`start, turn ${turn + 1}: ${readyMs.at(-1)?.toFixed(0)} ms`);
  }
  const figure = figureOf(readyMs);
  return {
    title: "Start",
    text: describe(figure, turns),
    targets: [targetOf(figure)],
    faults: [],
    figures: { readyMs },
  };
}

async function startOnce(): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), "baton-bench-"));
  const ports = await Promise.all(APPS.map(() => getPort({ host: "127.0.0.1" })));
  const env = Object.fromEntries(APPS.map((app, index) => [`BATON_${app}_PORT`, String(ports[index])]));
  const startedAt = performance.now();
  const command = [process.execPath, join(ROOT, "apps/cli/bin/baton.mjs"), "up", "--data", join(folder, "data")];
  const child = startChild({ command, env, logFile: join(folder, "up.log") });
  try {
    await Promise.all(ports.map((port) => untilReady(port, startedAt + TIMEOUT_MS)));
    return performance.now() - startedAt;
  } finally {
    // Asked, not killed: it has a Redis to close.
    child.signal("SIGTERM");
    await child.ended;
    rmSync(folder, { recursive: true, force: true });
  }
}

async function untilReady(port: number, giveUpAt: number): Promise<void> {
  for (;;) {
    const answer = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => undefined);
    if (answer?.ok === true) return;
    if (performance.now() > giveUpAt) throw new Error(`nothing is ready on port ${port} after ${TIMEOUT_MS} ms`);
    await sleep(POLL_MS);
  }
}

function describe(figure: Figure, turns: number): string {
  return `From starting the process \`baton up\` on an empty data folder until \`/readyz\` of ingress, admin and worker is 200; it starts a Redis and makes
its keys on the way. Median of ${turns} starts, least and most in brackets: **${formatFigure(figure)} ms**.`;
}

function targetOf({ median }: Figure) {
  return atMost("`baton up` ready", median / 1_000, { limit: 1.5, unit: " s" });
}
