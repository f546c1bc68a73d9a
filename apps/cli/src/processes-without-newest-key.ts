/** The running processes that lack the key that everything is about to be sealed under: none of them may be left. */
import { setTimeout as sleep } from "node:timers/promises";
import { PRESENT_MS } from "@baton/registry/process-heartbeat";
import type { PresentProcess, ProcessStore } from "@baton/registry/process-store";
import type { Keyring } from "@baton/vault";
import { describeProcessesWithPids } from "./doctor/check-processes-for-missing-keys.ts";

/** While a process without the key shows itself, this is how often it is looked for. Milliseconds. */
const LOOK_AGAIN_MS = 500;

interface Deps {
  readonly processes: Pick<ProcessStore, "present">;
  readonly keyring: Keyring;
}

/**
 * requireNewestKeyInAllProcesses throws an Error while a process is running that lacks the ring's newest key: it could
 * open nothing that is sealed under it. A process that has just ended still counts as running, so it looks until that
 * is over.
 */
export async function requireNewestKeyInAllProcesses({ processes, keyring }: Deps): Promise<void> {
  const { id } = keyring.newest;
  const endsAt = performance.now() + PRESENT_MS;
  for (;;) {
    const withoutKey = (await processes.present()).filter(({ keyIds }) => !keyIds.includes(id));
    if (withoutKey.length === 0) return;
    if (performance.now() >= endsAt) throw new Error(describeWithoutKey(id, withoutKey));
    await sleep(LOOK_AGAIN_MS);
  }
}

function describeWithoutKey(keyId: string, withoutKey: readonly PresentProcess[]): string {
  const byRole = [...Map.groupBy(withoutKey, ({ role }) => role).values()];
  const who = byRole.map(describeProcessesWithPids).join(", ");
  const lack = withoutKey.length === 1 ? "lacks" : "lack";
  return [
    `nothing was moved: ${who} ${lack} the key ${keyId}, and could not open what is sealed under it.`,
    `Put ${keyId} into every process's BATON_KEYRING, behind its own first, and restart them; then put it in front,`,
    "and restart them again; then run this again",
  ].join(" ");
}
