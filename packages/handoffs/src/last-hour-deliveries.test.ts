import { expect, it } from "vitest";
import { epochHoursOfLastHour, sumLastHourDeliveries } from "./last-hour-deliveries.ts";
import { latencyBucket } from "./latency-histogram.ts";

const MINUTE_MS = 60_000;
const HOUR = 500_000;

/** deliverEachMinute counts a delivery in each minute until `now`, as settle.lua does: a flat list for each hour. */
function deliverEachMinute(now: number, latencyMs: number): readonly (readonly string[])[] {
  const last = Math.floor(now / MINUTE_MS);
  return epochHoursOfLastHour(now).map((hour) => {
    const counts = new Map<string, number>();
    for (let place = 0; place < 60 && hour * 60 + place <= last; place++) {
      for (const field of [`d${place}`, `l${Math.floor(place / 10)}:${latencyBucket(latencyMs)}`])
        counts.set(field, (counts.get(field) ?? 0) + 1);
    }
    return [...counts].flatMap(([field, count]) => [field, String(count)]);
  });
}

it.each([0, 1, 29, 58, 59])("counts sixty minutes and no more, at %i minutes past the hour", (past) => {
  const now = (HOUR * 60 + past) * MINUTE_MS + 1_000;
  const hashes = deliverEachMinute(now, 700);
  const delivered = { deliveredLastHour: 60, p50Ms: 800, p99Ms: 800 };
  expect(sumLastHourDeliveries(hashes, epochHoursOfLastHour(now), now)).toEqual(delivered);
  // Redis's clock is a minute further.
  expect(sumLastHourDeliveries(hashes, epochHoursOfLastHour(now), now + MINUTE_MS).deliveredLastHour).toBe(59);
});

it("gives no latency where nothing was delivered", () => {
  const now = HOUR * 60 * MINUTE_MS;
  expect(sumLastHourDeliveries([[], []], epochHoursOfLastHour(now), now)).toEqual({ deliveredLastHour: 0 });
});
