import { FROM_START, type ReconcileCursor, type Reconciled } from "@baton/store";
import { expect, it } from "vitest";
import { createReconcile } from "./reconcile.ts";

function setup(steps: readonly Reconciled[], upForMs = 60_000) {
  const asked: ReconcileCursor[] = [];
  const reconciled: string[] = [];
  const told: string[] = [];
  const state = { upForMs };
  const once = createReconcile({
    maintenance: {
      async reconcile(_, { from }) {
        asked.push(from);
        return steps[asked.length - 1] ?? { next: FROM_START, mended: [], faults: [] };
      },
    },
    tags: ["{baton:0}"],
    upForMs: () => state.upForMs,
    onReconciled: (id) => reconciled.push(id),
    onFaults: (faults) => told.push(...faults),
  });
  return { once, asked, reconciled, told, state };
}

it("goes on where the last step stopped, and begins anew at the end", async () => {
  const next = { at: 1_000, skip: 200 };
  const { once, asked } = setup([
    { next, mended: [], faults: [] },
    { next: FROM_START, mended: [], faults: [] },
  ]);
  for (let i = 0; i < 3; i++) await once();
  expect(asked).toEqual([FROM_START, next, FROM_START]);
});

it("counts what it mended, and tells what it could not work on", async () => {
  const { once, reconciled, told } = setup([
    { next: FROM_START, mended: ["ho_1", "ho_2"], faults: ["ho_3 WRONGTYPE"] },
  ]);
  await once();
  expect({ reconciled, told }).toEqual({ reconciled: ["ho_1", "ho_2"], told: ["ho_3 WRONGTYPE"] });
});

it("leaves everything alone while Redis has only just come back: what was answered 503 is withdrawn first", async () => {
  const { once, asked, state } = setup([], 4_000);
  await once();
  expect(asked).toEqual([]);
  state.upForMs = 6_000;
  await once();
  expect(asked).toEqual([FROM_START]);
});
