import { randomBytes } from "node:crypto";
import { CommandTimeout, readRedisTime } from "@baton/redis/lua-script";
import type { PageCursor } from "@baton/redis/shard-pages";
import { registryHashTag } from "@baton/redis/shards";
import { expect, it, onTestFinished } from "vitest";
import { openTestRedis } from "../../redis/testing/redis.ts";
import { type AuditFilter, createAuditStore, type NewAuditEntry } from "./audit-store.ts";

const ANA = { id: "key-ana", name: "Ana" };
const BO = { id: "key-bo", name: "Bo" };
const CANCEL: NewAuditEntry = { action: "handoff.cancel", actor: ANA, targetId: "ho_1" };

async function setup() {
  const redis = await openTestRedis();
  const namespace = `t${randomBytes(6).toString("hex")}`;
  const keys = () => redis.keys(`${registryHashTag(namespace)}:audit*`);
  onTestFinished(async () => {
    const all = await keys();
    if (all.length > 0) await redis.unlink(...all);
  });
  const audit = createAuditStore(redis, namespace);
  /** Everything a filter finds, page by page. */
  async function all(filter: AuditFilter = {}, limit = 3) {
    const items = [];
    let before: PageCursor | undefined;
    do {
      const page = await audit.page(filter, { limit, ...(before === undefined ? {} : { before }) });
      expect(page.items.length).toBeLessThanOrEqual(limit);
      items.push(...page.items);
      before = page.next;
    } while (before !== undefined);
    return items;
  }
  return { redis, audit, all, keys };
}

it("keeps everything that an entry says, and `unknown` as its outcome until its end is known", async () => {
  const { redis, audit, all } = await setup();
  const from = await readRedisTime(redis, "");
  const full = {
    ...CANCEL,
    address: "203.0.113.7",
    connectorId: "cn_1",
    note: "the caller hung up",
    members: ["/name"],
    about: { contactId: "1" },
    count: 2,
  };
  const id = await audit.write(full);
  const [entry] = await all();
  expect(entry).toEqual({ id, at: expect.any(Number), ...full, outcome: "unknown" });
  expect(entry?.at).toBeGreaterThanOrEqual(from);
  await audit.settle(id, { outcome: "refused", problem: "already-ended" });
  expect(await all()).toEqual([{ ...entry, outcome: "refused", problem: "already-ended" }]);
});

it("writes nothing once it is too late, so that what was answered 503 has no entry", async () => {
  const { redis, audit, all } = await setup();
  const now = await readRedisTime(redis, "");
  await expect(audit.write(CANCEL, now - 1)).rejects.toThrow(CommandTimeout);
  await audit.write(CANCEL, now + 60_000);
  expect(await all()).toHaveLength(1);
});

it("takes whatever an operator may write in a note", async () => {
  const { audit, all } = await setup();
  const notes = ["half a pair \ud83d", "\u0000\n\r\u2028", '"}\\', "😀", "é".repeat(1_000)];
  for (const note of notes) await audit.settle(await audit.write({ ...CANCEL, note }), { outcome: "done" });
  const kept = (await all()).map(({ note, outcome }) => [note, outcome]).toReversed();
  expect(kept).toEqual(notes.map((note) => [note.toWellFormed(), "done"]));
});

it("never changes what an entry says already", async () => {
  const { audit, all } = await setup();
  const id = await audit.write(CANCEL);
  await audit.settle(id, { outcome: "done", targetId: "ho_other", connectorId: "cn_1" });
  await audit.settle(id, { outcome: "refused", problem: "not-found", connectorId: "cn_2" });
  await audit.settle("au_none", { outcome: "done" });
  expect(await all()).toMatchObject([{ id, outcome: "done", targetId: "ho_1", connectorId: "cn_1" }]);
});

it("finds entries by what they concern, known from the start or not, by whom, by what was done, and by time", async () => {
  const { audit, all } = await setup();
  const created = await audit.write({ action: "connector.create", actor: BO });
  await audit.settle(created, { outcome: "done", targetId: "cn_1", connectorId: "cn_1" });
  const cancelled = await audit.write(CANCEL);
  const revoked = await audit.write({ action: "token.revoke", actor: ANA, targetId: "T1", connectorId: "cn_1" });
  const ids = async (filter: AuditFilter) => (await all(filter)).map(({ id }) => id);
  expect(await ids({ id: "cn_1" })).toEqual([revoked, created]);
  expect(await ids({ id: "T1" })).toEqual([revoked]);
  expect(await ids({ connectorId: "cn_1" })).toEqual([revoked, created]);
  expect(await ids({ connectorId: "cn_1", id: "T1" })).toEqual([revoked]);
  expect(await ids({ connectorId: "cn_2", id: "T1" })).toEqual([]);
  expect(await ids({ actor: ANA.id })).toEqual([revoked, cancelled]);
  expect(await ids({ actor: BO.id, id: "cn_1" })).toEqual([created]);
  expect(await ids({ action: "handoff.cancel" })).toEqual([cancelled]);
  expect(await ids({ action: "handoff.cancel", actor: BO.id })).toEqual([]);
  const at = (await all()).find(({ id }) => id === revoked)?.at ?? 0;
  expect(await ids({ from: at + 60_000 })).toEqual([]);
  expect(await ids({ to: at - 60_000 })).toEqual([]);
  expect(await ids({ from: at - 60_000, to: at + 60_000 })).toEqual([revoked, cancelled, created]);
});

it("lists entries in the order they were written, also many of one millisecond, on pages of any size", async () => {
  const { audit, all } = await setup();
  const ids = await Promise.all(Array.from({ length: 60 }, () => audit.write(CANCEL)));
  const listed = (await all({}, 7)).map(({ id }) => id);
  expect(listed).toEqual(ids.toReversed());
  expect((await all({}, 60)).map(({ id }) => id)).toEqual(listed);
});

it("goes on past a long stretch of entries that do not fit", async () => {
  const { audit, all } = await setup();
  const wanted = await audit.write({ ...CANCEL, action: "everything.pause" });
  for (let i = 0; i < 12; i++) await Promise.all(Array.from({ length: 100 }, () => audit.write(CANCEL)));
  expect((await all({ action: "everything.pause" })).map(({ id }) => id)).toEqual([wanted]);
});

it("removes the oldest in steps, and all that points at them", async () => {
  const { redis, audit, all, keys } = await setup();
  for (let i = 0; i < 5; i++) await audit.write({ ...CANCEL, targetId: `ho_${i}`, connectorId: "cn_1" });
  const beyond = (await readRedisTime(redis, "")) + 60_000;
  expect(await audit.prune(1, 50)).toBe(0);
  expect(await audit.prune(beyond, 3)).toBe(3);
  expect((await all()).map(({ targetId }) => targetId)).toEqual(["ho_4", "ho_3"]);
  expect((await all({ id: "ho_0" })).length).toBe(0);
  expect(await audit.prune(beyond, 3)).toBe(2);
  expect(await keys()).toEqual([]);
});
