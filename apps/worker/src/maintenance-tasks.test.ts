import {
  RECONCILE_START,
  type ReconcileCursor,
  type ReconcileResult,
} from "@baton/handoffs/reconcile-and-prune-handoffs";
import type { UnreportedEvent } from "@baton/handoffs/worker-attempt-store";
import { expect, it } from "vitest";
import { createConnector, DELIVERED, setup as setupSpace } from "../../../packages/handoffs/testing/space.ts";
import {
  createPruneOldRecords,
  createReconcileOverdueHandoffs,
  createReportInterruptionsAndDeaths,
} from "./maintenance-tasks.ts";

function setupReconcile(steps: readonly ReconcileResult[], upForMs = 60_000) {
  const asked: ReconcileCursor[] = [];
  const reconciled: string[] = [];
  const reported: string[] = [];
  const state = { upForMs };
  const once = createReconcileOverdueHandoffs({
    maintenance: {
      async reconcile(_, { from }) {
        asked.push(from);
        return steps[asked.length - 1] ?? { next: RECONCILE_START, repaired: [], faults: [] };
      },
    },
    tags: ["{baton:0}"],
    upForMs: () => state.upForMs,
    onReconciled: (id) => reconciled.push(id),
    onFaults: (faults) => reported.push(...faults),
  });
  return { once, asked, reconciled, reported, state };
}

it("goes on where the last step stopped, and begins anew at the end", async () => {
  const next = { at: 1_000, skip: 200 };
  const { once, asked } = setupReconcile([
    { next, repaired: [], faults: [] },
    { next: RECONCILE_START, repaired: [], faults: [] },
  ]);
  for (let i = 0; i < 3; i++) await once();
  expect(asked).toEqual([RECONCILE_START, next, RECONCILE_START]);
});

it("counts what it repaired, and reports what it could not work on", async () => {
  const { once, reconciled, reported } = setupReconcile([
    { next: RECONCILE_START, repaired: ["ho_1", "ho_2"], faults: ["ho_3 WRONGTYPE"] },
  ]);
  await once();
  expect({ reconciled, reported }).toEqual({ reconciled: ["ho_1", "ho_2"], reported: ["ho_3 WRONGTYPE"] });
});

it("leaves everything alone while Redis has only just come back: what was answered 503 is withdrawn first", async () => {
  const { once, asked, state } = setupReconcile([], 4_000);
  await once();
  expect(asked).toEqual([]);
  state.upForMs = 6_000;
  await once();
  expect(asked).toEqual([RECONCILE_START]);
});

const NOW = 1_000_000;
/** One step's worth. */
const LIMIT = 50;

/** setupPrune gives a janitor in whose shards so many handoffs and entries of the audit are old enough. */
function setupPrune(
  old: { readonly ended?: number; readonly dead?: number; readonly audit?: number },
  tags = ["{baton:0}"],
) {
  const left = new Map<string, number>([["audit", old.audit ?? 0]]);
  for (const tag of tags) left.set(`${tag} ended`, old.ended ?? 0).set(`${tag} dead`, old.dead ?? 0);
  const asked: { readonly what: string; readonly before: number; readonly limit: number }[] = [];
  const closing = new AbortController();
  async function take(what: string, before: number, limit: number): Promise<number> {
    asked.push({ what, before, limit });
    const taken = Math.min(limit, left.get(what) ?? 0);
    left.set(what, (left.get(what) ?? 0) - taken);
    return taken;
  }
  const once = createPruneOldRecords({
    maintenance: { prune: (tag, set, { before, limit }) => take(`${tag} ${set}`, before, limit) },
    audit: { prune: (before, limit) => take("audit", before, limit) },
    tags,
    retentionMs: { ended: 1_000, dead: 2_000, audit: 3_000 },
    now: () => NOW,
    closing: closing.signal,
  });
  return { once, asked, left, closing };
}

it("looks at every shard and the audit, each by its own time of keeping", async () => {
  const { once, asked } = setupPrune({}, ["{baton:0}", "{baton:1}"]);
  await once();
  expect(asked).toEqual([
    { what: "{baton:0} ended", before: NOW - 1_000, limit: LIMIT },
    { what: "{baton:0} dead", before: NOW - 2_000, limit: LIMIT },
    { what: "{baton:1} ended", before: NOW - 1_000, limit: LIMIT },
    { what: "{baton:1} dead", before: NOW - 2_000, limit: LIMIT },
    { what: "audit", before: NOW - 3_000, limit: LIMIT },
  ]);
});

it("goes on in small steps for as long as there is a step's worth", async () => {
  const { once, asked, left } = setupPrune({ ended: 120, dead: 50, audit: 10 });
  await once();
  expect([...left.values()]).toEqual([0, 0, 0]);
  expect(asked.map(({ what }) => what.split(" ").at(-1))).toEqual(["ended", "ended", "ended", "dead", "dead", "audit"]);
});

it("leaves the rest of a flood to the next time, so that all shards have their turn", async () => {
  const { once, left } = setupPrune({ ended: 1_000_000 }, ["{baton:0}", "{baton:1}"]);
  await once();
  expect(left.get("{baton:0} ended")).toBe(1_000_000 - 100 * LIMIT);
  expect(left.get("{baton:1} ended")).toBe(1_000_000 - 100 * LIMIT);
});

it("begins no step once the process closes", async () => {
  const { once, asked, closing } = setupPrune({ ended: 1_000 });
  closing.abort();
  await once();
  expect(asked).toEqual([]);
});

it("reports once, over all workers, each handoff that died or was interrupted while no worker had it", async () => {
  const space = await setupSpace(2);
  const connectors = [createConnector(), createConnector({}, { shard: 1 })];
  const ids: string[] = [];
  for (const connector of connectors) {
    const settled = await space.queued(connector);
    await space.settle(connector, await space.sending(connector, settled), DELIVERED);
    const expired = await space.queued(connector, { deadlineMs: 1_000 });
    await space.elapse(1_001);
    await space.read(expired);
    ids.push(expired.handoff.id);
  }
  const reported: UnreportedEvent[][] = [[], []];
  const workers = reported.map((events) =>
    createReportInterruptionsAndDeaths({
      handoffs: space.deliveries,
      tags: space.shards.tags,
      onEvent: (event) => events.push(event),
    }),
  );
  await Promise.all(workers.map((once) => once()));
  await Promise.all(workers.map((once) => once()));
  const events = reported.flat();
  expect(events.map(({ id }) => id).toSorted()).toEqual(ids.toSorted());
  for (const event of events)
    expect(event).toMatchObject({ kind: "died", reason: "expired", cause: expect.stringMatching(/^cs_/) });
});
