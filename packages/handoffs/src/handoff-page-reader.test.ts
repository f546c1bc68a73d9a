import type { PageCursor } from "@baton/redis/shard-pages";
import fc from "fast-check";
import { expect, it } from "vitest";
import {
  createConnector,
  createSpace,
  openTestRedis,
  REJECTED,
  type Space,
  setup,
  type Verdict,
} from "../testing/space.ts";
import type { HandoffPage } from "./handoff-page-reader.ts";
import type { StoredHandoff } from "./handoff-record.ts";
import { createHandoffSearch, type HandoffFilter } from "./handoff-search.ts";

/** readAll follows the cursor to its end, and lets something happen between two pages. */
async function readAll(
  page: (options: { before?: PageCursor; limit: number }) => Promise<HandoffPage>,
  limit: number,
  between = async () => {},
): Promise<readonly string[]> {
  const ids: string[] = [];
  let before: PageCursor | undefined;
  for (let pages = 0; pages < 500; pages++) {
    const { items, next } = await page({ limit, ...(before === undefined ? {} : { before }) });
    expect(items.length).toBeLessThanOrEqual(limit);
    ids.push(...items.map(({ handoff }) => handoff.id));
    if (next === undefined) return ids;
    before = next;
    await between();
  }
  throw new Error("the pages have no end");
}

/** sameScore moves many entries to one millisecond: a cursor has to distinguish them. */
async function sameScore({ redis, tag }: Space, index: string, score: number): Promise<void> {
  for (const member of await redis.zrange(tag + index, "0", "-1")) await redis.zadd(tag + index, score, member);
}

it("gives every dead letter exactly once, newest first, whatever the page's size, while others are added", async () => {
  const redis = await openTestRedis();
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 0, max: 25 }),
      fc.integer({ min: 1, max: 12 }),
      fc.boolean(),
      async (count, limit, tied) => {
        const space = createSpace(redis);
        const connector = createConnector();
        const ids: string[] = [];
        for (let i = 0; i < count; i++) ids.push((await space.die(connector)).handoff.id);
        if (tied) await sameScore(space, ":dead", 1_700_000_000_000);
        const add = () => space.die(connector).then(() => undefined);
        const read = await readAll((options) => space.deadLetters.page({}, options), limit, add);
        expect(read).toHaveLength(count);
        expect(new Set(read)).toEqual(new Set(ids));
      },
    ),
    { numRuns: 25 },
  );
});

it("merges the pages of several shards without a gap or a repeat", async () => {
  const space = await setup(3);
  const connectors = [0, 1, 2].map((shard) => createConnector({}, { shard }));
  const died: { id: string; at: number }[] = [];
  for (let i = 0; i < 40; i++) {
    const connector = connectors[(i * i) % 3];
    if (connector === undefined) throw new Error("none");
    const { handoff } = await space.die(connector);
    died.push({ id: handoff.id, at: handoff.endedAt ?? 0 });
  }
  const newestFirst = died.toSorted((a, b) => b.at - a.at || (a.id < b.id ? 1 : -1)).map(({ id }) => id);
  for (const limit of [1, 7, 40, 100])
    expect(await readAll((options) => space.deadLetters.page({}, options), limit)).toEqual(newestFirst);
  expect(await space.deadLetters.total({})).toBe(40);
});

it("finds dead letters by everything that is asked, alone and together", async () => {
  const space = await setup();
  const connectors = [createConnector(), createConnector()];
  const unknown: Verdict = [{ kind: "ambiguous" }, { kind: "dead", reason: "unknown" }];
  const dead = [];
  for (const connector of connectors) {
    for (const contactId of ["1", "2"]) {
      for (const verdict of [REJECTED, unknown]) dead.push(await space.die(connector, verdict, { contactId }));
    }
  }
  for (const connectorId of [undefined, connectors[0]?.id]) {
    for (const reason of [undefined, "unknown" as const]) {
      for (const cause of [undefined, dead[1]?.cause]) {
        for (const contactId of [undefined, "2"]) {
          const filter = { connectorId, reason, cause, contactId };
          const given = Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined));
          const wanted = dead.filter(
            ({ handoff, cause: theirs }) =>
              (connectorId ?? handoff.connectorId) === handoff.connectorId &&
              (reason ?? handoff.reason) === handoff.reason &&
              (cause ?? theirs) === theirs &&
              (contactId ?? handoff.contactId) === handoff.contactId,
          );
          const found = await readAll((options) => space.deadLetters.page(given, options), 3);
          expect(found.toSorted(), JSON.stringify(given)).toEqual(wanted.map(({ handoff }) => handoff.id).toSorted());
          const total = await space.deadLetters.total(given);
          if (total !== undefined) expect(total, JSON.stringify(given)).toBe(wanted.length);
        }
      }
    }
  }
});

it("bounds dead letters by the moment of death, both ends included, also behind a cursor", async () => {
  const space = await setup();
  const connector = createConnector();
  const dead = [];
  for (let i = 0; i < 9; i++) dead.push(await space.die(connector));
  const moments = dead.map(({ handoff }) => handoff.endedAt ?? 0);
  const [from = 0, to = 0] = [moments[2], moments[6]];
  const wanted = dead.filter(({ handoff }) => (handoff.endedAt ?? 0) >= from && (handoff.endedAt ?? 0) <= to);
  const found = await readAll((options) => space.deadLetters.page({ from, to }, options), 2);
  expect(found).toHaveLength(wanted.length);
  expect(new Set(found)).toEqual(new Set(wanted.map(({ handoff }) => handoff.id)));
  expect(await space.deadLetters.page({ from: to + 1, to: from - 1 }, { limit: 10 })).toEqual({ items: [] });
});

it("looks for a rare filter in steps, and finds it in the end", async () => {
  const space = await setup();
  const connector = createConnector();
  const rare = await space.queued(connector, { sharedId: "rare" });
  for (let i = 0; i < 2_100; i += 50)
    await Promise.all(Array.from({ length: 50 }, () => space.queued(connector, { maxPending: 5_000 })));
  await space.handoffs.cancel(rare.handoff.id);
  const search = createHandoffSearch(space.shards);
  const first = await search({ connectorId: connector.id, status: "cancelled" }, { limit: 10 });
  expect(first.items).toEqual([]);
  expect(first.next).toBeDefined();
  expect(await readAll((options) => search({ status: "cancelled" }, options), 10)).toEqual([rare.handoff.id]);
});

it("finds handoffs by contact, shared id, idempotency key, connector and status", async () => {
  const space = await setup(2);
  const connectors = [createConnector({}, { shard: 0 }), createConnector({}, { shard: 1 })];
  const search = createHandoffSearch(space.shards);
  const made: StoredHandoff[] = [];
  const idempotency = { key: "k", fingerprints: ["f"], keepMs: 60_000 };
  for (const connector of connectors) {
    made.push(await space.die(connector, REJECTED, { contactId: "1" }));
    made.push(await space.queued(connector, { contactId: "1", sharedId: "ünï:{}*", idempotency }));
    made.push(await space.queued(connector, { contactId: "2" }));
  }
  const found = async (filter: HandoffFilter) =>
    (await readAll((options) => search(filter, options), 2))
      .map((id) => made.findIndex(({ handoff }) => handoff.id === id))
      .toSorted();
  expect(await found({})).toEqual([0, 1, 2, 3, 4, 5]);
  expect(await found({ contactId: "1" })).toEqual([0, 1, 3, 4]);
  expect(await found({ sharedId: "ünï:{}*" })).toEqual([1, 4]);
  expect(await found({ idempotencyKey: "k" })).toEqual([1, 4]);
  expect(await found({ contactId: "1", status: "dead" })).toEqual([0, 3]);
  expect(await found({ connectorId: connectors[1]?.id ?? "", status: "queued" })).toEqual([4, 5]);
  expect(await found({ connectorId: "cn_nonsense" })).toEqual([]);
  expect(await found({ contactId: "1", sharedId: "other" })).toEqual([]);
});

it("shows one that is past its deadline as dead, and no longer among the queued", async () => {
  const space = await setup();
  const connector = createConnector();
  const { handoff } = await space.queued(connector, { deadlineMs: 1_000 });
  await space.elapse(1_001);
  const search = createHandoffSearch(space.shards);
  expect((await search({ status: "queued" }, { limit: 5 })).items).toEqual([]);
  expect((await search({ status: "dead" }, { limit: 5 })).items).toMatchObject([
    { handoff: { id: handoff.id, reason: "expired" } },
  ]);
});
