import { expect, it } from "vitest";
import { createConnector, DELIVERED, setup } from "../testing/space.ts";

const KEY = { key: "key", fingerprints: ["body"], keepMs: 60_000 };

it("takes a handoff back whole: no key of it is left", async () => {
  const { queued, handoffs, redis, tag } = await setup();
  const connector = createConnector();
  const { handoff } = await queued(connector, { sharedId: "shared", idempotency: KEY, delayMs: 1_000 });
  expect(await handoffs.withdraw(handoff.id)).toBe(true);
  // The connector's own: its gate, when handoffs with a delay fall due, and what it took by the minute.
  const keys = (await redis.keys(`${tag}*`)).filter((key) => !/:(c|delayed|minutes):/.test(key));
  // The shard's own: until when fingerprints need their key, and when a worker is to look again.
  expect(keys.toSorted()).toEqual([`${tag}:handoffs:marker`, `${tag}:meta`]);
  expect(await handoffs.withdraw(handoff.id)).toBe(true);
});

it("frees the idempotency key, so that the sender may come again", async () => {
  const { queued, accept, handoffs } = await setup();
  const connector = createConnector();
  const { handoff } = await queued(connector, { idempotency: KEY });
  await handoffs.withdraw(handoff.id);
  expect(await accept(connector, { idempotency: { ...KEY, fingerprints: ["another body"] } })).toMatchObject({
    kind: "accepted",
  });
});

it("keeps it once its sender came again with the key and was answered 202", async () => {
  const { queued, accept, handoffs, read } = await setup();
  const connector = createConnector();
  const stored = await queued(connector, { idempotency: KEY });
  expect((await accept(connector, { idempotency: KEY })).kind).toBe("repeated");
  expect(await handoffs.withdraw(stored.handoff.id)).toBe(true);
  expect((await read(stored)).handoff.status).toBe("queued");
});

it("comes too late for one that was begun, sent back or ended", async () => {
  const { queued, sending, settle, handoffs } = await setup();
  const connector = createConnector();
  const stored = await queued(connector);
  const attempt = await sending(connector, stored);
  expect(await handoffs.withdraw(stored.handoff.id)).toBe(false);
  await settle(connector, attempt, DELIVERED);
  expect(await handoffs.withdraw(stored.handoff.id)).toBe(false);
});

it("lets the next of the contact go", async () => {
  const { queued, waits, claim, handoffs, elapse } = await setup();
  const connector = createConnector();
  const first = await queued(connector, { contactId: "1" });
  const second = await queued(connector, { contactId: "1" });
  expect(await waits({ ...connector, paused: true }, second)).toBe("pause");
  await handoffs.withdraw(first.handoff.id);
  await claim(connector);
  await elapse(10);
  expect((await claim(connector)).attempts.map(({ id }) => id)).toEqual([second.handoff.id]);
});

it("wakes the next of the contact, which waits for its turn", async () => {
  const { queued, waits, claim, handoffs } = await setup();
  const connector = createConnector();
  const first = await queued(connector, { contactId: "1" });
  const next = await queued(connector, { contactId: "1" });
  // The first still stands in its connector's queue when the next one is looked at.
  expect(await waits(connector, next, { slots: 0 })).toBe("order");
  expect(await handoffs.withdraw(first.handoff.id)).toBe(true);
  expect((await claim(connector)).attempts.map(({ id }) => id)).toEqual([next.handoff.id]);
});

it.each([
  { name: "the first", order: [0, 1, 2] },
  { name: "the repeats", order: [2, 1, 0] },
])("takes it back once all that asked with the key were answered 503, $name first", async ({ order }) => {
  const { accept, handoffs, acceptance } = await setup();
  const connector = createConnector();
  const asked = [acceptance(connector), acceptance(connector), acceptance(connector)].map((each) => ({
    ...each,
    idempotency: KEY,
  }));
  for (const each of asked) await accept(connector, each);
  const key = { connectorId: connector.id, key: KEY.key };
  const first = asked[0]?.id ?? "";
  for (const [index, of] of order.entries()) {
    const again = index + 1;
    expect(await handoffs.withdraw(asked[of]?.id ?? "", key)).toBe(true);
    expect((await handoffs.read(first)) === undefined).toBe(again === order.length);
  }
  expect(await accept(connector, { idempotency: KEY })).toMatchObject({ kind: "accepted" });
});

it("keeps it where one of two repeats was answered 503, and the other 202", async () => {
  const { accept, queued, handoffs, acceptance, read } = await setup();
  const connector = createConnector();
  const stored = await queued(connector, { idempotency: KEY });
  const refused = acceptance(connector);
  await accept(connector, { id: refused.id, idempotency: KEY });
  await accept(connector, { idempotency: KEY });
  const key = { connectorId: connector.id, key: KEY.key };
  await handoffs.withdraw(stored.handoff.id, key);
  await handoffs.withdraw(refused.id, key);
  expect((await read(stored)).handoff.status).toBe("queued");
});
