/** Filling Redis with many handoffs, by loaders beside the processes. */
import { fork } from "node:child_process";
import { join } from "node:path";
import type { Child } from "@baton/chaos/child-process";

/** Two keep one Redis busy; for less than this, one is sooner done than the second has started. */
const LOADERS = 2;
const FEW = 5_000;

/**
 * fillWithHandoffs resolves once all are there; it takes minutes for a million. The worker stands still meanwhile: it
 * would take what the loaders are to end.
 */
export async function fillWithHandoffs(order: FillOrder, worker: Pick<Child, "signal">): Promise<void> {
  worker.signal("SIGSTOP");
  try {
    await loadAll(order);
  } finally {
    worker.signal("SIGCONT");
  }
}

async function loadAll(order: FillOrder): Promise<void> {
  const loaders = order.count < FEW ? 1 : LOADERS;
  const each = Math.ceil(order.count / loaders);
  const shares = Array.from({ length: loaders }, (_, index) => ({
    ...order,
    firstContact: order.firstContact + index * each,
    count: Math.min(each, Math.max(0, order.count - index * each)),
  }));
  await Promise.all(shares.filter(({ count }) => count > 0).map(load));
}

function load(order: FillOrder): Promise<void> {
  const child = fork(join(import.meta.dirname, "fill-process.ts"), { execArgv: ["--conditions=@baton/source"] });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  child.once("message", (answer: FillAnswer) => {
    if ("error" in answer) reject(new Error(`a loader: ${answer.error}`));
    else resolve();
  });
  child.once("exit", (code) => reject(new Error(`a loader ended (${code})`)));
  child.send(order);
  return promise.finally(() => child.kill("SIGKILL"));
}

/**
 * Leftover of a handoff that a loader took through the store's own scripts: `held` by its connector's pause, with its
 * job at the deadline; `dead`, refused by CXone, in the index of dead letters; `ended`, delivered.
 */
export type Leftover = "held" | "dead" | "ended";

export interface FillOrder {
  readonly redisPort: number;
  readonly namespace: string;
  readonly keyring: string;
  readonly connectorIds: readonly string[];
  readonly leftover: Leftover;
  readonly firstContact: number;
  readonly count: number;
}

export type FillAnswer = { readonly left: number } | { readonly error: string };
