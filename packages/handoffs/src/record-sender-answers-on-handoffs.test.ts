import { expect, it } from "vitest";
import { createConnector, DELIVERED, setup } from "../testing/space.ts";
import { createRecordSenderAnswer } from "./record-sender-answers-on-handoffs.ts";

it("keeps with a handoff what its sender was answered last, whatever happens to it afterwards", async () => {
  const { queued, sending, settle, read, redis, tag } = await setup();
  const record = createRecordSenderAnswer({ redis, namespace: "", tags: [tag] });
  const connector = createConnector();
  const stored = await queued(connector);
  const { id } = stored.handoff;
  expect(await read(stored)).not.toHaveProperty("answer");
  await record({ handoffId: id, status: 202, afterMs: 640 });
  expect((await read(stored)).answer).toEqual({ at: expect.any(Number), status: 202, afterMs: 640 });
  await record({ handoffId: id, status: 202, afterMs: 8_004, waitMs: 8_000 });
  await settle(connector, await sending(connector, stored), DELIVERED);
  expect(await read(stored)).toMatchObject({
    handoff: { status: "delivered" },
    answer: { status: 202, afterMs: 8_004, waitMs: 8_000 },
  });
});

it("makes no record of a handoff that is gone, and no fault of it for others", async () => {
  const { queued, read, redis, tag } = await setup();
  const record = createRecordSenderAnswer({ redis, namespace: "", tags: [tag] });
  const [gone, kept] = [await queued(createConnector()), await queued(createConnector())];
  await redis.del(`${tag}:h:${gone.handoff.id}`);
  await Promise.all([gone, kept].map(({ handoff: { id } }) => record({ handoffId: id, status: 202, afterMs: 300 })));
  expect(await redis.exists(`${tag}:h:${gone.handoff.id}`)).toBe(0);
  expect(await read(kept)).toMatchObject({ answer: { afterMs: 300 } });
});
