/**
 * Reconciling: live handoffs whose moment was missed get a job where they have none, and end where their time is up.
 */
import { FROM_START, type ReconcileCursor, type Reconciled } from "@baton/store";

/** OVERDUE_MS: a job this late has been lost, or its worker is dead. (docs/architecture.md, "What crashes leave") */
const OVERDUE_MS = 5_000;
/** LIMIT of one step and shard. */
const LIMIT = 200;
/** After Redis was away, those who wait to withdraw what they answered 503 come first. Milliseconds. */
const AFTER_OUTAGE_MS = 5_000;

interface Deps {
  readonly maintenance: {
    reconcile(tag: string, options: { from: ReconcileCursor; afterMs: number; limit: number }): Promise<Reconciled>;
  };
  readonly tags: readonly string[];
  /** How long Redis has been there, milliseconds. */
  readonly upForMs: () => number;
  readonly onReconciled: (handoffId: string) => void;
  readonly onFaults: (faults: readonly string[]) => void;
}

/** createReconcile takes one step in each shard; each goes on where the last one stopped. */
export function createReconcile({ maintenance, tags, upForMs, onReconciled, onFaults }: Deps): () => Promise<void> {
  const cursors = new Map<string, ReconcileCursor>();
  return async () => {
    if (upForMs() < AFTER_OUTAGE_MS) return;
    for (const tag of tags) {
      const from = cursors.get(tag) ?? FROM_START;
      const { next, mended, faults } = await maintenance.reconcile(tag, { from, afterMs: OVERDUE_MS, limit: LIMIT });
      cursors.set(tag, next);
      for (const id of mended) onReconciled(id);
      if (faults.length > 0) onFaults(faults);
    }
  };
}
