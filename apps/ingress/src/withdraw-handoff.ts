/** Withdrawing: what was answered 503 must never be delivered, even where Redis took it and only the answer was lost. */
import { setTimeout as sleep } from "node:timers/promises";

/** How often Redis is asked again. Milliseconds. */
const AGAIN_MS = 200;
/** After so long nobody can tell any more; the handoff ends by its deadline or is delivered. Milliseconds. */
const GIVE_UP_MS = 120_000;

interface Deps {
  readonly handoffs: { withdraw(id: string): Promise<boolean> };
  /** Called when it was too late: the handoff was begun, or Redis stayed away. */
  readonly onFailed: (id: string, why: "begun" | "unreachable") => void;
  readonly closing: AbortSignal;
}

/** createWithdrawHandoff asks until Redis answers; the reconciler looks at new handoffs only seconds after Redis is back, so this comes first. */
export function createWithdrawHandoff({ handoffs, onFailed, closing }: Deps): (id: string) => Promise<void> {
  return async (id) => {
    const endsAt = performance.now() + GIVE_UP_MS;
    while (performance.now() < endsAt && !closing.aborted) {
      const withdrawn = await handoffs.withdraw(id).catch(() => undefined);
      if (withdrawn === false) onFailed(id, "begun");
      if (withdrawn !== undefined) return;
      await sleep(AGAIN_MS, undefined, { signal: closing }).catch(() => undefined);
    }
    onFailed(id, "unreachable");
  };
}
