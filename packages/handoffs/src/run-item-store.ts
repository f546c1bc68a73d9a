/** The items of runs, shard by shard: taken by a run, counted, listed with their results, removed. */
import { FENCE_MS, type ItemResult, type RunCounts, type RunItem, SKIP_REASONS, type SkipReason } from "@baton/domain";
import {
  createLuaScript,
  cutReplyIntoRows,
  type Reply,
  readReplyList,
  readReplyNumber,
  readReplyNumbersByName,
  readReplyRows,
  readReplyText,
  withCommandTimeout,
} from "@baton/redis/lua-script";
import type { Shards } from "@baton/redis/shards";

/** CONNECTORS_PER_LOOK are looked at in one script, those with the oldest items first. */
export const CONNECTORS_PER_LOOK = 32;
/** SCAN_PER_PAGE items are looked at for one page: five milliseconds of Redis's time. A page may be short. */
const SCAN_PER_PAGE = 5_000;
/** FORGOTTEN_PER_STEP lists are unlinked at once. */
const FORGOTTEN_PER_STEP = 500;
/** How an entry of `last` is written: the moment, and `x-` where it died again. */
const LAST_ENTRY = 15;

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

/** RunProgress is how far a run is in one shard. */
export interface RunProgress extends Omit<RunCounts, "skippedBecause"> {
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
  readonly commandDeadline: number;
  readonly isDiscard: boolean;
  readonly quota: number;
  readonly includeUnknown: boolean;
  readonly deadlineMs?: number;
  /** Of the request that started the run. */
  readonly traceparent?: string;
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

/** StepResult: `faults` is what went wrong with single items, in words. */
export type StepResult =
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

/**
 * ItemQuery: only items with this result, and skipped `because`. Of a run that was cancelled, at `cancelledAt` (epoch
 * milliseconds), nothing is waiting any more.
 */
export interface ItemQuery {
  readonly from?: ItemPosition;
  readonly result?: ItemResult;
  readonly because?: SkipReason;
  readonly cancelledAt?: number;
  readonly limit: number;
}

/** ItemPage may be short, or empty, and still have a `next`. */
export interface ItemPage {
  readonly items: readonly RunItem[];
  readonly next?: ItemPosition;
}

export type RunItemStore = ReturnType<typeof createRunItemStore>;

/** createRunItemStore gives the items of all shards. Throws when Redis cannot be reached. */
export function createRunItemStore(shards: Shards) {
  const look = createLuaScript(import.meta, "read-run-progress");
  const step = createLuaScript(import.meta, "replay-or-discard-run-items");
  const readItems = createLuaScript(import.meta, "list-run-items");

  return {
    /** look fences a run's earlier versions off, and gives how far it is in a shard and which connectors have room. */
    async look(
      tag: string,
      order: {
        readonly run: string;
        readonly version: number;
        readonly isDiscard: boolean;
        readonly offset: number;
        readonly upcoming: number;
      },
    ): Promise<RunProgress | { readonly kind: "stale" }> {
      const reply = await look(shards.redis, tag, { ...order, limit: CONNECTORS_PER_LOOK });
      return readReplyText(reply, 0) === "stale" ? { kind: "stale" } : readProgress(reply);
    },

    /** step takes the next items: items and cursor change in one script. */
    async step(tag: string, order: StepOrder): Promise<StepResult> {
      const reply = await step(shards.redis, tag, { ...order, fenceMs: FENCE_MS });
      const kind = readReplyText(reply, 0) as StepResult["kind"];
      if (kind !== "stepped") return { kind };
      return {
        kind,
        replayed: readReplyNumber(reply, 1),
        discarded: readReplyNumber(reply, 2),
        skipped: sumOf([...readReplyNumbersByName(readReplyList(reply, 3)).values()]),
        faults: readReplyList(reply, 4).map(String),
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

    /**
     * unfinishedConnectors names connectors with items of a run that it is yet to take, or that are outstanding; more
     * than `max` where there are more.
     */
    async unfinishedConnectors(run: string, max: number): Promise<readonly string[]> {
      const found = await Promise.all(
        shards.tags.map(async (tag) => {
          const key = `${tag}:run:${run}`;
          const left = await withCommandTimeout(shards.redis.zrange(`${key}:next`, "0", String(max)));
          const ids = left.length > max ? [] : await connectorsOf(shards, key, max);
          if (ids.length === 0) return left;
          const counts = await withCommandTimeout(shards.redis.hmget(key, ...ids.map((id) => `outstanding:${id}`)));
          return [...left, ...ids.filter((_, i) => Number(counts[i] ?? 0) > 0)];
        }),
      );
      return [...new Set(found.flat())];
    },

    /** page reads up to `limit` items, by shard and connector, the oldest first. */
    async page(run: string, { from, limit, ...query }: ItemQuery): Promise<ItemPage> {
      const items: RunItem[] = [];
      let at = from ?? { shard: 0, connector: 0, item: 0 };
      for (;;) {
        const tag = shards.tags[at.shard];
        if (tag === undefined) return { items };
        const args = { run, from: at, ...query, limit: limit - items.length, scan: SCAN_PER_PAGE };
        const reply = await readItems(shards.redis, tag, args);
        items.push(...readRunItems(readReplyList(reply, 2)));
        if (readReplyText(reply, 0) !== "")
          return {
            items,
            next: { shard: at.shard, connector: readReplyNumber(reply, 0), item: readReplyNumber(reply, 1) },
          };
        at = { shard: at.shard + 1, connector: 0, item: 0 };
        if (items.length >= limit) return at.shard < shards.tags.length ? { items, next: at } : { items };
      }
    },

    /** forget removes a plan's or a run's items, a few lists at a time. */
    async forget(run: string): Promise<void> {
      for (const tag of shards.tags) {
        const key = `${tag}:run:${run}`;
        const connectors = Number((await withCommandTimeout(shards.redis.hget(key, "connectors"))) ?? 0);
        for (let first = 0; first < connectors; first += FORGOTTEN_PER_STEP) {
          const some = Array.from({ length: FORGOTTEN_PER_STEP }, (_, i) => `of:${first + i}`);
          const ids = (await withCommandTimeout(shards.redis.hmget(key, ...some))).filter((id) => id !== null);
          const lists = ids.flatMap((id) => [`${key}:i:${id}`, `${key}:r:${id}`]);
          // None where another process removes the same plan.
          if (lists.length > 0) await withCommandTimeout(shards.redis.unlink(...lists));
        }
        await withCommandTimeout(shards.redis.unlink(key, `${key}:next`));
      }
    },
  };
}

/** connectorsOf names the first connectors of a run in a shard, up to `max`. */
async function connectorsOf({ redis }: Shards, key: string, max: number): Promise<readonly string[]> {
  const connectors = Number((await withCommandTimeout(redis.hget(key, "connectors"))) ?? 0);
  if (connectors === 0) return [];
  const fields = Array.from({ length: Math.min(max, connectors) }, (_, i) => `of:${i}`);
  return (await withCommandTimeout(redis.hmget(key, ...fields))).filter((id) => id !== null);
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
    skipped: sumOf(skips),
    skippedBecause: Object.fromEntries(because),
    outstanding: replayed - delivered - diedAgain,
  };
}

function sumOf(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + count, 0);
}

function readProgress(reply: readonly Reply[]): RunProgress {
  const [replayed, delivered, diedAgain] = [
    readReplyNumber(reply, 2),
    readReplyNumber(reply, 4),
    readReplyNumber(reply, 5),
  ];
  const last = readReplyText(reply, 7);
  return {
    kind: "looked",
    matched: readReplyNumber(reply, 1),
    replayed,
    discarded: readReplyNumber(reply, 3),
    delivered,
    diedAgain,
    skipped: readReplyNumber(reply, 6),
    outstanding: replayed - delivered - diedAgain,
    last: Array.from({ length: last.length / LAST_ENTRY }, (_, i) => readEnding(last, i * LAST_ENTRY)),
    connectorsLeft: readReplyNumber(reply, 8),
    ready: readReplyRows(readReplyList(reply, 9)).map(readConnectorItems),
  };
}

function readEnding(last: string, at: number): Ending {
  return { at: Number(last.slice(at, at + LAST_ENTRY - 2)), hasDied: last.charAt(at + LAST_ENTRY - 2) === "x" };
}

function readConnectorItems(row: readonly Reply[]): ConnectorItems {
  return {
    connectorId: readReplyText(row, 0),
    diedAt: readReplyNumber(row, 1),
    place: readReplyNumber(row, 2),
    upcoming: cutReplyIntoRows(readReplyList(row, 3), 2).map((item) => {
      const contactId = readReplyText(item, 1);
      return { handoffId: readReplyText(item, 0), ...(contactId === "" ? {} : { contactId }) };
    }),
  };
}

function readRunItems(flat: readonly Reply[]): readonly RunItem[] {
  return cutReplyIntoRows(flat, 4).map((row) => {
    const because = readReplyText(row, 2);
    return {
      handoffId: readReplyText(row, 0),
      result: readReplyText(row, 1) as ItemResult,
      ...(because === "" ? {} : { because: because as SkipReason }),
      at: readReplyNumber(row, 3),
    };
  });
}

/** parseRunId gives a plan's or a run's id without its prefix: the two of one plan share it. */
export function parseRunId(prefix: "pl" | "rn", id: string): string | undefined {
  return new RegExp(`^${prefix}_([0-9A-Z]{16})$`).exec(id)?.[1];
}
