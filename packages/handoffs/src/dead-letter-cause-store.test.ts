import fc from "fast-check";
import { expect, it } from "vitest";
import { createConnector, createSpace, openTestRedis, setup, type Verdict } from "../testing/space.ts";

const MINUTE_MS = 60_000;

const rejected = (detail?: string, httpStatus = 400): Verdict => [
  { kind: "rejected", httpStatus, ...(detail === undefined ? {} : { detail }) },
  { kind: "dead", reason: "rejected" },
];

it.each([
  ["numbers", "contact 100000000001 has ended", "contact 42 has ended", "contact # has ended"],
  ["long hexadecimal ids", "trace 9f8e7d6c5b4a3f2e", "trace 0123456789abcdef", "trace #"],
  ["UUIDs", "id 3f2b8c1d-0a1b-4c2d-beef-00112233445f", "id 11111111-2222-3333-4444-555555555555", "id #"],
  ["times", "at 12:00:01.234", "at 09:59:59.999", "at #:#:#.#"],
  ["case and white space", "No  Such\tContact", "no such contact", "no such contact"],
])("takes failures for alike that differ in %s only", async (_, one, other, detail) => {
  const { die, deadLetters } = await setup();
  const connector = createConnector();
  const [first, second] = [await die(connector, rejected(one)), await die(connector, rejected(other))];
  expect(first.cause).toBe(second.cause);
  const groups = await deadLetters.causesOf(connector.id);
  expect(groups).toMatchObject([
    { count: 2, reason: "rejected", httpStatus: 400, detail, sampleId: second.handoff.id },
  ]);
});

it("distinguishes failures by status and words, and keeps words that only look like numbers", async () => {
  const { die, deadLetters } = await setup();
  const connector = createConnector();
  for (const verdict of [
    rejected("gone"),
    rejected("gone", 404),
    rejected("went"),
    rejected("deadbeef"),
    rejected("feedface"),
    rejected(),
  ])
    await die(connector, verdict);
  expect(await deadLetters.causesOf(connector.id)).toHaveLength(6);
});

it("says what an expired handoff waited for", async () => {
  const { queued, claim, read, elapse, deadLetters } = await setup();
  const connector = createConnector();
  const stored = [await queued(connector), await queued(connector)];
  const paused = { ...connector, paused: true };
  await claim(paused);
  await elapse(59_500);
  await claim(paused);
  await elapse(501);
  for (const one of stored) await read(one);
  expect(await deadLetters.causesOf(connector.id)).toMatchObject([
    { reason: "expired", waitingFor: "pause", detail: "", count: 2 },
  ]);
});

it("says that an expired handoff waited for its key, though it was due again", async () => {
  const { queued, sending, deliveries, read, elapse, deadLetters } = await setup();
  const connector = createConnector();
  const stored = await queued(connector);
  const attempt = await sending(connector, stored);
  await deliveries.abandon({ attempt, waitMs: 1_000, waitingFor: "keys" });
  await elapse(61_000);
  expect(await read(stored)).toMatchObject({ handoff: { status: "dead", reason: "expired" } });
  expect(await deadLetters.causesOf(connector.id)).toMatchObject([{ reason: "expired", waitingFor: "keys" }]);
});

it("says what failed last before the time was over, also where that used up no attempt, and not what failed before a replay", async () => {
  const { queued, sending, settle, read, replay, elapse, deadLetters } = await setup();
  const connector = createConnector();
  const stored = await queued(connector);
  const unauthorized: Verdict = [
    { kind: "unauthorized", httpStatus: 401, renewal: "pending", detail: "token is not valid" },
    { kind: "retry", waitMs: 0, waitingFor: "token", counted: false },
  ];
  await settle(connector, await sending(connector, stored), unauthorized);
  await elapse(60_001);
  await read(stored);
  expect(await deadLetters.causesOf(connector.id)).toMatchObject([
    { reason: "expired", httpStatus: 401, detail: "token is not valid" },
  ]);
  await replay(stored);
  await elapse(60_001);
  await read(stored);
  const [group] = await deadLetters.causesOf(connector.id);
  expect(group).toMatchObject({ reason: "expired", detail: "", count: 1 });
  expect(group).not.toHaveProperty("httpStatus");
});

it("counts how many died in each ten minutes of the last hour, over several shards", async () => {
  const { queued, claim, settle, deadLetters, elapse } = await setup(2);
  const [one, other] = [createConnector({}, { shard: 0 }), createConnector({}, { shard: 1 })];
  const die = async (connector: typeof one) => {
    await queued(connector);
    // What Redis knows of a worker ends after ten minutes: its next claim says what to send again, and begins nothing.
    const [attempt = (await claim(connector)).attempts[0]] = (await claim(connector)).attempts;
    if (attempt === undefined) throw new Error("nothing was begun");
    await settle(connector, attempt, rejected("gone"));
  };
  await die(one);
  await elapse(60 * MINUTE_MS);
  for (const connector of [one, one, other]) await die(connector);
  await elapse(25 * MINUTE_MS);
  await die(other);
  await elapse(5 * MINUTE_MS);
  const [cause] = await deadLetters.causes();
  expect(cause).toMatchObject({ count: 5, lastHour: 4, perTenMinutes: [0, 0, 3, 0, 0, 1] });
  expect(await deadLetters.causesOf(other.id)).toMatchObject([{ lastHour: 2, perTenMinutes: [0, 0, 1, 0, 0, 1] }]);
  await elapse(60 * MINUTE_MS);
  expect(await deadLetters.causes()).toMatchObject([{ count: 5, lastHour: 0, perTenMinutes: [0, 0, 0, 0, 0, 0] }]);
});

it("names at most two hundred causes of a connector; the rest is one row, until a dead letter makes room", async () => {
  const { die, deadLetters } = await setup();
  const [connector, other] = [createConnector(), createConnector()];
  const word = (i: number) => `fault ${String.fromCharCode(97 + Math.floor(i / 26), 97 + (i % 26))}`;
  const first = await die(connector, rejected(word(0)));
  for (let i = 1; i < 203; i++) await die(connector, rejected(word(i)));
  await die(other, rejected("of another"));

  const groups = await deadLetters.causesOf(connector.id);
  expect(groups.filter(({ cause }) => cause !== "other")).toHaveLength(200);
  expect(groups.filter(({ cause }) => cause === "other")).toMatchObject([{ count: 3, reason: "rejected" }]);
  expect(await deadLetters.causesOf(other.id)).toMatchObject([{ count: 1, detail: "of another" }]);
  expect(await deadLetters.causes()).toHaveLength(202);
  expect(await deadLetters.total({ cause: "other" })).toBe(3);

  await deadLetters.discard(first.handoff.id);
  expect((await die(connector, rejected("new words"))).cause).toMatch(/^cs_[0-9a-f]{16}$/);
});

it("knows the reason of a cause whose newest dead letter another version of Baton wrote", async () => {
  const { die, deadLetters, redis, tag } = await setup();
  const { handoff, cause = "" } = await die(createConnector(), rejected("gone"));
  await redis.hdel(`${tag}:causes`, cause);
  await redis.hset(`${tag}:h:${handoff.id}`, "v", "99");
  expect(await deadLetters.causes()).toMatchObject([
    { cause, reason: "rejected", detail: "more causes than are counted separately", sampleId: handoff.id },
  ]);
});

it("forgets a cause with its last dead letter", async () => {
  const { die, deadLetters, replay, redis, tag } = await setup();
  const connector = createConnector();
  const dead = [await die(connector, rejected("once")), await die(connector, rejected("once"))];
  const [first, second] = dead;
  if (first === undefined || second === undefined) throw new Error("none");
  await replay(first);
  expect(await deadLetters.causesOf(connector.id)).toMatchObject([{ count: 1 }]);
  await deadLetters.discard(second.handoff.id);
  expect(await deadLetters.causesOf(connector.id)).toEqual([]);
  expect(await redis.exists(`${tag}:causes`)).toBe(0);
});

it("groups whatever CXone says, in any script, without fault", async () => {
  const redis = await openTestRedis();
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.string({ unit: "grapheme", maxLength: 60 }), { minLength: 1, maxLength: 5 }),
      async (details) => {
        const space = createSpace(redis);
        const connector = createConnector();
        for (const detail of details) await space.die(connector, rejected(detail));
        const groups = await space.deadLetters.causesOf(connector.id);
        expect(groups.reduce((sum, { count }) => sum + count, 0)).toBe(details.length);
        for (const { detail } of groups) expect(detail).not.toMatch(/[0-9]|\s\s|[A-Z]/);
      },
    ),
    { numRuns: 40 },
  );
});

it("names of all causes the thousand most frequent, and of the connectors they befell the hundred latest", {
  timeout: 120_000,
}, async () => {
  const { die, deadLetters, redis, tag, elapse } = await setup();
  const [earlier, later] = [3, 100].map((length) => Array.from({ length }, () => createConnector()));
  for (const connector of earlier ?? []) await die(connector, rejected("an outage"));
  await elapse(1_000);
  for (const connector of later ?? []) await die(connector, rejected("an outage"));
  const twice = createConnector();
  for (let i = 0; i < 2; i++) await die(twice, rejected("twice"));
  // Rarer ones, as a year of a thousand clients leaves them: the dead letters themselves are not looked at.
  for (let i = 0; i < 1_500; i++) {
    await redis.zadd(`${tag}:dead:causes`, 1, `cs_rare${i}`);
    await redis.zadd(`${tag}:dead:f:cs_rare${i}`, 1, "ho_gone");
  }
  const groups = await deadLetters.causes();
  expect(groups).toHaveLength(1_000);
  expect(groups.slice(0, 2)).toMatchObject([
    { detail: "an outage", count: 103, connectorsTotal: 103 },
    { detail: "twice", count: 2, connectorsTotal: 1, connectors: [twice.id] },
  ]);
  expect(new Set(groups[0]?.connectors)).toEqual(new Set(later?.map(({ id }) => id)));
});
