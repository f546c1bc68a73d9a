import { expect, it } from "vitest";
import { createConnector, DELIVERED, type Space, setup } from "../testing/space.ts";
import type { StoredHandoff } from "./handoff-record.ts";

/** unplaced accepts one that has no place yet: its sender may still be answered 503. */
async function unplaced(
  { accept }: Space,
  connector: ReturnType<typeof createConnector>,
  change = {},
): Promise<StoredHandoff> {
  const accepted = await accept(connector, change);
  if (accepted.kind !== "accepted") throw new Error(accepted.kind);
  return accepted.stored;
}

const LATE = { from: { at: 0, skip: 0 }, afterMs: 5_000, limit: 100 };

it("moves nothing that is not placed, whatever else happens to its connector and its contact", async () => {
  const space = await setup();
  const { claim, queued, settle, read, elapse, maintenance, tag, handoffs } = space;
  const connector = createConnector();
  const first = await queued(connector, { contactId: "1" });
  const stored = await unplaced(space, connector, { contactId: "1" });
  const [attempt] = (await claim(connector)).attempts;
  if (attempt === undefined) throw new Error("none");
  await settle(connector, attempt, DELIVERED);
  await handoffs.cancel((await queued(connector, { contactId: "1" })).handoff.id);
  await claim({ ...connector, paused: true });
  await elapse(1_001);
  expect((await claim(connector)).attempts).toEqual([]);
  await read(stored);
  expect((await maintenance.reconcile(tag, LATE)).repaired).toEqual([]);
  expect((await read(first)).handoff.status).toBe("delivered");
  expect((await read(stored)).handoff).toMatchObject({ status: "queued", attempts: [] });
});

it("counts what is not placed in the backlog, in its contact's queue and against the rate", async () => {
  const space = await setup();
  const { claim, accept, queued } = space;
  const connector = createConnector({ rate: { perSecond: 1, burst: 1 } });
  const stored = await unplaced(space, connector, { contactId: "1", maxPending: 1 });
  expect((await accept(connector, { maxPending: 1 })).kind).toBe("full");
  expect((await accept(connector, { deadlineMs: 1_000 })).kind).toBe("no-slot");
  const behind = await queued(connector, { contactId: "1" });
  expect((await claim(connector)).attempts).toEqual([]);
  expect((await space.read(behind)).handoff.waitingFor).toBe("order");
  await space.handoffs.place(stored.handoff.id);
  expect((await claim(connector)).attempts).toMatchObject([{ id: stored.handoff.id }]);
});

it("takes back, cancels and ends what is not placed, and the one behind it goes", async () => {
  const space = await setup();
  const { claim, queued, handoffs, elapse, read } = space;
  const connector = createConnector();
  const [withdrawn, cancelled, expired] = [
    await unplaced(space, connector, { contactId: "1" }),
    await unplaced(space, connector, { contactId: "2" }),
    await unplaced(space, connector, { contactId: "3", deadlineMs: 1_000 }),
  ];
  const behind = [];
  for (const contactId of ["1", "2", "3"]) behind.push((await queued(connector, { contactId })).handoff.id);
  expect((await claim(connector)).attempts).toEqual([]);
  expect(await handoffs.withdraw(withdrawn.handoff.id)).toBe(true);
  expect((await handoffs.cancel(cancelled.handoff.id)).kind).toBe("cancelled");
  await elapse(1_001);
  expect((await read(expired)).handoff).toMatchObject({ status: "dead", reason: "expired" });
  expect((await claim(connector)).attempts.map(({ id }) => id).toSorted()).toEqual(behind.toSorted());
  // Placing one of them late changes nothing.
  for (const { handoff } of [withdrawn, cancelled, expired]) await handoffs.place(handoff.id);
  expect((await claim(connector)).attempts).toEqual([]);
});

it("gives one job, however often it is asked, and none to what has gone on", async () => {
  const space = await setup();
  const { claim, handoffs, redis, tag, settle } = space;
  const connector = createConnector();
  const stored = await unplaced(space, connector);
  const { id } = stored.handoff;
  await Promise.all(Array.from({ length: 5 }, () => handoffs.place(id)));
  await handoffs.place(id);
  expect(await redis.lrange(`${tag}:handoffs:wait`, 0, -1)).toEqual([`${id}-1`]);
  const { attempts } = await claim(connector);
  await handoffs.place(id);
  expect(await redis.llen(`${tag}:handoffs:wait`)).toBe(0);
  await settle(connector, attempts[0] ?? fail(), DELIVERED);
  await handoffs.place(id);
  expect(await redis.keys(`${tag}:handoffs:ho_*`)).toEqual([]);
});

it("keeps one that is delayed until its moment", async () => {
  const space = await setup();
  const { claim, queued, elapse, now } = space;
  const connector = createConnector();
  const stored = await queued(connector, { delayMs: 20_000 });
  const { attempts, nextAt } = await claim(connector);
  expect(attempts).toEqual([]);
  expect(nextAt).toBe(stored.handoff.nextAttemptAt);
  await elapse((nextAt ?? 0) - (await now()));
  expect((await claim(connector)).attempts).toMatchObject([{ id: stored.handoff.id }]);
});

it("is left to the reconciler where its ingress died: it gets a job of the next generation", async () => {
  const space = await setup();
  const { claim, elapse, maintenance, tag, handoffs } = space;
  const connector = createConnector();
  const { handoff } = await unplaced(space, connector);
  await elapse(5_001);
  expect((await maintenance.reconcile(tag, LATE)).repaired).toEqual([handoff.id]);
  // The ingress was only slow.
  await handoffs.place(handoff.id);
  expect((await claim(connector)).attempts).toMatchObject([{ id: handoff.id, generation: 2 }]);
  expect((await claim(connector)).attempts).toEqual([]);
});

function fail(): never {
  throw new Error("nothing was begun");
}
