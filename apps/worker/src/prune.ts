/** The janitor: what was kept long enough goes, in small steps. */
import type { TaggedJob } from "@baton/queue";
import type { TakenHandoff } from "@baton/store";

/** LIMIT of one script: a few milliseconds of Redis's time. */
const LIMIT = 50;
/** STEPS of one round: with a round every two seconds, 2,500 handoffs a second, more than one Redis takes in. */
const STEPS = 100;

interface Deps {
  readonly upkeep: {
    prune(tag: string, set: "ended" | "dead", options: { before: number; limit: number }): Promise<readonly TakenHandoff[]>;
    filed(letter: TakenHandoff, there: boolean): Promise<boolean>;
  };
  readonly deadLetters: { remove(letter: TaggedJob): Promise<void> };
  readonly audit: { prune(before: number, limit: number): Promise<number> };
  readonly tags: readonly string[];
  readonly retentionMs: { readonly ended: number; readonly dead: number; readonly audit: number };
  readonly now: () => number;
  readonly closing: AbortSignal;
}

/** createPrune makes one round over all shards and the audit. */
export function createPrune({ upkeep, deadLetters, audit, tags, retentionMs, now, closing }: Deps): () => Promise<void> {
  async function takeOut(letter: TakenHandoff): Promise<void> {
    await deadLetters.remove(letter);
    await upkeep.filed(letter, false);
  }

  /** inSteps goes on for as long as there is a step's worth to remove. */
  async function inSteps(removeSome: () => Promise<number>): Promise<void> {
    for (let step = 0; step < STEPS && !closing.aborted; step++) if ((await removeSome()) < LIMIT) return;
  }

  return async () => {
    for (const tag of tags) {
      for (const set of ["ended", "dead"] as const) {
        await inSteps(async () => {
          const removed = await upkeep.prune(tag, set, { before: now() - retentionMs[set], limit: LIMIT });
          if (set === "dead") await Promise.all(removed.map(takeOut));
          return removed.length;
        });
      }
    }
    await inSteps(() => audit.prune(now() - retentionMs.audit, LIMIT));
  };
}
