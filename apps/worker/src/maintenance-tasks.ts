/**
 * Maintenance, done again and again by every worker. Reconcile: live handoffs whose moment was missed get a job where
 * they have none, and end where their time is up. Prune: what was kept long enough goes, in small steps. Notes: an
 * attempt whose worker died, or a handoff that died while no worker had it, is counted and logged.
 */
import { RUN_KINDS } from "@baton/domain";
import {
  RECONCILE_START,
  type ReconcileCursor,
  type ReconcileResult,
} from "@baton/handoffs/reconcile-and-prune-handoffs";
import type { RunItemStore } from "@baton/handoffs/run-item-store";
import type { UnreportedEvent } from "@baton/handoffs/worker-attempt-store";
import type { RunStore } from "@baton/registry/run-store";

/** OVERDUE_MS: a job this late has been lost, or its worker is dead. (docs/architecture.md, "What crashes leave") */
const OVERDUE_MS = 5_000;
/** RECONCILE_LIMIT of one step and shard. */
const RECONCILE_LIMIT = 200;
/** After Redis was away, those who wait to withdraw what they answered 503 come first. Milliseconds. */
const AFTER_OUTAGE_MS = 5_000;

interface ReconcileDeps {
  readonly maintenance: {
    reconcile(
      tag: string,
      options: { from: ReconcileCursor; afterMs: number; limit: number },
    ): Promise<ReconcileResult>;
  };
  readonly tags: readonly string[];
  /** How long Redis has been there, milliseconds. */
  readonly upForMs: () => number;
  readonly onReconciled: (handoffId: string) => void;
  readonly onFaults: (faults: readonly string[]) => void;
}

/** createReconcileOverdueHandoffs takes one step in each shard; each goes on where the last one stopped. */
export function createReconcileOverdueHandoffs({
  maintenance,
  tags,
  upForMs,
  onReconciled,
  onFaults,
}: ReconcileDeps): () => Promise<void> {
  const cursors = new Map<string, ReconcileCursor>();
  return async () => {
    if (upForMs() < AFTER_OUTAGE_MS) return;
    for (const tag of tags) {
      const from = cursors.get(tag) ?? RECONCILE_START;
      const { next, repaired, faults } = await maintenance.reconcile(tag, {
        from,
        afterMs: OVERDUE_MS,
        limit: RECONCILE_LIMIT,
      });
      cursors.set(tag, next);
      for (const id of repaired) onReconciled(id);
      if (faults.length > 0) onFaults(faults);
    }
  };
}

/** PRUNE_LIMIT of one script: a few milliseconds of Redis's time. */
const PRUNE_LIMIT = 50;
/** PRUNE_STEPS at a time: every two seconds, 2,500 handoffs a second, more than one Redis takes in. */
const PRUNE_STEPS = 100;

interface PruneDeps {
  readonly maintenance: {
    prune(tag: string, set: "ended" | "dead", options: { before: number; limit: number }): Promise<number>;
  };
  readonly audit: { prune(before: number, limit: number): Promise<number> };
  readonly tags: readonly string[];
  readonly retentionMs: { readonly ended: number; readonly dead: number; readonly audit: number };
  readonly now: () => number;
  readonly closing: AbortSignal;
}

/** createPruneOldRecords looks at all shards and the audit once. */
export function createPruneOldRecords({
  maintenance,
  audit,
  tags,
  retentionMs,
  now,
  closing,
}: PruneDeps): () => Promise<void> {
  /** removeInSteps goes on for as long as there is a step's worth to remove. */
  async function removeInSteps(removeSome: () => Promise<number>): Promise<void> {
    for (let step = 0; step < PRUNE_STEPS && !closing.aborted; step++) if ((await removeSome()) < PRUNE_LIMIT) return;
  }

  return async () => {
    for (const tag of tags) {
      for (const set of ["ended", "dead"] as const) {
        await removeInSteps(() =>
          maintenance.prune(tag, set, { before: now() - retentionMs[set], limit: PRUNE_LIMIT }),
        );
      }
    }
    await removeInSteps(() => audit.prune(now() - retentionMs.audit, PRUNE_LIMIT));
  };
}

/** FORGET_LIMIT of one step: plans, and runs of each kind. */
const FORGET_LIMIT = 20;

interface ForgetDeps {
  readonly runs: Pick<RunStore, "endedPlans" | "forgetPlan" | "endedBefore" | "change">;
  readonly runItems: Pick<RunItemStore, "forget">;
  /** How long a run is kept after its end, milliseconds. */
  readonly retentionMs: number;
  /** Epoch milliseconds on Redis's clock. */
  readonly now: () => number;
}

/** createForgetOldRunsAndPlans removes plans that were not started, and runs that ended long ago: the items first. */
export function createForgetOldRunsAndPlans({ runs, runItems, retentionMs, now }: ForgetDeps): () => Promise<void> {
  return async () => {
    for (const plan of await runs.endedPlans(now(), FORGET_LIMIT)) {
      await runItems.forget(plan);
      await runs.forgetPlan(plan);
    }
    for (const kind of RUN_KINDS) {
      for (const run of await runs.endedBefore(kind, now() - retentionMs, FORGET_LIMIT)) {
        await runItems.forget(run);
        await runs.change(run, kind, { change: "forget" });
      }
    }
  };
}

/** EVENTS_LIMIT of one step: as many as one worker can have had in flight, and more. */
const EVENTS_LIMIT = 500;

interface EventsDeps {
  readonly handoffs: { takeUnreportedEvents(tag: string, limit: number): Promise<readonly UnreportedEvent[]> };
  readonly tags: readonly string[];
  readonly onEvent: (event: UnreportedEvent) => void;
}

/** createReportInterruptionsAndDeaths looks at all shards once; of all workers, one is given each event. */
export function createReportInterruptionsAndDeaths({ handoffs, tags, onEvent }: EventsDeps): () => Promise<void> {
  return async () => {
    for (const tag of tags) {
      for (const event of await handoffs.takeUnreportedEvents(tag, EVENTS_LIMIT)) onEvent(event);
    }
  };
}
