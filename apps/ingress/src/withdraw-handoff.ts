/** Withdrawing: what was answered 503 must never be delivered, even where Redis took it and only the answer was lost. */
import { setTimeout as sleep } from "node:timers/promises";

/** How often Redis is asked again. Milliseconds. */
const AGAIN_MS = 200;
/** How often, when Redis took it back and only its replica is behind. Milliseconds. */
const REPLICA_AGAIN_MS = 2_000;
/** After so long nobody can tell any more; the handoff ends by its deadline or is delivered. Milliseconds. */
const GIVE_UP_MS = 120_000;

interface Deps {
  readonly handoffs: { withdraw(id: string, idempotency?: KeyOfConnector): Promise<boolean> };
  /** Resolves once what was taken back would stay so after a failover, too. */
  readonly replicated: (id: string) => Promise<void>;
  /** Called when it was too late: the handoff was begun, or Redis stayed away. */
  readonly onFailed: (id: string, why: "begun" | "unreachable") => void;
  readonly closing: AbortSignal;
}

/** KeyOfConnector is the digest of the idempotency key that a handoff came with. */
export interface KeyOfConnector {
  readonly connectorId: string;
  readonly key: string;
}

export type WithdrawHandoff = (id: string, idempotency?: KeyOfConnector) => Promise<void>;

/** createWithdrawHandoff asks until Redis answers; the reconciler looks at new handoffs only seconds after Redis is back, so this comes first. */
export function createWithdrawHandoff({ handoffs, replicated, onFailed, closing }: Deps): WithdrawHandoff {
  return async (id, idempotency) => {
    const endsAt = performance.now() + GIVE_UP_MS;
    while (performance.now() < endsAt && !closing.aborted) {
      const withdrawn = await handoffs.withdraw(id, idempotency).catch(() => undefined);
      if (withdrawn === false) return onFailed(id, "begun");
      const settled = withdrawn !== undefined && (await isDone(replicated(id)));
      if (settled) return;
      await sleep(withdrawn === undefined ? AGAIN_MS : REPLICA_AGAIN_MS, undefined, { signal: closing }).catch(() => undefined);
    }
    onFailed(id, "unreachable");
  };
}

function isDone(step: Promise<void>): Promise<boolean> {
  return step.then(
    () => true,
    () => false,
  );
}
