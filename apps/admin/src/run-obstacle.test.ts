import { createRunItemStore } from "@baton/handoffs/run-item-store";
import { createRunStore } from "@baton/registry/run-store";
import { expect, it } from "vitest";
import { setup, useRedis } from "../testing/world.ts";
import { createFindRunObstacle } from "./run-obstacle.ts";

useRedis();

/** setupRun starts a run of two connectors' dead letters that no worker steps. */
async function setupRun(kind: "replay" | "discard" = "replay") {
  const world = await setup();
  const { client, connect, die } = world;
  const [first, second] = [await connect(), await connect()];
  for (const connector of [first, second]) await die(connector);
  const { id } = await client.startRun(kind, { all: true, note: "repaired" });
  const obstacle = async () => (await client.run(kind, id)).waitingBecause;
  return { ...world, first, second, id, obstacle };
}

it("says of a replay that each connector with dead letters left is paused", async () => {
  const { client, first, second, obstacle } = await setupRun();
  expect(await obstacle()).toBeUndefined();
  await client.pauseConnector(first.id);
  expect(await obstacle()).toBeUndefined();
  await client.pauseConnector(second.id);
  expect(await obstacle()).toBe("connectors-paused");
  expect((await client.runs("replay")).items.map(({ waitingBecause }) => waitingBecause)).toEqual([
    "connectors-paused",
  ]);
  await client.resumeConnector(first.id);
  expect(await obstacle()).toBeUndefined();
});

it("says of a replay that everything is paused, and nothing of one that is paused itself", async () => {
  const { client, id, obstacle } = await setupRun();
  await client.pause();
  expect(await obstacle()).toBe("everything-paused");
  await client.pauseRun("replay", id);
  expect(await obstacle()).toBeUndefined();
});

it("says nothing of a discard while everything is paused: it sends nothing", async () => {
  const { client, obstacle } = await setupRun("discard");
  await client.pause();
  expect(await obstacle()).toBeUndefined();
});

it("says that no worker runs", async () => {
  const { id, redis, namespace, shards, connectors } = await setupRun();
  const findObstacle = createFindRunObstacle({
    runItems: createRunItemStore(shards),
    connectors,
    heartbeat: { paused: false, workers: 0 },
    now: Date.now,
  });
  const run = await createRunStore(redis, namespace).read(id.slice("rn_".length));
  if (run === undefined) throw new Error("the run is not kept");
  expect(await findObstacle(run)).toBe("no-worker");
});
