/** The dead letters as operators use them: page, count, group, replay, discard. */
import { type DeadReason, FENCE_MS, type NoSlotReason, type Rate } from "@baton/domain";
import {
  createLuaScript,
  readReplyList,
  readReplyNumber,
  readReplyText,
  withCommandTimeout,
} from "@baton/redis/lua-script";
import type { PageCursor } from "@baton/redis/shard-pages";
import { findShardTagOfId, type Shards, shardTagsOfConnector } from "@baton/redis/shards";
import { createDeadLetterCauseStore } from "./dead-letter-cause-store.ts";
import { createHandoffPageReader, type HandoffPage, SCAN_PER_PAGE } from "./handoff-page-reader.ts";
import { parseHandoffRecordOrFail, type StoredHandoff } from "./handoff-record.ts";

/**
 * DeadLetterFilter: all that is given must hold; `from` and `to` bound the moment of death, epoch milliseconds, both
 * included.
 */
export interface DeadLetterFilter {
  readonly connectorId?: string;
  readonly reason?: DeadReason;
  readonly cause?: string;
  readonly contactId?: string;
  readonly from?: number;
  readonly to?: number;
  readonly mayHaveArrived?: boolean;
}

/**
 * ReplayRequest: `deadlineMs` defaults to the handoff's own; `force` replays what may have arrived; `pausedUntil` is
 * when the pause of the connector or of everything ends by itself, epoch milliseconds; `traceparent` is the operator's
 * request.
 */
export interface ReplayRequest {
  readonly id: string;
  readonly deadlineMs?: number;
  readonly force: boolean;
  readonly rate: Rate | null;
  readonly pausedUntil?: number;
  readonly maxPending: number;
  readonly commandDeadline: number;
  readonly traceparent?: string;
}

/**
 * ReplayResult: `closed` while the connector is being deleted; `full` where its backlog is; `no-slot` where no time is
 * left before the deadline; `late` after the command deadline.
 */
export type ReplayResult =
  | { readonly kind: "not-found" | "not-dead" | "closed" | "may-duplicate" | "late" }
  | { readonly kind: "full"; readonly retryAfterMs: number }
  | { readonly kind: "no-slot"; readonly retryAfterMs: number; readonly why: NoSlotReason }
  | { readonly kind: "replayed"; readonly stored: StoredHandoff };

/** DiscardResult: `not-dead` also where it was replayed or discarded meanwhile. */
export type DiscardResult =
  | { readonly kind: "not-found" | "not-dead" }
  | { readonly kind: "discarded"; readonly stored: StoredHandoff };

/** EXPIRED_PER_CALL: twenty scripts, one after the other, of some milliseconds each. */
const EXPIRED_PER_CALL = 20 * SCAN_PER_PAGE;

export type DeadLetterStore = ReturnType<typeof createDeadLetterStore>;

/** createDeadLetterStore gives the dead letters of all shards. Throws when Redis cannot be reached. */
export function createDeadLetterStore(shards: Shards) {
  const replay = createLuaScript(import.meta, "replay-dead-letter");
  const discard = createLuaScript(import.meta, "discard-dead-letter");
  const readPages = createHandoffPageReader(shards);

  return {
    ...createDeadLetterCauseStore(shards),

    /** page gives dead letters, newest first. */
    async page(filter: DeadLetterFilter, options: { before?: PageCursor; limit: number }): Promise<HandoffPage> {
      const { connectorId, from, to, mayHaveArrived } = filter;
      const { index, where } = chooseDeadLetterIndex(filter);
      const may = mayHaveArrived === undefined ? undefined : mayHaveArrived ? "1" : "";
      const query = { index, where: { ...where, may }, from, to, ...options };
      return readPages(shardTagsOfConnector(shards, connectorId), query);
    },

    /**
     * total counts dead letters without filter and of a connector, a reason, both, or a cause; undefined for any other
     * filter.
     */
    async total(filter: DeadLetterFilter): Promise<number | undefined> {
      const { connectorId, reason, cause, ...rest } = filter;
      if (Object.values(rest).some((value) => value !== undefined)) return undefined;
      if (cause !== undefined && (connectorId !== undefined || reason !== undefined)) return undefined;
      const { index } = chooseDeadLetterIndex(filter);
      const tags = shardTagsOfConnector(shards, connectorId);
      const counts = await Promise.all(tags.map((tag) => withCommandTimeout(shards.redis.zcard(tag + index))));
      return counts.reduce((sum, count) => sum + count, 0);
    },

    /**
     * expireOverdue ends a connector's queued handoffs whose deadline is before `now` (epoch milliseconds), up to
     * EXPIRED_PER_CALL: where no worker runs, no other process does.
     */
    async expireOverdue(connectorId: string, now: number): Promise<void> {
      // To read a handoff past its deadline is to end it; the page itself is not needed.
      const overdue = { index: `:deadlines:${connectorId}`, where: { st: "none" }, to: now, limit: 1 };
      const tags = shardTagsOfConnector(shards, connectorId);
      for (let ended = 0; ended < EXPIRED_PER_CALL; ended += SCAN_PER_PAGE)
        if ((await readPages(tags, overdue)).next === undefined) return;
    },

    /** replay queues a dead letter again, with its job; exactly one of two simultaneous replays wins. */
    async replay(order: ReplayRequest): Promise<ReplayResult> {
      const tag = findShardTagOfId(shards, "ho", order.id);
      if (tag === undefined) return { kind: "not-found" };
      const { rate, ...rest } = order;
      const reply = await replay(shards.redis, tag, { ...rest, ...(rate === null ? {} : { rate }), fenceMs: FENCE_MS });
      const kind = readReplyText(reply, 0) as ReplayResult["kind"];
      if (kind === "replayed") return { kind, stored: parseHandoffRecordOrFail(order.id, readReplyList(reply, 1)) };
      const retryAfterMs = readReplyNumber(reply, 1);
      if (kind === "no-slot") return { kind, retryAfterMs, why: readReplyText(reply, 2) as NoSlotReason };
      return kind === "full" ? { kind, retryAfterMs } : { kind };
    },

    /** discard puts a dead letter away for good. */
    async discard(id: string): Promise<DiscardResult> {
      const tag = findShardTagOfId(shards, "ho", id);
      if (tag === undefined) return { kind: "not-found" };
      const reply = await discard(shards.redis, tag, { id, fenceMs: FENCE_MS });
      const kind = readReplyText(reply, 0) as DiscardResult["kind"];
      return kind === "discarded" ? { kind, stored: parseHandoffRecordOrFail(id, readReplyList(reply, 1)) } : { kind };
    },
  };
}

/**
 * chooseDeadLetterIndex picks the index that leaves least to look through. `where` always holds `st`: a dead letter may
 * be replayed between index and record.
 */
export function chooseDeadLetterIndex({ connectorId, reason, cause, contactId }: DeadLetterFilter): {
  index: string;
  where: Record<string, string | undefined>;
} {
  const st = "dead";
  if (contactId !== undefined)
    return { index: `:dead:k:${contactId}`, where: { st, cn: connectorId, why: reason, cause } };
  if (cause !== undefined && connectorId !== undefined)
    return { index: `:dead:cf:${connectorId}:${cause}`, where: { st, why: reason } };
  if (cause !== undefined) return { index: `:dead:f:${cause}`, where: { st, why: reason } };
  if (connectorId !== undefined && reason !== undefined)
    return { index: `:dead:cr:${connectorId}:${reason}`, where: { st } };
  if (connectorId !== undefined) return { index: `:dead:c:${connectorId}`, where: { st } };
  return { index: reason === undefined ? ":dead" : `:dead:r:${reason}`, where: { st } };
}
