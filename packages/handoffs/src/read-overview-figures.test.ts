import fc from "fast-check";
import { expect, it } from "vitest";
import { again, createConnector, DELIVERED, setup } from "../testing/space.ts";
import { latencyBucket, quantileMs } from "./latency-histogram.ts";
import { createOverviewFiguresReader } from "./read-overview-figures.ts";

const NOTHING = { rejected: 0, expired: 0, exhausted: 0, unknown: 0, credentials: 0, configuration: 0 };

it("reads a quantile from its buckets that is never too short, and at most a factor of 1.7 too long", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 5, max: 13_000 }), { minLength: 1, maxLength: 200 }),
      fc.constantFrom(0.5, 0.9, 0.99, 1),
      (latencies, quantile) => {
        const counts = new Map<number, number>();
        for (const latency of latencies)
          counts.set(latencyBucket(latency), (counts.get(latencyBucket(latency)) ?? 0) + 1);
        const exact = latencies.toSorted((a, b) => a - b)[Math.ceil(latencies.length * quantile) - 1] ?? 0;
        const read = quantileMs(counts, quantile) ?? 0;
        expect(read).toBeGreaterThanOrEqual(exact);
        expect(read).toBeLessThanOrEqual(exact * 1.7);
      },
    ),
  );
});

it("says nothing of latencies where there were none, and no more than a minute where they were longer", () => {
  expect(quantileMs(new Map(), 0.5)).toBeUndefined();
  expect(quantileMs(new Map([[latencyBucket(3_600_000), 1]]), 0.5)).toBe(60_000);
  expect(latencyBucket(0)).toBe(0);
});

it("counts over several shards what is queued, sent, delivered and dead, and how long the oldest waits", async () => {
  const space = await setup(2);
  const connectors = [createConnector({}, { shard: 0 }), createConnector({}, { shard: 1 })];
  for (const connector of connectors) {
    await space.sending(connector, await space.queued(connector));
    await space.settle(connector, await space.sending(connector, await space.queued(connector)), DELIVERED);
    await space.die(connector);
    // One that waits for a retry, and one without a place, are queued as well.
    await space.die(connector, again("unreachable", 50_000));
    await space.elapse(10_000);
    await space.accept(connector);
  }
  const figures = createOverviewFiguresReader(space.shards);
  const ids = connectors.map(({ id }) => id);
  expect(await figures.totals()).toEqual({
    sending: 2,
    sendingByConnector: new Map(ids.map((id) => [id, 1])),
    deadByReason: { ...NOTHING, rejected: 2 },
    diedLastHour: 2,
    jobs: [0, 1].map((shard) => ({ shard, waiting: 0, active: 1, delayed: 1 })),
  });
  const states = await figures.states(ids);
  expect(states).toMatchObject(
    ids.map((connectorId) => ({ connectorId, queued: 2, breaker: "closed", deadLetters: 1 })),
  );
  for (const { oldestQueuedMs } of states) expect(oldestQueuedMs).toBeGreaterThanOrEqual(10_000);
  const delivered = { deliveredLastHour: 1, p50Ms: expect.any(Number), p99Ms: expect.any(Number) };
  const deadByReason = { ...NOTHING, rejected: 1 };
  expect(await figures.figures(ids)).toEqual(ids.map((connectorId) => ({ connectorId, deadByReason, ...delivered })));
  expect([await figures.states([]), await figures.figures([])]).toEqual([[], []]);
});

it("counts a connector's dead letters of each reason, though it asks no further once it has them all", async () => {
  const space = await setup();
  const [connector, none] = [createConnector(), createConnector()];
  for (const reason of ["rejected", "unknown", "unknown", "configuration"] as const) {
    await space.die(connector, [
      { kind: "unavailable", httpStatus: 503 },
      { kind: "dead", reason },
    ]);
  }
  const rows = await createOverviewFiguresReader(space.shards).deadByReason([connector.id, none.id]);
  expect(rows.map(({ deadByReason }) => deadByReason)).toEqual([
    { ...NOTHING, rejected: 1, unknown: 2, configuration: 1 },
    NOTHING,
  ]);
});
