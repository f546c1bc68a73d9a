/** A list of the hot path goes on where one of its members cannot be worked on: no other handoff waits for it. */
import { expect, it } from "vitest";
import { createConnector, DELIVERED, type Space, setup } from "../testing/space.ts";
import type { StoredHandoff } from "./handoff-record.ts";

type Connector = ReturnType<typeof createConnector>;

/** breakKey puts a text where a hash, list or set should be. */
async function breakKey({ redis, tag }: Space, key: string): Promise<void> {
  await redis.set(`${tag}:${key}`, "broken");
}

const fault = (asked: Promise<unknown>) =>
  asked.then(
    () => undefined,
    (error: Error) => error.message,
  );

async function unplaced({ accept }: Space, connector: Connector): Promise<StoredHandoff> {
  const accepted = await accept(connector);
  if (accepted.kind !== "accepted") throw new Error(accepted.kind);
  return accepted.stored;
}

async function queueThree(
  { queued }: Space,
  connector: Connector,
): Promise<readonly [StoredHandoff, StoredHandoff, StoredHandoff]> {
  return [await queued(connector), await queued(connector), await queued(connector)];
}

it("accepts the others where one meets a broken key of its own", async () => {
  const space = await setup();
  const connector = createConnector();
  await breakKey(space, `contact:${connector.id}:2`);
  const asked = ["1", "2", "3"].map((contactId) => space.accept(connector, { contactId }));
  const [first, broken, last] = await Promise.all(asked.map(fault));
  expect([first, last]).toEqual([undefined, undefined]);
  expect(broken).toMatch(/not accepted: ho_.* WRONGTYPE/);
  expect((await space.accept(connector, { contactId: "4" })).kind).toBe("accepted");
});

it("places the others, and says which one is not", async () => {
  const space = await setup();
  const connector = createConnector();
  const stored = [await unplaced(space, connector), await unplaced(space, connector), await unplaced(space, connector)];
  const [first, broken, last] = stored.map(({ handoff }) => handoff.id);
  await breakKey(space, `h:${broken}`);
  const faults = await Promise.all([first, broken, last].map((id) => fault(space.handoffs.place(id ?? ""))));
  expect(faults[0]).toBeUndefined();
  expect(faults[1]).toMatch(new RegExp(`not placed: ${broken} WRONGTYPE`));
  expect(faults[2]).toBeUndefined();
  expect((await space.claim(connector)).attempts.map(({ id }) => id)).toEqual([first, last]);
});

it("begins the others that wait, says which one is not, and comes back to that later", async () => {
  const space = await setup();
  const connector = createConnector();
  const [first, broken, last] = await queueThree(space, connector);
  const record = await space.redis.hgetall(`${space.tag}:h:${broken.handoff.id}`);
  await breakKey(space, `h:${broken.handoff.id}`);
  const { attempts, faults } = await space.claim(connector);
  expect(attempts.map(({ id }) => id)).toEqual([first, last].map(({ handoff }) => handoff.id));
  expect(faults).toEqual([expect.stringMatching(`^${broken.handoff.id}-1 .*WRONGTYPE`)]);
  await space.redis.del(`${space.tag}:h:${broken.handoff.id}`);
  await space.redis.hset(`${space.tag}:h:${broken.handoff.id}`, record);
  await space.elapse(1_001);
  // Its record is older by that than it says.
  expect((await space.claim(connector)).attempts.map(({ id }) => id)).toEqual([broken.handoff.id]);
});

it("begins the others that are parked, also of other connectors", async () => {
  const space = await setup();
  const [connector, other] = [createConnector(), createConnector()];
  const [first, broken, last] = await queueThree(space, connector);
  const [others] = await queueThree(space, other);
  await space.claim([connector, other].map((each) => ({ ...each, paused: true })));
  await breakKey(space, `h:${broken.handoff.id}`);
  const begun: string[] = [];
  for (let i = 0; i < 6; i++) {
    begun.push(...(await space.claim([connector, other])).attempts.map(({ id }) => id));
    await space.elapse(10);
  }
  expect(begun).toEqual(expect.arrayContaining([first, last, others].map(({ handoff }) => handoff.id)));
  expect(begun).toHaveLength(5);
});

it("begins who is parked behind a broken one, one at a time", async () => {
  const space = await setup();
  const connector = createConnector({ rate: { perSecond: 10, burst: 1 } });
  const [first, broken, last] = await queueThree(space, connector);
  await space.claim({ ...connector, paused: true });
  await breakKey(space, `h:${broken.handoff.id}`);
  const begun: string[] = [];
  for (let i = 0; i < 6; i++) {
    begun.push(...(await space.claim(connector)).attempts.map(({ id }) => id));
    await space.elapse(100);
  }
  expect(begun.toSorted()).toEqual([first, last].map(({ handoff }) => handoff.id).toSorted());
});

it("goes on with other connectors where one connector's own keys are broken", async () => {
  const space = await setup();
  const [broken, connector] = [createConnector(), createConnector()];
  await space.queued(broken);
  const stored = await space.queued(connector);
  await breakKey(space, `c:${broken.id}`);
  const { attempts, faults } = await space.claim([broken, connector]);
  expect(attempts.map(({ id }) => id)).toEqual([stored.handoff.id]);
  expect(faults.join()).toContain("WRONGTYPE");
});

it("settles the others, and the broken one once it is repaired", async () => {
  const space = await setup();
  const connector = createConnector();
  const [first, broken, last] = await queueThree(space, connector);
  const { attempts } = await space.claim(connector);
  const record = await space.redis.hgetall(`${space.tag}:h:${broken.handoff.id}`);
  await breakKey(space, `h:${broken.handoff.id}`);
  const faults = await Promise.all(attempts.map((attempt) => fault(space.settle(connector, attempt, DELIVERED))));
  expect(faults).toEqual([undefined, expect.stringMatching(/not settled: ho_.*WRONGTYPE/), undefined]);
  for (const stored of [first, last]) expect((await space.read(stored)).handoff.status).toBe("delivered");
  await space.redis.del(`${space.tag}:h:${broken.handoff.id}`);
  await space.redis.hset(`${space.tag}:h:${broken.handoff.id}`, record);
  const attempt = attempts.find(({ id }) => id === broken.handoff.id);
  if (attempt === undefined) throw new Error("none");
  expect(await space.settle(connector, attempt, DELIVERED)).toMatchObject({ status: "delivered" });
  expect(await space.redis.keys(`${space.tag}:handoffs:ho_*`)).toEqual([]);
});

it("settles a handoff though the next one of its contact is broken", async () => {
  const space = await setup();
  const connector = createConnector();
  const first = await space.queued(connector, { contactId: "1" });
  const broken = await space.queued(connector, { contactId: "1" });
  const attempt = await space.sending(connector, first);
  await space.claim(connector);
  await breakKey(space, `h:${broken.handoff.id}`);
  expect(await space.settle(connector, attempt, DELIVERED)).toMatchObject({ status: "delivered" });
  expect(await space.redis.keys(`${space.tag}:handoffs:${first.handoff.id}*`)).toEqual([]);
});

it("repairs and ends the others, and says which one it could not", async () => {
  const space = await setup();
  const connector = createConnector();
  const [lost, broken, expired] = [
    await unplaced(space, connector),
    await space.queued(connector),
    await space.queued(connector, { deadlineMs: 1_000 }),
  ];
  await breakKey(space, `h:${broken.handoff.id}`);
  await space.elapse(6_001);
  const { repaired, faults } = await space.maintenance.reconcile(space.tag, {
    from: { at: 0, skip: 0 },
    afterMs: 5_000,
    limit: 10,
  });
  expect(repaired).toEqual([lost.handoff.id]);
  expect(faults).toEqual([expect.stringContaining(broken.handoff.id)]);
  expect((await space.read(expired)).handoff.reason).toBe("expired");
});
