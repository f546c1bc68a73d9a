/** What keeps the records and the queue in agreement: overdue handoffs, unfiled letters, and the end of retention. */
import { type DeadReason, FENCE_MS } from "@baton/domain";
import type { TakenHandoff } from "./delivery-store.ts";
import { readRecord, type StoredHandoff } from "./handoff-record.ts";
import { createScript, list, number, text } from "./script.ts";
import { mustTagOf, type Shards } from "./shards.ts";

/** OverdueStep is one look at live handoffs whose time came; the next one goes on behind `after`, '' for the beginning. */
export interface OverdueStep {
  readonly overdue: readonly TakenHandoff[];
  readonly after: string;
}

/** LetterNote says whether a letter's job belongs in the dead-letter queue. */
export interface LetterNote extends TakenHandoff {
  readonly belongs: boolean;
  readonly stored?: StoredHandoff;
}

export type UpkeepStore = ReturnType<typeof createUpkeepStore>;

/** createUpkeepStore gives one worker what it needs to mend after others. Steps are small: no script looks at more than `limit`. */
export function createUpkeepStore(shards: Shards) {
  const overdue = createScript<object>("overdue");
  const requeue = createScript<object>("requeue");
  const unfiled = createScript<object>("unfiled");
  const filed = createScript<object>("filed");
  const prune = createScript<object>("prune");

  return {
    /** overdue lists live handoffs behind `after` that are late by `afterMs` or more, oldest first; it ends those past their deadline. */
    async overdue(tag: string, options: { after: string; afterMs: number; limit: number }): Promise<OverdueStep> {
      const reply = await overdue(shards.redis, tag, { ...options, fenceMs: FENCE_MS });
      const flat = list(reply, 1);
      const found = Array.from({ length: flat.length / 2 }, (_, row) => ({
        id: text(flat, row * 2),
        generation: number(flat, row * 2 + 1),
      }));
      return { overdue: found, after: text(reply, 0) };
    },

    /** requeue raises the generation of a handoff that lost its job; undefined when somebody else did. */
    async requeue(taken: TakenHandoff): Promise<{ generation: number; delayMs: number } | undefined> {
      const reply = await requeue(shards.redis, mustTagOf(shards, "ho", taken.id), taken);
      return text(reply, 0) === "requeue" ? { generation: number(reply, 1), delayMs: number(reply, 2) } : undefined;
    },

    /** unfiled lists letters whose job may disagree with their record for `afterMs` or more. */
    async unfiled(tag: string, options: { afterMs: number; limit: number }): Promise<readonly LetterNote[]> {
      const reply = await unfiled(shards.redis, tag, options);
      return Array.from({ length: reply.length / 4 }, (_, row) => {
        const id = text(reply, row * 4);
        const stored = readRecord(id, list(reply, row * 4 + 3));
        return {
          id,
          generation: number(reply, row * 4 + 1),
          belongs: number(reply, row * 4 + 2) === 1,
          ...(stored === undefined ? {} : { stored }),
        };
      });
    },

    /** filed strikes the note of a letter out, unless the handoff changed meanwhile; `there` is whether its job is in the dead-letter queue now. True for whoever struck it out. */
    async filed({ id, generation }: TakenHandoff, there: boolean): Promise<boolean> {
      return text(await filed(shards.redis, mustTagOf(shards, "ho", id), { id, generation, there }), 0) === "filed";
    },

    /** prune removes up to `limit` handoffs that ended before `before` (epoch milliseconds), and gives what it removed. */
    async prune(tag: string, set: "ended" | "dead", options: { before: number; limit: number }): Promise<readonly TakenHandoff[]> {
      const reply = await prune(shards.redis, tag, { ...options, set });
      return Array.from({ length: reply.length / 2 }, (_, row) => ({ id: text(reply, row * 2), generation: number(reply, row * 2 + 1) }));
    },
  };
}

/** LetterSummary is what a dead letter's job carries for those who look at the queue with BullMQ's own tools. */
export interface LetterSummary {
  readonly id: string;
  readonly connectorId: string;
  readonly reason: DeadReason;
  readonly cause: string;
  readonly diedAt: number;
}

/** summarise tells a dead letter in a few words; undefined where the handoff is not dead. */
export function summarise({ handoff, cause }: StoredHandoff): LetterSummary | undefined {
  if (handoff.status !== "dead" || handoff.reason === undefined || handoff.endedAt === undefined) return undefined;
  return { id: handoff.id, connectorId: handoff.connectorId, reason: handoff.reason, cause: cause ?? "other", diedAt: handoff.endedAt };
}
