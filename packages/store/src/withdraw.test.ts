import { expect, it } from "vitest";
import { createConnector, DELIVERED, setup } from "../testing/space.ts";

const KEY = { key: "key", fingerprints: ["body"], keepMs: 60_000 };

it("takes a handoff back whole: no key of it is left", async () => {
  const { queued, handoffs, redis, tag } = await setup();
  const connector = createConnector();
  const { handoff } = await queued(connector, { sharedId: "shared", idempotency: KEY, delayMs: 1_000 });
  expect(await handoffs.withdraw(handoff.id)).toBe(true);
  expect(await redis.keys(`${tag}*`)).toEqual([`${tag}:seq`]);
  expect(await handoffs.withdraw(handoff.id)).toBe(true);
});

it("frees the idempotency key, so that the sender may come again", async () => {
  const { queued, accept, handoffs } = await setup();
  const connector = createConnector();
  const { handoff } = await queued(connector, { idempotency: KEY });
  await handoffs.withdraw(handoff.id);
  expect(await accept(connector, { idempotency: { ...KEY, fingerprints: ["another body"] } })).toMatchObject({ kind: "accepted" });
});

it("keeps it once its sender came again with the key and heard that it is accepted", async () => {
  const { queued, accept, handoffs, read } = await setup();
  const connector = createConnector();
  const stored = await queued(connector, { idempotency: KEY });
  expect((await accept(connector, { idempotency: KEY })).kind).toBe("replayed");
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
  const { queued, begin, handoffs } = await setup();
  const connector = createConnector();
  const first = await queued(connector, { contactId: "1" });
  const second = await queued(connector, { contactId: "1" });
  expect(await begin(connector, second)).toMatchObject({ kind: "wait", waitingFor: "order" });
  await handoffs.withdraw(first.handoff.id);
  expect((await begin(connector, second)).kind).toBe("sending");
  expect((await begin(connector, first)).kind).toBe("drop");
});
