/** The items of a plan: all dead letters that fit its filter, found shard by shard, counted and listed for a run. */
import { type DeadReason, MAX_PLAN_ITEMS, PLAN_AGES, type PlanCounts, type RunScope, SAMPLE_SIZE } from "@baton/domain";
import {
  createLuaScript,
  cutReplyIntoRows,
  type Reply,
  readReplyList,
  readReplyNumber,
  readReplyNumbersByName,
  readReplyText,
} from "@baton/redis/lua-script";
import { type Shards, shardTagsOfConnector } from "@baton/redis/shards";
import { chooseDeadLetterIndex } from "./dead-letter-store.ts";

/** MATCHED_PER_STEP dead letters are read by one script: one or two milliseconds of Redis's time. */
const MATCHED_PER_STEP = 250;

/** PlanItems is what a plan counts, and the oldest ids that a run of it would take. */
export interface PlanItems extends PlanCounts {
  readonly sampleIds: readonly string[];
  /** How many of `byConnector` may have arrived. */
  readonly mayHaveArrivedByConnector: Readonly<Record<string, number>>;
  /** What died later is not in it; epoch milliseconds on Redis's clock. */
  readonly asOf: number;
}

/**
 * CollectRunPlanItems throws TooManyItems past MAX_PLAN_ITEMS. A plan whose collection fails is to be removed, not
 * started.
 */
export type CollectRunPlanItems = (plan: string, scope: RunScope) => Promise<PlanItems>;

/** createCollectRunPlanItems puts all that fits a plan into its lists, shard by shard in small steps. */
export function createCollectRunPlanItems(shards: Shards): CollectRunPlanItems {
  const collectSome = createLuaScript(import.meta, "add-dead-letters-to-plan");
  return async (plan, scope) => {
    const args = { run: plan, ...indexSearchOf(scope), limit: MATCHED_PER_STEP, ages: PLAN_AGES };
    const tally = createTally();
    let hasFailed = false;

    async function collectFrom(tag: string): Promise<void> {
      let after: { score: string; member: string } | undefined;
      let asOf: number | undefined;
      do {
        const sample = after === undefined || tally.needsSample() ? SAMPLE_SIZE : 0;
        const reply = await collectSome(shards.redis, tag, { ...args, asOf, after, sample });
        asOf = readReplyNumber(reply, 8);
        tally.add(reply);
        after =
          readReplyText(reply, 1) === ""
            ? undefined
            : { score: readReplyText(reply, 0), member: readReplyText(reply, 1) };
      } while (after !== undefined && !hasFailed);
    }

    // All have stopped before the plan is given up: a shard that went on would write lists that nothing removes.
    const collected = await Promise.allSettled(
      shardTagsOfConnector(shards, scope.filter.connectorId).map((tag) =>
        collectFrom(tag).catch((error: unknown) => {
          hasFailed = true;
          throw error;
        }),
      ),
    );
    for (const result of collected) if (result.status === "rejected") throw result.reason;
    return tally.total(scope);
  };
}

/** TooManyItems: a plan matches more than MAX_PLAN_ITEMS. */
export class TooManyItems extends Error {
  override readonly name = "TooManyItems";
}

/** indexSearchOf picks the index, and says what it leaves open. */
function indexSearchOf({ filter, includeUnknown }: RunScope) {
  const { reason: reasons, from, to, ...rest } = filter;
  const [reason, ...more] = reasons ?? [];
  const only = reason === undefined || more.length > 0 ? {} : { reason };
  const { index, where } = chooseDeadLetterIndex({ ...rest, ...only });
  const { st: _, ...fields } = where;
  return {
    index,
    where: fields,
    reasons: more.length === 0 ? undefined : reasons,
    from,
    to: to === undefined ? undefined : to - 1,
    includeUnknown,
  };
}

function createTally() {
  const byReason: Record<string, number> = {};
  const byConnector: Record<string, number> = {};
  const mayHaveArrivedByConnector: Record<string, number> = {};
  const older = PLAN_AGES.map(() => 0);
  const sample: { readonly diedAt: number; readonly id: string }[] = [];
  let matched = 0;
  let mayHaveArrived = 0;
  let asOf = 0;
  return {
    needsSample: () => sample.length < SAMPLE_SIZE,

    add(reply: readonly Reply[]): void {
      asOf = Math.max(asOf, readReplyNumber(reply, 8));
      matched += readReplyNumber(reply, 2);
      mayHaveArrived += readReplyNumber(reply, 3);
      if (matched > MAX_PLAN_ITEMS) throw new TooManyItems(`more than ${MAX_PLAN_ITEMS} dead letters match`);
      addCounts(byReason, readReplyList(reply, 4));
      addCounts(byConnector, readReplyList(reply, 5));
      addCounts(mayHaveArrivedByConnector, readReplyList(reply, 9));
      older.forEach((count, i) => {
        older[i] = count + readReplyNumber(readReplyList(reply, 6), i);
      });
      for (const row of cutReplyIntoRows(readReplyList(reply, 7), 2))
        sample.push({ diedAt: readReplyNumber(row, 0), id: readReplyText(row, 1) });
    },

    total: ({ includeUnknown }: RunScope): PlanItems => ({
      asOf,
      matched,
      taken: includeUnknown ? matched : matched - mayHaveArrived,
      mayHaveArrived,
      byReason: byReason as Partial<Record<DeadReason, number>>,
      byConnector,
      mayHaveArrivedByConnector,
      olderThan: PLAN_AGES.map((ms, i) => ({ ms, count: older[i] ?? 0 })),
      sampleIds: sample
        .toSorted((a, b) => a.diedAt - b.diedAt || (a.id < b.id ? -1 : 1))
        .slice(0, SAMPLE_SIZE)
        .map(({ id }) => id),
    }),
  };
}

/** addCounts adds a flat list of names and counts. */
function addCounts(counts: Record<string, number>, flat: readonly Reply[]): void {
  for (const [name, count] of readReplyNumbersByName(flat)) counts[name] = (counts[name] ?? 0) + count;
}
