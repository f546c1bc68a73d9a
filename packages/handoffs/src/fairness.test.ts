import { expect, it } from "vitest";
import { createConnector, type Space, setup } from "../testing/space.ts";
import type { StoredHandoff } from "./handoff-record.ts";

type Connector = ReturnType<typeof createConnector>;

/** parkMany has handoffs of each connector wait at its gate, which then opens. */
async function parkMany(space: Space, connectors: readonly Connector[], count: number): Promise<void> {
  for (const connector of connectors) await Promise.all(Array.from({ length: count }, () => space.queued(connector)));
  const destinations = new Map(connectors.map(({ id }) => [id, undefined]));
  let { hasMore } = await space.claim(connectors, { destinations });
  while (hasMore) ({ hasMore } = await space.claim(connectors, { destinations: new Map() }));
  // One that was without a token comes back for them 50 ms later.
  await space.elapse(100);
}

function countBy(attempts: readonly { readonly connectorId: string }[]): ReadonlyMap<string, number> {
  return new Map([...Map.groupBy(attempts, ({ connectorId }) => connectorId)].map(([id, own]) => [id, own.length]));
}

it("keeps half of a claim's places for those who wait, though others are parked", async () => {
  const space = await setup();
  const [many, single] = [createConnector(), createConnector()];
  await parkMany(space, [many], 50);
  const comes: StoredHandoff[] = [];
  for (let i = 0; i < 10; i++) comes.push(await space.queued(single));
  const { attempts } = await space.claim([many, single], { slots: 16 });
  expect(countBy(attempts)).toEqual(
    new Map([
      [many.id, 8],
      [single.id, 8],
    ]),
  );
});

it("lets no new one pass those of its connector that are parked, though there are places left", async () => {
  const space = await setup();
  const connector = createConnector();
  await parkMany(space, [connector], 6);
  const parked = await space.redis.zrange(`${space.tag}:parked:${connector.id}`, "0", "-1");
  const { handoff } = await space.queued(connector);
  const { attempts } = await space.claim(connector, { slots: 4 });
  // Half of the places are for those that wait; one that waits here is behind the parked ones.
  expect(attempts.map(({ id }) => id)).toEqual(parked.slice(0, 2));
  expect(await space.redis.zscore(`${space.tag}:parked:${connector.id}`, handoff.id)).not.toBeNull();
});

it("uses all places for those that are parked where none waits", async () => {
  const space = await setup();
  const many = createConnector();
  await parkMany(space, [many], 50);
  expect((await space.claim(many, { slots: 16 })).attempts).toHaveLength(16);
});

it("takes one of each connector in turn", async () => {
  const space = await setup();
  const [many, few] = [createConnector(), createConnector()];
  await parkMany(space, [many], 40);
  await parkMany(space, [few], 3);
  const { attempts } = await space.claim([many, few], { slots: 10 });
  expect(countBy(attempts)).toEqual(
    new Map([
      [many.id, 7],
      [few.id, 3],
    ]),
  );
});

it("opens at most 32 gates in one claim, and the others in the next ones", async () => {
  const space = await setup();
  const connectors = Array.from({ length: 70 }, () => createConnector());
  await parkMany(space, connectors, 1);
  await space.claim(connectors, { slots: 1, limit: 0, destinations: new Map() });
  // The worker has found them all; they are looked at because they are armed, not because it sends them.
  await space.claim(connectors, { slots: 0 });
  await space.claim(connectors, { slots: 0, everything: "resumed" });
  await space.elapse(900);
  const sizes = [];
  for (let i = 0; i < 3; i++) sizes.push((await space.claim(connectors, { slots: 100 })).attempts.length);
  expect(sizes).toEqual([32, 32, 6]);
});

it("looks at a bounded number of jobs in one claim, and says that there are more", async () => {
  const space = await setup();
  const connector = createConnector();
  await Promise.all(Array.from({ length: 300 }, () => space.queued(connector, { deadlineMs: 1_000 })));
  await space.elapse(1_001);
  const queued = () => space.redis.zcard(`${space.tag}:queued:${connector.id}`);
  const left = [await queued()];
  for (let i = 0; i < 4; i++) {
    const { hasMore } = await space.claim(connector);
    left.push(await queued());
    expect(hasMore).toBe((left.at(-1) ?? 0) > 0);
  }
  expect(left).toEqual([300, 204, 108, 12, 0]);
});

it("expires a many whose deadlines meet in small steps, while others go on", async () => {
  const space = await setup();
  const [many, live] = [createConnector(), createConnector()];
  await Promise.all(Array.from({ length: 400 }, () => space.queued(many, { deadlineMs: 5_000 })));
  while ((await space.claim({ ...many, paused: true })).hasMore);
  await space.elapse(5_001);
  const stored = await space.queued(live);
  const { attempts } = await space.claim([{ ...many, paused: true }, live]);
  expect(attempts.map(({ id }) => id)).toEqual([stored.handoff.id]);
  const leftAfter = await space.redis.zcard(`${space.tag}:queued:${many.id}`);
  expect(leftAfter).toBeGreaterThanOrEqual(300);
  for (let i = 0; i < 20 && (await space.claim({ ...many, paused: true })).hasMore; i++);
  expect(await space.redis.zcard(`${space.tag}:queued:${many.id}`)).toBe(0);
});

it("begins no more of a connector than its worker may have in flight", async () => {
  const space = await setup();
  const [near, free] = [createConnector(), createConnector()];
  for (const connector of [near, free]) for (let i = 0; i < 10; i++) await space.queued(connector);
  const first = await space.claim([near, free], { limit: 6, freeSlots: new Map([[near.id, 2]]) });
  expect(countBy(first.attempts)).toEqual(
    new Map([
      [near.id, 2],
      [free.id, 6],
    ]),
  );
  // A slot that comes free is used at once, also where the gate is to be looked at later.
  const next = await space.claim([near, free], {
    limit: 6,
    freeSlots: new Map([
      [near.id, 1],
      [free.id, 0],
    ]),
  });
  expect(countBy(next.attempts)).toEqual(new Map([[near.id, 1]]));
});

it("leaves parked items of runs behind every live handoff of their connector", async () => {
  const space = await setup();
  const { redis, tag } = space;
  const connector = createConnector({ rate: { perSecond: 1, burst: 1 } });
  const item = await space.queued(connector);
  await redis.hset(`${tag}:h:${item.handoff.id}`, "rp", "run");
  await redis.zrem(`${tag}:queued:${connector.id}`, item.handoff.id);
  const live = [await space.queued(connector), await space.queued(connector)];
  const sent: string[] = [];
  for (let i = 0; i < 12 && sent.length < 3; i++) {
    sent.push(...(await space.claim(connector)).attempts.map(({ id }) => id));
    await space.elapse(500);
  }
  expect(sent).toEqual([...live, item].map(({ handoff }) => handoff.id));
});
