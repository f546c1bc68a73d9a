import { expect, it } from "vitest";
import { createConnector, DELIVERED, setup } from "../testing/space.ts";
import { createMarkRestoredHandoffs } from "./mark-handoffs-restored-from-backup.ts";

/** So many do not fit into one page. */
const MANY = 501;

async function restore() {
  const space = await setup();
  const mark = createMarkRestoredHandoffs(space.shards);
  return { ...space, mark: (atMostOnce: readonly string[] = []) => mark(space.tag, atMostOnce) };
}

it("has the next signal of a queued handoff say that it may be the second one, also where it had none", async () => {
  const { queued, sending, settle, read, mark } = await restore();
  const connector = createConnector();
  const stored = await queued(connector);
  expect(await mark()).toMatchObject({ marked: 1, died: 0, faults: [] });
  const attempt = await sending(connector, stored);
  expect(await settle(connector, attempt, DELIVERED)).toMatchObject({ status: "delivered", isDuplicate: true });
  expect((await read(stored)).handoff).toMatchObject({ mayHaveArrived: true, possibleDuplicate: true });
});

it("ends a queued handoff of an at-most-once connector, and marks a dead letter", async () => {
  const { queued, die, replay, read, mark } = await restore();
  const [once, often] = [createConnector({ guarantee: "at-most-once" }), createConnector()];
  const [waiting, dead] = [await queued(once), await die(often)];
  expect(await mark([once.id])).toMatchObject({ marked: 1, died: 1, faults: [] });
  expect((await read(waiting)).handoff).toMatchObject({ status: "dead", reason: "unknown", mayHaveArrived: true });
  expect(await replay(dead)).toEqual({ kind: "may-duplicate" });
});

it("leaves what is over, and what another version of Baton wrote", async () => {
  const { queued, sending, settle, read, redis, tag, mark } = await restore();
  const connector = createConnector();
  const over = await queued(connector);
  await settle(connector, await sending(connector, over), DELIVERED);
  const other = await queued(connector);
  await redis.hset(`${tag}:h:${other.handoff.id}`, "v", "99");
  expect(await mark()).toMatchObject({ marked: 0, died: 0, otherVersion: 1 });
  expect((await read(over)).handoff).toMatchObject({ mayHaveArrived: false, possibleDuplicate: false });
});

it("goes on from page to page, and marks again what it marked", async () => {
  const { queued, shards, tag } = await restore();
  const connector = createConnector();
  for (let number = 0; number < MANY; number++) await queued(connector, { contactId: String(1_000 + number) });
  const mark = createMarkRestoredHandoffs(shards);
  for (const _ of [1, 2]) {
    const first = await mark(tag, []);
    const second = await mark(tag, [], first.last);
    expect([first.marked + second.marked, second.last]).toEqual([MANY, undefined]);
  }
});
