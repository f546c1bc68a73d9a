import { randomBytes } from "node:crypto";
import { CommandTimeout } from "@baton/redis/lua-script";
import { expect, it, onTestFinished } from "vitest";
import { createConnector } from "../../domain/testing/connector.ts";
import { openTestRedis } from "../../redis/testing/redis.ts";
import { createConnectorStore } from "./connector-store.ts";
import { DeletedConnectorWatcher } from "./watch-for-deleted-connectors.ts";

async function setup() {
  const store = createConnectorStore(await openTestRedis(), `t${randomBytes(6).toString("hex")}`);
  const create = async () => {
    const stored = { connector: createConnector(), credentials: "sealed" };
    await store.create(stored);
    return stored;
  };
  return { store, create };
}

it("knows of any number of ids which no connector has", async () => {
  const { store, create } = await setup();
  const [one, two] = [await create(), await create()];
  const unknown = Array.from({ length: 1_200 }, (_, i) => `cn_${i}`);
  expect(await store.missing([one.connector.id, ...unknown, two.connector.id])).toEqual(unknown);
  expect(await store.missing([])).toEqual([]);
});

it("lets go of what is kept of a deleted connector as soon as the registry changed, of nothing else, and over an outage", async () => {
  const { store, create } = await setup();
  const [stays, goes] = [await create(), await create()];
  const kept = new Set([stays.connector.id, goes.connector.id]);
  let version: number | undefined = 1;
  let looks = 0;
  const missing = async (ids: readonly string[]) => {
    looks += 1;
    // Redis is away for the first look.
    if (looks === 1) throw new CommandTimeout("away");
    return store.missing(ids);
  };
  const errors: unknown[] = [];
  const forget = (ids: readonly string[]) => {
    for (const id of ids) kept.delete(id);
  };
  const watch = new DeletedConnectorWatcher({
    connectors: { missing },
    version: () => version,
    kept: () => [...kept],
    forget,
    onError: (error) => errors.push(error),
  });
  onTestFinished(() => watch.close());
  watch.start();
  await expect.poll(() => looks, { timeout: 20_000 }).toBe(2);
  expect(kept.size).toBe(2);
  await store.remove(goes);
  version = undefined;
  // The version is not known: nothing is looked at, however long that lasts.
  await expect.poll(() => looks, { timeout: 20_000 }).toBe(2);
  version = 2;
  await expect.poll(() => [...kept], { timeout: 20_000 }).toEqual([stays.connector.id]);
  expect(looks).toBe(3);
  expect(errors).toEqual([]);
});

it("reports what went wrong with a look, and looks again", async () => {
  const fault = new Error("WRONGTYPE");
  const errors: unknown[] = [];
  const watch = new DeletedConnectorWatcher({
    connectors: { missing: () => Promise.reject(fault) },
    version: () => 1,
    kept: () => ["cn_1"],
    forget: () => undefined,
    onError: (error) => errors.push(error),
  });
  onTestFinished(() => watch.close());
  watch.start();
  await expect.poll(() => errors.length, { timeout: 20_000 }).toBeGreaterThan(1);
  expect(errors).toContain(fault);
});
