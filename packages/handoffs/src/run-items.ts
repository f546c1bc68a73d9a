/** The items of runs, shard by shard: found for a plan, taken by a run, told with their results, forgotten. */
import {
  type DeadReason,
  FENCE_MS,
  type ItemResult,
  MOST_ITEMS,
  PLAN_AGES,
  type PlanCounts,
  type RunCounts,
  type RunItem,
  type RunScope,
  SAMPLE_SIZE,
  SKIP_REASONS,
  type SkipReason,
} from "@baton/domain";
import { createScript, type Reply, readList, readNumber, readText, withCommandTimeout } from "@baton/redis/script";
import { type Shards, tagOf } from "@baton/redis/shards";
import { narrowestIndex } from "./dead-letters.ts";

/** FOUND_PER_STEP dead letters are looked at in one script: a millisecond or two of Redis's time. */
const FOUND_PER_STEP = 250;
/** CONNECTORS_PER_LOOK are looked at in one script, those with the oldest items first. */
export const CONNECTORS_PER_LOOK = 32;
/** SCAN_PER_PAGE items are looked at for one page: five milliseconds of Redis's time. A page may be short. */
const SCAN_PER_PAGE = 5_000;
/** FORGOTTEN_PER_STEP lists are unlinked at once. */
const FORGOTTEN_PER_STEP = 500;
/** How an entry of `last` is written: the moment, and `x-` where it died again. */
const LAST_ENTRY = 15;

/** Found is what a plan counts, and the oldest ids that a run of it would take. */
export interface Found extends PlanCounts {
  readonly sampleIds: readonly string[];
  /** What died later is not in it; epoch milliseconds on Redis's clock. */
  readonly asOf: number;
}

/** Ending is one of the last that ended; `at` is epoch milliseconds. */
export interface Ending {
  readonly at: number;
  readonly hasDied: boolean;
}

/** ConnectorItems is where a run is with a connector that has room now. */
export interface ConnectorItems {
  readonly connectorId: string;
  /** When its next item died, epoch milliseconds. */
  readonly diedAt: number;
  readonly place: number;
  /** Its next items as far as they were asked for; no `contactId` where one is no longer dead. */
  readonly upcoming: readonly { readonly handoffId: string; readonly contactId?: string }[];
}

/** Looked is how far a run is in one shard. */
export interface Looked extends Omit<RunCounts, "skippedBecause"> {
  readonly kind: "looked";
  readonly matched: number;
  readonly last: readonly Ending[];
  /** Connectors with items left. */
  readonly connectorsLeft: number;
  readonly ready: readonly ConnectorItems[];
}

/** StepOrder says how many of which connectors' items are to be taken now. */
export interface StepOrder {
  readonly run: string;
  readonly version: number;
  readonly validUntil: number;
  readonly isDiscard: boolean;
  readonly quota: number;
  readonly includeUnknown: boolean;
  readonly deadlineMs?: number;
  readonly connectors: readonly StepConnector[];
}

/**
 * StepConnector: `most` items of runs may be parked there. `asked` of its next items, from `place` on, CXone was asked
 * about; `ended` are those whose contact has ended.
 */
export interface StepConnector {
  readonly id: string;
  readonly most: number;
  readonly isDeleted?: boolean;
  readonly place?: number;
  readonly asked?: number;
  readonly ended?: readonly string[];
}

/** Stepped: `faults` is what went wrong with single items, in words. */
export type Stepped =
  | { readonly kind: "late" | "stale" }
  | {
      readonly kind: "stepped";
      readonly replayed: number;
      readonly discarded: number;
      readonly skipped: number;
      readonly faults: readonly string[];
    };

/** ItemPosition is the item that a page ended before. */
export interface ItemPosition {
  readonly shard: number;
  readonly connector: number;
  readonly item: number;
}

/** ItemPage may be short, or empty, and still have a `next`. */
export interface ItemPage {
  readonly items: readonly RunItem[];
  readonly next?: ItemPosition;
}

export type RunItems = ReturnType<typeof createRunItems>;

/** createRunItems gives the items of all shards. Throws when Redis cannot be reached. */
export function createRunItems(shards: Shards) {
  const look = createScript<object>(import.meta, "run-look");
  const step = createScript<object>(import.meta, "run-step");
  const readItems = createScript<object>(import.meta, "run-items");

  return {
    find: createFind(shards),

    /** look fences a run's earlier versions off, and tells how far it is in a shard and who has room there. */
    async look(
      tag: string,
      order: {
        readonly run: string;
        readonly version: number;
        readonly isDiscard: boolean;
        readonly offset: number;
        readonly upcoming: number;
      },
    ): Promise<Looked | { readonly kind: "stale" }> {
      const reply = await look(shards.redis, tag, { ...order, limit: CONNECTORS_PER_LOOK });
      return readText(reply, 0) === "stale" ? { kind: "stale" } : readLooked(reply);
    },

    /** step takes the next items: items and cursor change in one script. */
    async step(tag: string, order: StepOrder): Promise<Stepped> {
      const reply = await step(shards.redis, tag, { ...order, fenceMs: FENCE_MS });
      const kind = readText(reply, 0) as Stepped["kind"];
      if (kind !== "stepped") return { kind };
      const skips = readList(reply, 3);
      return {
        kind,
        replayed: readNumber(reply, 1),
        discarded: readNumber(reply, 2),
        skipped: skips.reduce((sum: number, _, i) => (i % 2 === 0 ? sum : sum + readNumber(skips, i)), 0),
        faults: readList(reply, 4).map(String),
      };
    },

    /** fence has every step refused that was begun under an earlier version than this. */
    async fence(run: string, version: number): Promise<void> {
      const order = { run, version, isDiscard: true, offset: 0, upcoming: 0, limit: 0 };
      await Promise.all(shards.tags.map((tag) => look(shards.redis, tag, order)));
    },

    /** counts adds up a run's items over all shards. */
    async counts(run: string): Promise<RunCounts> {
      const fields = ["replayed", "discarded", "delivered", "died", ...SKIP_REASONS.map((reason) => `skip:${reason}`)];
      const replies = await Promise.all(
        shards.tags.map((tag) => withCommandTimeout(shards.redis.hmget(`${tag}:run:${run}`, ...fields))),
      );
      return countsOf(fields.map((_, i) => replies.reduce((sum, reply) => sum + Number(reply[i] ?? 0), 0)));
    },

    /** page reads up to `limit` items, by shard and connector, the oldest first. */
    async page(
      run: string,
      { from, result, limit }: { readonly from?: ItemPosition; readonly result?: ItemResult; readonly limit: number },
    ): Promise<ItemPage> {
      const items: RunItem[] = [];
      let at = from ?? { shard: 0, connector: 0, item: 0 };
      for (;;) {
        const tag = shards.tags[at.shard];
        if (tag === undefined) return { items };
        const args = { run, from: at, result, limit: limit - items.length, scan: SCAN_PER_PAGE };
        const reply = await readItems(shards.redis, tag, args);
        items.push(...readRunItems(readList(reply, 2)));
        if (readText(reply, 0) !== "")
          return { items, next: { shard: at.shard, connector: readNumber(reply, 0), item: readNumber(reply, 1) } };
        at = { shard: at.shard + 1, connector: 0, item: 0 };
        if (items.length >= limit) return at.shard < shards.tags.length ? { items, next: at } : { items };
      }
    },

    /** forget removes a plan's or a run's items, a few lists at a time. */
    async forget(run: string): Promise<void> {
      for (const tag of shards.tags) {
        const key = `${tag}:run:${run}`;
        for (;;) {
          const some = await withCommandTimeout(shards.redis.zrange(`${key}:of`, "0", String(FORGOTTEN_PER_STEP - 1)));
          if (some.length === 0) break;
          await withCommandTimeout(shards.redis.unlink(...some.flatMap((id) => [`${key}:i:${id}`, `${key}:r:${id}`])));
          await withCommandTimeout(shards.redis.zrem(`${key}:of`, ...some));
        }
        await withCommandTimeout(shards.redis.unlink(key, `${key}:next`));
      }
    },
  };
}

/** createFind takes all that fits a plan into its lists, shard by shard in small steps. */
function createFind(shards: Shards) {
  const find = createScript<object>(import.meta, "run-plan");

  /**
   * find throws TooManyItems past MOST_ITEMS. A plan whose finding fails is not to be started, but forgotten.
   */
  return async (plan: string, scope: RunScope): Promise<Found> => {
    const { filter } = scope;
    const tag = filter.connectorId === undefined ? undefined : tagOf(shards, "cn", filter.connectorId);
    const tags = filter.connectorId === undefined ? shards.tags : tag === undefined ? [] : [tag];
    const args = { run: plan, ...searchOf(scope), limit: FOUND_PER_STEP, ages: PLAN_AGES };
    const tally = createTally();
    await Promise.all(
      tags.map(async (each) => {
        let after: { score: string; member: string } | undefined;
        let asOf: number | undefined;
        do {
          const sample = after === undefined || tally.needsSample() ? SAMPLE_SIZE : 0;
          const reply = await find(shards.redis, each, { ...args, asOf, after, sample });
          asOf = readNumber(reply, 8);
          tally.add(reply);
          after = readText(reply, 1) === "" ? undefined : { score: readText(reply, 0), member: readText(reply, 1) };
        } while (after !== undefined);
      }),
    );
    return tally.found(scope);
  };
}

/** TooManyItems: a plan matches more than MOST_ITEMS. */
export class TooManyItems extends Error {
  override readonly name = "TooManyItems";
}

/** searchOf picks the index, and says what it leaves open. */
function searchOf({ filter, includeUnknown }: RunScope) {
  const { reason: reasons, from, to, ...rest } = filter;
  const [reason, ...more] = reasons ?? [];
  const only = reason === undefined || more.length > 0 ? {} : { reason };
  const { index, where } = narrowestIndex({ ...rest, ...only });
  const { st: _, ...fields } = where;
  return {
    index,
    where: fields,
    ...(more.length === 0 ? {} : { reasons }),
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to: to - 1 }),
    includeUnknown,
  };
}

function createTally() {
  const byReason: Record<string, number> = {};
  const byConnector: Record<string, number> = {};
  const older = PLAN_AGES.map(() => 0);
  const sample: { readonly diedAt: number; readonly id: string }[] = [];
  let matched = 0;
  let mayHaveArrived = 0;
  let asOf = 0;
  return {
    needsSample: () => sample.length < SAMPLE_SIZE,

    add(reply: readonly Reply[]): void {
      asOf = Math.max(asOf, readNumber(reply, 8));
      matched += readNumber(reply, 2);
      mayHaveArrived += readNumber(reply, 3);
      if (matched > MOST_ITEMS) throw new TooManyItems(`more than ${MOST_ITEMS} dead letters match`);
      for (const [counts, from] of [
        [byReason, readList(reply, 4)] as const,
        [byConnector, readList(reply, 5)] as const,
      ])
        for (let i = 0; i < from.length; i += 2)
          counts[readText(from, i)] = (counts[readText(from, i)] ?? 0) + readNumber(from, i + 1);
      older.forEach((count, i) => {
        older[i] = count + readNumber(readList(reply, 6), i);
      });
      const found = readList(reply, 7);
      for (let i = 0; i < found.length; i += 2)
        sample.push({ diedAt: readNumber(found, i), id: readText(found, i + 1) });
    },

    found: ({ includeUnknown }: RunScope): Found => ({
      asOf,
      matched,
      taken: includeUnknown ? matched : matched - mayHaveArrived,
      mayHaveArrived,
      byReason: byReason as Partial<Record<DeadReason, number>>,
      byConnector,
      olderThan: PLAN_AGES.map((ms, i) => ({ ms, count: older[i] ?? 0 })),
      sampleIds: sample
        .toSorted((a, b) => a.diedAt - b.diedAt || (a.id < b.id ? -1 : 1))
        .slice(0, SAMPLE_SIZE)
        .map(({ id }) => id),
    }),
  };
}

function countsOf([replayed = 0, discarded = 0, delivered = 0, diedAgain = 0, ...skips]: readonly number[]): RunCounts {
  const because = SKIP_REASONS.flatMap((reason, i) => {
    const count = skips[i] ?? 0;
    return count === 0 ? [] : [[reason, count] as const];
  });
  return {
    replayed,
    discarded,
    delivered,
    diedAgain,
    skipped: skips.reduce((sum, count) => sum + count, 0),
    skippedBecause: Object.fromEntries(because),
    outstanding: replayed - delivered - diedAgain,
  };
}

function readLooked(reply: readonly Reply[]): Looked {
  const [replayed, delivered, diedAgain] = [readNumber(reply, 2), readNumber(reply, 4), readNumber(reply, 5)];
  const last = readText(reply, 7);
  return {
    kind: "looked",
    matched: readNumber(reply, 1),
    replayed,
    discarded: readNumber(reply, 3),
    delivered,
    diedAgain,
    skipped: readNumber(reply, 6),
    outstanding: replayed - delivered - diedAgain,
    last: Array.from({ length: last.length / LAST_ENTRY }, (_, i) => readEnding(last, i * LAST_ENTRY)),
    connectorsLeft: readNumber(reply, 8),
    ready: readList(reply, 9).map((row) => readConnectorItems(Array.isArray(row) ? row : [])),
  };
}

function readEnding(last: string, at: number): Ending {
  return { at: Number(last.slice(at, at + LAST_ENTRY - 2)), hasDied: last.charAt(at + LAST_ENTRY - 2) === "x" };
}

function readConnectorItems(row: readonly Reply[]): ConnectorItems {
  const flat = readList(row, 3);
  return {
    connectorId: readText(row, 0),
    diedAt: readNumber(row, 1),
    place: readNumber(row, 2),
    upcoming: Array.from({ length: flat.length / 2 }, (_, i) => {
      const contactId = readText(flat, 2 * i + 1);
      return { handoffId: readText(flat, 2 * i), ...(contactId === "" ? {} : { contactId }) };
    }),
  };
}

function readRunItems(flat: readonly Reply[]): readonly RunItem[] {
  return Array.from({ length: flat.length / 4 }, (_, row) => {
    const because = readText(flat, row * 4 + 2);
    return {
      handoffId: readText(flat, row * 4),
      result: readText(flat, row * 4 + 1) as ItemResult,
      ...(because === "" ? {} : { because: because as SkipReason }),
      at: readNumber(flat, row * 4 + 3),
    };
  });
}

/** runKeyOf is what a plan, and the run that is started from it, are known by inside: their ids without the prefix. */
export function runKeyOf(prefix: "pl" | "rn", id: string): string | undefined {
  return new RegExp(`^${prefix}_([0-9A-Z]{16})$`).exec(id)?.[1];
}
