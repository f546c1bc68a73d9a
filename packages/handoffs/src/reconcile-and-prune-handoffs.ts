/** Maintenance: live handoffs whose moment was missed, and the end of retention. */
import { FENCE_MS } from "@baton/domain";
import { createLuaScript, readReplyList, readReplyNumber } from "@baton/redis/lua-script";
import type { Shards } from "@baton/redis/shards";

/** ReconcileCursor is where a look at overdue handoffs goes on: a moment, and how many of that moment stay behind. */
export interface ReconcileCursor {
  readonly at: number;
  readonly skip: number;
}

/** RECONCILE_START begins with the handoffs that are overdue for the longest. */
export const RECONCILE_START: ReconcileCursor = { at: 0, skip: 0 };

/**
 * ReconcileResult: `next` is RECONCILE_START where the end was reached; `repaired` are ids of handoffs that got a job
 * or were ended; `faults` says in words what went wrong with single handoffs.
 */
export interface ReconcileResult {
  readonly next: ReconcileCursor;
  readonly repaired: readonly string[];
  readonly faults: readonly string[];
}

/**
 * createReconcileAndPruneHandoffs repairs what processes that died have left. Steps are small: no script looks at more
 * than `limit`.
 */
export function createReconcileAndPruneHandoffs(shards: Shards) {
  const reconcile = createLuaScript(import.meta, "reconcile-overdue-handoffs");
  const prune = createLuaScript(import.meta, "prune-ended-handoffs");

  return {
    /**
     * reconcile ends what is past its deadline, and gives a job to what has none, among live handoffs that are overdue
     * by `afterMs` or more.
     */
    async reconcile(
      tag: string,
      options: { from: ReconcileCursor; afterMs: number; limit: number },
    ): Promise<ReconcileResult> {
      const reply = await reconcile(shards.redis, tag, { ...options, fenceMs: FENCE_MS });
      const next = { at: readReplyNumber(reply, 0), skip: readReplyNumber(reply, 1) };
      return { next, repaired: readReplyList(reply, 2).map(String), faults: readReplyList(reply, 3).map(String) };
    },

    /**
     * prune removes up to `limit` handoffs that ended before `before` (epoch milliseconds), and gives how many it
     * looked at.
     */
    async prune(tag: string, set: "ended" | "dead", options: { before: number; limit: number }): Promise<number> {
      return Number(await prune(shards.redis, tag, { ...options, set }));
    },
  };
}
