import { expect, it } from "vitest";
import { createConnector, setup as createSpace } from "../testing/space.ts";
import { createQueueSampleStore } from "./queue-sample-store.ts";

const MINUTE = 30_000_000;

async function setup() {
  const space = await createSpace(2);
  const [one, other, idle] = [0, 1, 1].map((shard) => createConnector({}, { shard }).id);
  if (one === undefined || other === undefined || idle === undefined) throw new Error("none");
  const counts = [
    { connectorId: one, queued: 3 },
    { connectorId: other, queued: 4 },
  ];
  return { ...space, one, other, idle, counts, samples: createQueueSampleStore(space.shards) };
}

it("keeps a minute's sample of all shards and of those that are shown, for a day", async () => {
  const { samples, counts, one, other, idle, elapse } = await setup();
  expect(await samples.has(MINUTE)).toBe(false);
  await samples.write(MINUTE, { all: counts, shown: counts.slice(0, 1) });
  expect(await samples.has(MINUTE)).toBe(true);
  const read = (connectorId?: string) => samples.read(MINUTE - 1, 3, connectorId);
  expect(await read()).toEqual([undefined, 7, undefined]);
  expect(await read(one)).toEqual([undefined, 3, undefined]);
  for (const id of [other, idle]) expect(await read(id)).toEqual([undefined, 0, undefined]);
  await elapse(24 * 3_600_000);
  expect(await samples.has(MINUTE)).toBe(true);
  await elapse(2 * 3_600_000);
  expect(await read()).toEqual([undefined, undefined, undefined]);
});

it("counts as sampled where nothing is queued, and over the end of an hour", async () => {
  const { samples, one } = await setup();
  const last = 60 * 500_000 - 1;
  await samples.write(last, { all: [], shown: [] });
  await samples.write(last + 1, { all: [], shown: [] });
  expect(await samples.read(last, 3, one)).toEqual([0, 0, undefined]);
});
