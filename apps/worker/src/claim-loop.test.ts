import type { ClaimedAttempt, ClaimRequest, ClaimResult } from "@baton/handoffs/claim-script-arguments-and-reply";
import { CommandTimeout } from "@baton/redis/lua-script";
import { expect, it, onTestFinished, vi } from "vitest";
import {
  createConnector,
  DELIVERED,
  openTestRedis,
  type Space,
  setup as setupSpace,
} from "../../../packages/handoffs/testing/space.ts";
import { createKnownDestinations } from "../testing/known-destinations.ts";
import { ClaimLoop, type ClaimLoopOptions } from "./claim-loop.ts";
import { ConcurrencySlots } from "./concurrency-slots.ts";
import { createConnectorConcurrencyLimit } from "./connector-concurrency-limit.ts";

const POLL = { timeout: 20_000, interval: 10 };

type Connector = ReturnType<typeof createConnector>;
type Changes = Partial<ClaimLoopOptions> & { readonly concurrency?: number; readonly name?: string };

/**
 * createWorker makes a loop that delivers at once, unless `deliver` says otherwise; it starts by itself and closes with
 * the test.
 */
async function createWorker(
  space: Space,
  connectors: readonly Connector[],
  { concurrency = 8, name = "w", ...changes }: Changes = {},
) {
  const slots = new ConcurrencySlots(concurrency);
  const orders: ClaimRequest[] = [];
  const faults: string[] = [];
  const errors: unknown[] = [];
  const abandoned: ClaimedAttempt[] = [];
  const connections = [await openTestRedis("blocking"), await openTestRedis("blocking")];
  const known = createKnownDestinations(connectors, name);
  let tokens = 0;
  const loop = new ClaimLoop({
    tag: space.tag,
    slots,
    limit: createConnectorConcurrencyLimit({ slots, clock: () => performance.now() }),
    handoffs: {
      claim: (tag, order) => {
        orders.push(order);
        return space.deliveries.claim(tag, order);
      },
      renewLocks: (tag, attempts) => space.deliveries.renewLocks(tag, attempts),
    },
    destinations: known,
    openConnection: () => connections.shift() ?? fail(),
    now: Date.now,
    canTakeJobs: () => true,
    isPaused: () => false,
    createToken: () => `${name}${tokens++}`,
    random: () => 0,
    async deliver(attempt) {
      const connector = connectors.find(({ id }) => id === attempt.connectorId) ?? fail();
      await space.settle(connector, attempt, DELIVERED);
      return true;
    },
    async abandon(attempt) {
      abandoned.push(attempt);
      await space.deliveries.abandon({ attempt, waitMs: 0 });
    },
    onError: (error) => errors.push(error),
    onFaults: (found) => faults.push(...found),
    onStalled: () => undefined,
    ...changes,
  });
  known.nudge = () => loop.nudge();
  loop.start();
  onTestFinished(async () => {
    await loop.close();
    expect(errors).toEqual([]);
  });
  return { loop, slots, orders, faults, abandoned, known };
}

/** createGate holds deliveries up until they are let go. */
function createGate(space: Space, connector: Connector) {
  const held: (() => void)[] = [];
  let inFlight = 0;
  let most = 0;
  return {
    held,
    most: () => most,
    async deliver(attempt: ClaimedAttempt) {
      most = Math.max(most, ++inFlight);
      await new Promise<void>((resolve) => held.push(resolve));
      inFlight--;
      await space.settle(connector, attempt, DELIVERED);
      return true;
    },
  };
}

const statusOf = async ({ handoffs }: Space, id: string) => (await handoffs.read(id))?.handoff.status;
const delivered = (space: Space, ids: readonly string[]) =>
  expect
    .poll(
      async () => (await Promise.all(ids.map((id) => statusOf(space, id)))).every((status) => status === "delivered"),
      POLL,
    )
    .toBe(true);

async function setup() {
  const space = await setupSpace();
  const connector = createConnector();
  return { space, connector };
}

it("finds what it lacks, is woken by what comes, and asks seldom in between", async () => {
  const { space, connector } = await setup();
  const { known, orders } = await createWorker(space, [connector]);
  const first = await space.queued(connector);
  await delivered(space, [first.handoff.id]);
  expect(known.requested).toContain(connector.id);
  const asked = orders.length;
  const second = await space.queued(connector);
  await delivered(space, [second.handoff.id]);
  // One for what came, and one for each second in which nothing did.
  expect(orders.length - asked).toBeLessThan(25);
});

it("comes back at the moment at which something falls due", async () => {
  const { space, connector } = await setup();
  await createWorker(space, [connector]);
  const stored = await space.queued(connector, { delayMs: 700 });
  await delivered(space, [stored.handoff.id]);
  const [attempt] = (await space.read(stored)).handoff.attempts;
  expect(attempt?.startedAt).toBeGreaterThanOrEqual(stored.handoff.nextAttemptAt ?? 0);
});

it("has no more in flight than it has slots, and claims as they come free", async () => {
  const { space, connector } = await setup();
  const gate = createGate(space, connector);
  const { slots } = await createWorker(space, [connector], {
    concurrency: 4,
    deliver: gate.deliver,
    limit: limitless(),
  });
  const ids: string[] = [];
  for (let i = 0; i < 10; i++) ids.push((await space.queued(connector)).handoff.id);
  for (let i = 0; i < ids.length; i++) {
    await expect.poll(() => gate.held.length, POLL).toBeGreaterThan(0);
    gate.held.shift()?.();
  }
  await delivered(space, ids);
  expect(gate.most()).toBe(4);
  await expect.poll(() => slots.free, POLL).toBe(4);
});

it("leaves what it has no slot for to another worker, also where it was woken for it", async () => {
  const { space, connector } = await setup();
  const gate = createGate(space, connector);
  await createWorker(space, [connector], { concurrency: 1, name: "busy", deliver: gate.deliver });
  const first = await space.queued(connector);
  await expect.poll(() => gate.held.length, POLL).toBe(1);
  await createWorker(space, [connector], { name: "free" });
  const others: string[] = [];
  for (let i = 0; i < 5; i++) others.push((await space.queued(connector)).handoff.id);
  await delivered(space, others);
  expect(await statusOf(space, first.handoff.id)).toBe("sending");
  gate.held.shift()?.();
  await delivered(space, [first.handoff.id]);
});

it("takes nothing while it is not ready, and goes on once it is", async () => {
  const { space, connector } = await setup();
  let canTake = false;
  const { orders } = await createWorker(space, [connector], { canTakeJobs: vi.fn(() => canTake) });
  const stored = await space.queued(connector);
  expect(orders).toEqual([]);
  canTake = true;
  await delivered(space, [stored.handoff.id]);
});

it("says once that everything goes on after its pause", async () => {
  const { space, connector } = await setup();
  let isPaused = true;
  const { orders } = await createWorker(space, [connector], { isPaused: () => isPaused });
  const stored = await space.queued(connector);
  await expect.poll(async () => (await space.read(stored)).handoff.waitingFor, POLL).toBe("pause");
  isPaused = false;
  await delivered(space, [stored.handoff.id]);
  const sent = orders.map(({ everything }) => everything);
  expect(sent.filter((everything) => everything === "resumed")).toHaveLength(1);
  expect(sent.indexOf("resumed")).toBe(sent.lastIndexOf("paused") + 1);
});

it("gives back what a claim began whose answer was lost: nothing of it counts, and it is delivered after all", async () => {
  const { space } = await setup();
  const connector = createConnector({ guarantee: "at-most-once", maxAttempts: 1 });
  const stored = [await space.queued(connector), await space.queued(connector)];
  let lost = 0;
  const claim = async (tag: string, order: ClaimRequest): Promise<ClaimResult> => {
    const claimed = await space.deliveries.claim(tag, order);
    if (claimed.kind === "claimed" && claimed.attempts.length > 0 && !order.isRepeat && lost++ === 0)
      throw new CommandTimeout("the answer was lost");
    return claimed;
  };
  const { abandoned } = await createWorker(space, [connector], { handoffs: { ...space.deliveries, claim } });
  await delivered(
    space,
    stored.map(({ handoff }) => handoff.id),
  );
  expect(abandoned).toHaveLength(2);
  for (const each of stored) {
    expect((await space.read(each)).handoff).toMatchObject({
      attempts: [{ number: 1, outcome: "accepted" }],
      mayHaveArrived: false,
    });
  }
});

it("begins nothing for a claim that comes after its own repeat", async () => {
  const { space, connector } = await setup();
  let overtaken: (() => Promise<ClaimResult>) | undefined;
  let late: Promise<ClaimResult> | undefined;
  const claim = async (tag: string, order: ClaimRequest): Promise<ClaimResult> => {
    if (order.isRepeat === true) {
      const repeated = await space.deliveries.claim(tag, order);
      late ??= overtaken?.();
      return repeated;
    }
    if (order.destinations.size > 0 && overtaken === undefined) {
      overtaken = () => space.deliveries.claim(tag, order);
      throw new CommandTimeout("its connection was lost");
    }
    return space.deliveries.claim(tag, order);
  };
  await createWorker(space, [connector], { handoffs: { ...space.deliveries, claim } });
  const stored = await space.queued(connector);
  await expect.poll(() => late, POLL).toBeDefined();
  expect(await late).toEqual({ kind: "late" });
  await delivered(space, [stored.handoff.id]);
  expect((await space.read(stored)).handoff.attempts).toHaveLength(1);
});

it("sends its destinations again where a claim came late", async () => {
  const { space, connector } = await setup();
  let behindMs = 0;
  const { known, orders } = await createWorker(space, [connector], { now: () => Date.now() - behindMs });
  await expect.poll(() => orders.length, POLL).toBeGreaterThan(0);
  behindMs = 60_000;
  known.requestMissing([connector.id]);
  await expect.poll(() => orders.some(({ destinations }) => destinations.size > 0), POLL).toBe(true);
  const stored = await space.queued(connector);
  expect(await statusOf(space, stored.handoff.id)).toBe("queued");
  behindMs = 0;
  await delivered(space, [stored.handoff.id]);
});

it("keeps the locks of what is in flight, and of nothing else", async () => {
  const { space, connector } = await setup();
  const gate = createGate(space, connector);
  await createWorker(space, [connector], { deliver: gate.deliver });
  const { handoff } = await space.queued(connector);
  await expect.poll(() => gate.held.length, POLL).toBe(1);
  const lock = `${space.tag}:handoffs:${handoff.id}-1:lock`;
  await space.redis.pexpire(lock, 2_000);
  await expect.poll(() => space.redis.pttl(lock), POLL).toBeGreaterThan(2_000);
  gate.held.shift()?.();
  await delivered(space, [handoff.id]);
  expect(await space.redis.exists(lock)).toBe(0);
});

it("reports handoffs that cannot be worked on, and goes on with the others", async () => {
  const { space, connector } = await setup();
  const [broken, sound] = [await space.queued(connector), await space.queued(connector)];
  await space.redis.set(`${space.tag}:h:${broken.handoff.id}`, "broken");
  const { faults } = await createWorker(space, [connector]);
  await delivered(space, [sound.handoff.id]);
  await expect.poll(() => faults.join(), POLL).toContain(broken.handoff.id);
});

it("waits for what is in flight when it closes, and begins nothing more", async () => {
  const { space, connector } = await setup();
  const gate = createGate(space, connector);
  const { loop } = await createWorker(space, [connector], { concurrency: 1, deliver: gate.deliver });
  const [first, second] = [await space.queued(connector), await space.queued(connector)];
  await expect.poll(() => gate.held.length, POLL).toBe(1);
  const closed = loop.close();
  gate.held.shift()?.();
  await closed;
  expect(await Promise.all([first, second].map(({ handoff }) => statusOf(space, handoff.id)))).toEqual([
    "delivered",
    "queued",
  ]);
});

it("begins nothing with a slot that comes free while it closes", async () => {
  const { space, connector } = await setup();
  const gate = createGate(space, connector);
  const { loop, slots, orders } = await createWorker(space, [connector], { concurrency: 1, deliver: gate.deliver });
  const [first, second] = [await space.queued(connector), await space.queued(connector)];
  await expect.poll(() => gate.held.length, POLL).toBe(1);
  const claims = orders.length;
  slots.give(1);
  const closed = loop.close();
  gate.held.shift()?.();
  await closed;
  expect(orders).toHaveLength(claims);
  expect(await Promise.all([first, second].map(({ handoff }) => statusOf(space, handoff.id)))).toEqual([
    "delivered",
    "queued",
  ]);
});

it("closes while it waits for a marker, for a slot, or for a version of the registry", async () => {
  const { space, connector } = await setup();
  const idle = await createWorker(space, [connector]);
  await expect.poll(() => idle.orders.length, POLL).toBeGreaterThan(0);
  await idle.loop.close();
  const known = createKnownDestinations([connector], "none");
  const unknowing = await createWorker(space, [connector], { destinations: { ...known, table: () => undefined } });
  await unknowing.loop.close();
  expect(unknowing.orders).toEqual([]);
});

/** limitless leaves all slots to one connector. */
function limitless(): ClaimLoopOptions["limit"] {
  return { limit: 1_000, begin() {}, end: () => false, free: () => new Map() };
}

function fail(): never {
  throw new Error("there is none");
}
