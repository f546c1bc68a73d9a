/** How many handoffs were queued, minute by minute, for a day: admin samples it, because no script knows it of all. */
import { withCommandTimeout } from "@baton/redis/lua-script";
import { requireShardTagOfId, type Shards } from "@baton/redis/shards";
import { ALL_CONNECTORS, minuteCountsKey } from "./minute-count-store.ts";

const MINUTES_PER_HOUR = 60;
/**
 * As long as the scripts keep a minute's hash (parts/minute-counts.lua): a day, and the hour that is under way.
 * Seconds.
 */
const KEPT_S = 25 * 3_600;

/** QueuedCount is how many handoffs a connector has queued. */
export interface QueuedCount {
  readonly connectorId: string;
  readonly queued: number;
}

/**
 * QueueSample is of one minute: all connectors with something queued, and those of them that are kept by themselves.
 */
export interface QueueSample {
  readonly all: readonly QueuedCount[];
  readonly shown: readonly QueuedCount[];
}

export type QueueSampleStore = ReturnType<typeof createQueueSampleStore>;

/**
 * createQueueSampleStore keeps them beside what happened in the minute, under `q<minute>`: a shard's, a connector's.
 */
export function createQueueSampleStore(shards: Shards) {
  const { redis, tags } = shards;
  const [firstTag = ""] = tags;

  async function put(minute: number, rows: readonly { tag: string; name: string; queued: number }[]): Promise<void> {
    const { hour, field } = minuteFieldOf(minute);
    const writes = rows.flatMap(({ tag, name, queued }) => {
      const key = minuteCountsKey(tag, name, hour);
      return [redis.hset(key, field, queued), redis.expire(key, KEPT_S)];
    });
    await withCommandTimeout(Promise.all(writes));
  }

  return {
    /** has says whether a minute (since the epoch) was sampled: of several admin processes one is enough. */
    async has(minute: number): Promise<boolean> {
      const { hour, field } = minuteFieldOf(minute);
      return (await withCommandTimeout(redis.hexists(minuteCountsKey(firstTag, ALL_CONNECTORS, hour), field))) === 1;
    },

    /** write keeps a minute's sample. The first shard's total comes last: with it the sample counts as taken. */
    async write(minute: number, { all, shown }: QueueSample): Promise<void> {
      const byTag = Map.groupBy(all, ({ connectorId }) => requireShardTagOfId(shards, "cn", connectorId));
      const totalOf = (tag: string) => (byTag.get(tag) ?? []).reduce((sum, { queued }) => sum + queued, 0);
      const totals = tags.map((tag) => ({ tag, name: ALL_CONNECTORS, queued: totalOf(tag) }));
      const own = shown.map(({ connectorId: name, queued }) => ({
        tag: requireShardTagOfId(shards, "cn", name),
        name,
        queued,
      }));
      await put(minute, [...own, ...totals.slice(1)]);
      await put(minute, totals.slice(0, 1));
    },

    /**
     * read gives each of `count` minutes from `first`, of one connector or of all; undefined where none was sampled.
     */
    async read(first: number, count: number, connectorId?: string): Promise<readonly (number | undefined)[]> {
      const minutes = Array.from({ length: count }, (_, i) => minuteFieldOf(first + i));
      const byHour = Map.groupBy(minutes, ({ hour }) => hour);
      const rows = await Promise.all(
        [...byHour].map(async ([hour, places]) => {
          const fields = places.map(({ field }) => field);
          const readOf = (tag: string, name: string) =>
            withCommandTimeout(redis.hmget(minuteCountsKey(tag, name, hour), ...fields));
          const totals = sumOf(await Promise.all(tags.map((tag) => readOf(tag, ALL_CONNECTORS))));
          if (connectorId === undefined) return totals;
          const own = await readOf(requireShardTagOfId(shards, "cn", connectorId), connectorId);
          return totals.map((total, i) => (total === undefined ? undefined : Number(own[i] ?? 0)));
        }),
      );
      return rows.flat();
    },
  };
}

function minuteFieldOf(minute: number): { readonly hour: number; readonly field: string } {
  return { hour: Math.floor(minute / MINUTES_PER_HOUR), field: `q${minute % MINUTES_PER_HOUR}` };
}

/** sumOf adds up the shards' figures of each minute; undefined where the first shard has none. */
function sumOf(shards: readonly (readonly (string | null)[])[]): readonly (number | undefined)[] {
  const [first = []] = shards;
  return first.map((own, i) =>
    own === null ? undefined : shards.reduce((sum, values) => sum + Number(values[i] ?? 0), 0),
  );
}
