import type { Note } from "@baton/store";
import { expect, it } from "vitest";
import { createConnector, DELIVERED, setup as setupSpace } from "../../../packages/store/testing/space.ts";
import { createReportNotes } from "./report-notes.ts";

it("tells once, of all workers, of each handoff that died or was interrupted while nobody had it in hand", async () => {
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
  const told: Note[][] = [[], []];
  const workers = told.map((notes) =>
    createReportNotes({ handoffs: space.deliveries, tags: space.shards.tags, onNote: (note) => notes.push(note) }),
  );
  await Promise.all(workers.map((once) => once()));
  await Promise.all(workers.map((once) => once()));
  const notes = told.flat();
  expect(notes.map(({ id }) => id).toSorted()).toEqual(ids.toSorted());
  for (const note of notes)
    expect(note).toMatchObject({ kind: "died", reason: "expired", cause: expect.stringMatching(/^cs_/) });
});
