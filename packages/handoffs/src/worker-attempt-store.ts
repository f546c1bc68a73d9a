/** The handoffs' records as the worker uses them: claim and settle, each for many at once. */
import { BREAKER, type Correlation, type DeadReason, FENCE_MS } from "@baton/domain";
import { createArgvLuaScript, readReplyList, withCommandTimeout } from "@baton/redis/lua-script";
import { createShardBatcher } from "@baton/redis/shard-batcher";
import { requireShardTagOfId, type Shards } from "@baton/redis/shards";
import {
  type ClaimedAttempt,
  type ClaimRequest,
  type ClaimResult,
  formatClaimScriptArguments,
  LOCK_MS,
  readClaimScriptReply,
} from "./claim-script-arguments-and-reply.ts";
import { extendJobLocks } from "./handoff-job-counts-and-locks.ts";
import {
  type Abandonment,
  type Arguments,
  type AttemptResult,
  formatAbandonScriptArguments,
  formatSettleScriptArguments,
  readSettleScriptReply,
  type SettleResult,
} from "./settle-script-arguments-and-reply.ts";

/**
 * UnreportedEvent is what no answer reports: an attempt whose worker died, or a handoff that died while no worker
 * had it.
 */
export type UnreportedEvent = Correlation & { readonly id: string; readonly connectorId: string } & (
    | { readonly kind: "interrupted"; readonly duplicate: boolean }
    | {
        readonly kind: "died";
        readonly reason: DeadReason;
        readonly cause: string;
        readonly attempts: number;
        readonly diedAt: number;
      }
  );

/** createWorkerAttemptStore gives the records of all shards to a worker. Throws when Redis cannot be reached. */
export function createWorkerAttemptStore(shards: Shards) {
  const claim = createArgvLuaScript(import.meta, "claim");
  const settle = createArgvLuaScript(import.meta, "settle");
  const { minRequests, failureRatio, windowMs, openMs, maxOpenMs } = BREAKER;

  const settleEach = createShardBatcher<Arguments, SettleResult | Error>({
    schedule: setImmediate,
    async run(tag, attempts) {
      const head = [minRequests, failureRatio, windowMs, openMs, maxOpenMs, FENCE_MS];
      const replies = await settle(shards.redis, tag, [...head, ...attempts.flat()]);
      return attempts.map((_, i) => readSettleScriptReply(readReplyList(replies, i)));
    },
  });

  async function settleOne(id: string, args: Arguments): Promise<SettleResult> {
    return (await settleEach(requireShardTagOfId(shards, "ho", id), args)) as SettleResult;
  }

  return {
    /** claim begins attempts; each is on record before it is known here. */
    async claim(tag: string, request: ClaimRequest): Promise<ClaimResult> {
      return readClaimScriptReply(await claim(shards.redis, tag, formatClaimScriptArguments(request)));
    },

    /**
     * settle applies the verdict, only for the live attempt, together with others of this turn; it may be asked again.
     */
    settle(settled: AttemptResult): Promise<SettleResult> {
      return settleOne(settled.attempt.id, formatSettleScriptArguments(settled));
    },

    /** abandon takes an attempt back of which nothing was sent, as if it had never begun; it may be asked again. */
    abandon(abandonment: Abandonment): Promise<SettleResult> {
      return settleOne(abandonment.attempt.id, formatAbandonScriptArguments(abandonment));
    },

    /** renewLocks keeps the jobs of live attempts from being taken for stalled, for another LOCK_MS. */
    async renewLocks(tag: string, attempts: readonly Pick<ClaimedAttempt, "id" | "generation">[]): Promise<void> {
      const jobs = attempts.map(({ id, generation }) => `${id}-${generation}`);
      // Without a command there is no answer of Redis, and none may be noted.
      if (jobs.length > 0) await withCommandTimeout(extendJobLocks(shards.redis, tag, { jobs, lockMs: LOCK_MS }));
    },

    /** takeUnreportedEvents gives up to `limit` of them, and removes them: each is given once. */
    async takeUnreportedEvents(tag: string, limit: number): Promise<readonly UnreportedEvent[]> {
      const notes = (await withCommandTimeout(shards.redis.lpop(`${tag}:notes`, limit))) ?? [];
      return notes.map((note) => JSON.parse(note) as UnreportedEvent);
    },
  };
}
