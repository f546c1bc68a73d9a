/** The deliveries of the last hour, as settle.lua counts them for the overview. */
import { type Reply, readReplyList, readReplyNumbersByName } from "@baton/redis/lua-script";
import { quantileMs } from "./latency-histogram.ts";

const MINUTE_MS = 60_000;
const MINUTES_PER_HOUR = 60;
/** Latencies are counted together for so many minutes. */
const MINUTES_PER_COUNT = 10;

/** LastHourDeliveries is what was delivered; quantiles in milliseconds, absent where nothing was. */
export interface LastHourDeliveries {
  readonly deliveredLastHour: number;
  readonly p50Ms?: number;
  readonly p99Ms?: number;
}

/** epochHoursOfLastHour are the hours (since the epoch) that the last 60 minutes before `now` lie in. */
export function epochHoursOfLastHour(now: number): readonly number[] {
  const hour = Math.floor(now / MINUTE_MS / MINUTES_PER_HOUR);
  return [hour - 1, hour];
}

/**
 * sumLastHourDeliveries adds up the last 60 minutes from the hashes of these hours, each a flat list: `d<minute>`
 * counts, `l<ten minutes>:<bucket>` latencies.
 */
export function sumLastHourDeliveries(
  hashes: readonly Reply[],
  hours: readonly number[],
  now: number,
): LastHourDeliveries {
  const earliest = Math.floor(now / MINUTE_MS) - MINUTES_PER_HOUR + 1;
  const latencies = new Map<number, number>();
  let deliveredLastHour = 0;
  hours.forEach((hour, i) => {
    for (const [field, count] of readReplyNumbersByName(readReplyList(hashes, i))) {
      const { minute, bucket } = readField(field);
      if (hour * MINUTES_PER_HOUR + minute < earliest) continue;
      if (bucket === undefined) deliveredLastHour += count;
      else latencies.set(bucket, (latencies.get(bucket) ?? 0) + count);
    }
  });
  const [p50Ms, p99Ms] = [quantileMs(latencies, 0.5), quantileMs(latencies, 0.99)];
  return {
    deliveredLastHour,
    ...(p50Ms === undefined ? {} : { p50Ms }),
    ...(p99Ms === undefined ? {} : { p99Ms }),
  };
}

/** readField gives the last minute that a field counts, and its bucket; none where it counts all latencies. */
function readField(field: string): { readonly minute: number; readonly bucket?: number } {
  const [, kind, place = "", bucket] = /^([dl])(\d+)(?::(\d+))?$/.exec(field) ?? [];
  if (kind === "d") return { minute: Number(place) };
  return { minute: (Number(place) + 1) * MINUTES_PER_COUNT - 1, bucket: Number(bucket) };
}
