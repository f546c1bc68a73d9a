/** What happened minute by minute, for a day: as the scripts count it, of one connector or of all. */
import { withCommandTimeout } from "@baton/redis/lua-script";
import { type Shards, shardTagsOfConnector } from "@baton/redis/shards";
import { quantileMs } from "./latency-histogram.ts";

const MINUTE_MS = 60_000;
const MINUTES_PER_HOUR = 60;
/** ALL_CONNECTORS stands for all connectors of a shard, in a key. */
export const ALL_CONNECTORS = "*";

/** MinuteRange: `first` is the number of a minute since the epoch; there are `count` of them. */
export interface MinuteRange {
  readonly first: number;
  readonly count: number;
}

/** MinuteFigures are of one minute; quantiles in milliseconds, absent where nothing was delivered. */
export interface MinuteFigures {
  readonly accepted: number;
  readonly delivered: number;
  readonly dead: number;
  readonly expired: number;
  readonly p50?: number;
  readonly p99?: number;
}

/** minuteRangeUntil gives the range of `count` minutes that ends with the one of `now`, epoch milliseconds. */
export function minuteRangeUntil(now: number, count: number): MinuteRange {
  return { first: Math.floor(now / MINUTE_MS) - count + 1, count };
}

/** minuteCountsKey is the hash of an hour (since the epoch) of a connector, or of ALL_CONNECTORS. */
export function minuteCountsKey(tag: string, name: string, hour: number): string {
  return `${tag}:minutes:${name}:${hour}`;
}

export type MinuteCountStore = ReturnType<typeof createMinuteCountStore>;

/** createMinuteCountStore reads at most 25 hashes a shard, whatever happened. Throws when Redis cannot be reached. */
export function createMinuteCountStore(shards: Shards) {
  return {
    /** minutes gives each minute of the range, of one connector or of all. */
    async minutes(range: MinuteRange, connectorId?: string): Promise<readonly MinuteFigures[]> {
      const hours = hoursOf(range);
      const counts = Array.from({ length: range.count }, createCounts);
      const hashes = shardTagsOfConnector(shards, connectorId).flatMap((tag) =>
        hours.map(async (hour) => {
          const key = minuteCountsKey(tag, connectorId ?? ALL_CONNECTORS, hour);
          const fields = await withCommandTimeout(shards.redis.hgetall(key));
          for (const [field, count] of Object.entries(fields))
            addToMinute(counts, { field, count: Number(count), firstMinute: hour * MINUTES_PER_HOUR - range.first });
        }),
      );
      await Promise.all(hashes);
      return counts.map(figuresOf);
    },
  };
}

function hoursOf({ first, count }: MinuteRange): readonly number[] {
  const [from, to] = [first, first + count - 1].map((minute) => Math.floor(minute / MINUTES_PER_HOUR));
  if (from === undefined || to === undefined) return [];
  return Array.from({ length: to - from + 1 }, (_, i) => from + i);
}

interface Counts {
  accepted: number;
  dead: number;
  expired: number;
  readonly latencies: Map<number, number>;
}

function createCounts(): Counts {
  return { accepted: 0, dead: 0, expired: 0, latencies: new Map() };
}

interface CountField {
  /** `a<minute>` accepted, `x<minute>` dead, `e<minute>` expired, `l<minute>:<bucket>` delivered. */
  readonly field: string;
  readonly count: number;
  /** Of the hash's hour, counted from the range's first. */
  readonly firstMinute: number;
}

function addToMinute(all: readonly Counts[], { field, count, firstMinute }: CountField): void {
  const [, kind, minute = "", bucket = ""] = /^([axel])(\d+)(?::(\d+))?$/.exec(field) ?? [];
  const counts = all[firstMinute + Number(minute)];
  if (kind === undefined || counts === undefined) return;
  if (kind === "a") counts.accepted += count;
  if (kind === "x") counts.dead += count;
  if (kind === "e") counts.expired += count;
  if (kind === "l") counts.latencies.set(Number(bucket), (counts.latencies.get(Number(bucket)) ?? 0) + count);
}

function figuresOf({ latencies, ...counts }: Counts): MinuteFigures {
  const [p50, p99] = [quantileMs(latencies, 0.5), quantileMs(latencies, 0.99)];
  return {
    ...counts,
    delivered: latencies.values().reduce((sum, count) => sum + count, 0),
    ...(p50 === undefined ? {} : { p50 }),
    ...(p99 === undefined ? {} : { p99 }),
  };
}
