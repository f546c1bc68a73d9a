/** How far a run is: read from all shards, summed, and judged. */
import { DYING_WINDOW, haveTooManyDiedAgain } from "@baton/domain";
import type { RunItemStore, RunProgress } from "@baton/handoffs/run-item-store";
import type { Turn } from "@baton/registry/run-store";

/** ITEMS_PER_STEP: two or three milliseconds of Redis's time. */
export const ITEMS_PER_STEP = 25;

/** ShardProgress is how far a run is in the shard of this tag, and which of its connectors have room. */
export interface ShardProgress extends RunProgress {
  readonly tag: string;
}

interface ProgressDeps {
  readonly items: Pick<RunItemStore, "look">;
  readonly tags: readonly string[];
}

/**
 * readRunProgressOfShards reads how far a run is in each shard; undefined where the run was changed, or another worker
 * has it. `offsetOf` says from which of a shard's connectors on it looks besides the oldest; undefined leaves the shard
 * out.
 */
export async function readRunProgressOfShards(
  { items, tags }: ProgressDeps,
  turn: Turn,
  offsetOf: (shard: number) => number | undefined,
): Promise<readonly ShardProgress[] | undefined> {
  const { id: run, kind, skipEndedContacts } = turn.decision;
  const order = {
    run,
    version: turn.version,
    isDiscard: kind === "discard",
    upcoming: skipEndedContacts ? ITEMS_PER_STEP : 0,
  };
  const results = await Promise.all(
    tags.map(async (tag, shard) => {
      const offset = offsetOf(shard);
      return offset === undefined ? undefined : { tag, ...(await items.look(tag, { ...order, offset })) };
    }),
  );
  if (results.some((result) => result?.kind === "stale")) return undefined;
  return results.filter((result): result is ShardProgress => result?.kind === "looked");
}

/** RunProgressSum is the sum of all shards; `last` are the latest endings of each. */
export type RunProgressSum = Pick<
  RunProgress,
  "matched" | "replayed" | "discarded" | "skipped" | "outstanding" | "last"
>;

/** sumRunProgressOfShards adds up the shards. */
export function sumRunProgressOfShards(shards: readonly ShardProgress[]): RunProgressSum {
  const sum = (of: (progress: RunProgress) => number) => shards.reduce((all, progress) => all + of(progress), 0);
  return {
    matched: sum(({ matched }) => matched),
    replayed: sum(({ replayed }) => replayed),
    discarded: sum(({ discarded }) => discarded),
    skipped: sum(({ skipped }) => skipped),
    outstanding: sum(({ outstanding }) => outstanding),
    last: shards.flatMap(({ last }) => last),
  };
}

/** RunEndOrPause is what a run does by itself now. */
export type RunEndOrPause =
  | { readonly status: "completed" }
  | { readonly status: "paused"; readonly because: "first" | "dying" };

/** decideRunEndOrPause says whether a run ends or pauses by itself now. */
export function decideRunEndOrPause(
  { decision, resumedAt, firstIsOver }: Turn,
  total: RunProgressSum,
): RunEndOrPause | undefined {
  const { matched, replayed, discarded, skipped, outstanding } = total;
  if (replayed + discarded + skipped >= matched && outstanding === 0) return { status: "completed" };
  if (decision.status !== "running") return undefined;
  const { first, stopWhenDying } = decision;
  if (first !== undefined && !firstIsOver && replayed + discarded - outstanding >= first)
    return { status: "paused", because: "first" };
  const last = total.last.filter(({ at }) => at >= resumedAt).toSorted((a, b) => b.at - a.at);
  const died = last.slice(0, DYING_WINDOW).map(({ hasDied }) => hasDied);
  return haveTooManyDiedAgain(died, stopWhenDying) ? { status: "paused", because: "dying" } : undefined;
}
