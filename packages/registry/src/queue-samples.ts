/** How many handoffs were queued, minute by minute, for a day: admin samples it, because no script knows it of all. */
import type { RedisConnection } from "@baton/redis/connection";
import { withCommandTimeout } from "@baton/redis/script";
import { registryTag } from "@baton/redis/shards";

const MINUTES_PER_HOUR = 60;
/** KEPT_MS: a day, and the hour that is under way. */
const KEPT_MS = 26 * 3_600_000;

/** QueueSample is of one minute; of the connectors, it has only those with something queued. */
export interface QueueSample {
  readonly total: number;
  readonly byConnector: ReadonlyMap<string, number>;
}

export type QueueSampleStore = ReturnType<typeof createQueueSampleStore>;

/** createQueueSampleStore keeps a hash an hour: the total under `<minute>`, a connector's under `<minute>:<id>`. */
export function createQueueSampleStore(redis: RedisConnection, namespace: string) {
  const keyOf = (hour: number) => `${registryTag(namespace)}:queue-samples:${hour}`;

  return {
    /** has says whether a minute (since the epoch) was sampled: of several admin processes one is enough. */
    async has(minute: number): Promise<boolean> {
      const { hour, place } = placeOf(minute);
      return (await withCommandTimeout(redis.hexists(keyOf(hour), place))) === 1;
    },

    /** write keeps a minute's sample. */
    async write(minute: number, { total, byConnector }: QueueSample): Promise<void> {
      const { hour, place } = placeOf(minute);
      const rows = [...byConnector].flatMap(([id, count]) => [`${place}:${id}`, String(count)]);
      await withCommandTimeout(redis.hset(keyOf(hour), place, String(total), ...rows));
      await withCommandTimeout(redis.pexpire(keyOf(hour), KEPT_MS));
    },

    /**
     * read gives each of `count` minutes from `first`, of one connector or of all; undefined where none was sampled.
     */
    async read(first: number, count: number, connectorId?: string): Promise<readonly (number | undefined)[]> {
      const minutes = Array.from({ length: count }, (_, i) => placeOf(first + i));
      const byHour = Map.groupBy(minutes, ({ hour }) => hour);
      const rows = await Promise.all(
        [...byHour].map(async ([hour, places]) => {
          const fields = places.flatMap(({ place }) => [place, ...(connectorId ? [`${place}:${connectorId}`] : [])]);
          const values = await withCommandTimeout(redis.hmget(keyOf(hour), ...fields));
          return connectorId === undefined ? values.map(numberOf) : ownOf(values);
        }),
      );
      return rows.flat();
    },
  };
}

function placeOf(minute: number): { readonly hour: number; readonly place: string } {
  return { hour: Math.floor(minute / MINUTES_PER_HOUR), place: String(minute % MINUTES_PER_HOUR) };
}

function numberOf(value: string | null | undefined): number | undefined {
  return value === null || value === undefined ? undefined : Number(value);
}

/** ownOf reads pairs of the total and the connector's own: one that is not in a sampled minute had none. */
function ownOf(values: readonly (string | null)[]): readonly (number | undefined)[] {
  return Array.from({ length: values.length / 2 }, (_, i) =>
    numberOf(values[2 * i]) === undefined ? undefined : Number(values[2 * i + 1] ?? 0),
  );
}
