import { DEAD_REASONS } from "@baton/domain";
import { createConnectorStore } from "@baton/registry/connector-store";
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
import type { StoredHandoff } from "./handoff-record.ts";
import { createResealableValueStore } from "./resealable-value-store.ts";

const VERDICTS: readonly Verdict[] = [
  REJECTED,
  [
    { kind: "rejected", httpStatus: 400, detail: "bad" },
    { kind: "dead", reason: "rejected" },
  ],
  [{ kind: "ambiguous" }, { kind: "dead", reason: "exhausted" }],
  [
    { kind: "redirected", httpStatus: 302 },
    { kind: "dead", reason: "configuration" },
  ],
];

const steps = fc.array(
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        kind: fc.constant("die" as const),
        connector: fc.nat({ max: 1 }),
        contactId: fc.constantFrom("1", "2", "3"),
        verdict: fc.nat({ max: VERDICTS.length - 1 }),
      }),
    },
    {
      weight: 6,
      arbitrary: fc.record({
        kind: fc.constantFrom(
          "expire" as const,
          "replay" as const,
          "replay" as const,
          "discard" as const,
          "cancel" as const,
        ),
        which: fc.nat(),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constant("prune" as const), olderThanMs: fc.constantFrom(0, 5_000) }),
    },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant("pass" as const), ms: fc.integer({ min: 1, max: 4_000 }) }) },
  ),
  { minLength: 5, maxLength: 60 },
);

it("keeps every index in agreement with the records, through any deaths, replays, discards and prunings", async () => {
  const redis = await openTestRedis();
  await fc.assert(
    fc.asyncProperty(steps, async (list) => {
      const space = createSpace(redis);
      const connectors = [createConnector(), createConnector()];
      const all: { stored: StoredHandoff; of: (typeof connectors)[number] }[] = [];
      for (const step of list) {
        if (step.kind === "pass") await space.elapse(step.ms);
        else if (step.kind === "prune") await prune(space, step.olderThanMs);
        else if (step.kind === "die") {
          const of = connectors[step.connector] ?? createConnector();
          const stored = await space.queued(of, { contactId: step.contactId, deadlineMs: 10_000 });
          const { attempts } = await space.claim(of, { slots: 1 });
          for (const attempt of attempts) await space.settle(of, attempt, VERDICTS[step.verdict] ?? REJECTED);
          all.push({ stored, of });
        } else await change(space, step.kind, all[step.which % Math.max(1, all.length)]?.stored);
      }
      await expectAgreement(
        space,
        connectors.map(({ id }) => id),
      );
    }),
    { numRuns: 25 },
  );
});

async function change(
  space: Space,
  kind: "expire" | "replay" | "discard" | "cancel",
  stored: StoredHandoff | undefined,
): Promise<void> {
  if (stored === undefined) return;
  const { id } = stored.handoff;
  if (kind === "expire") await space.elapse(10_001).then(() => space.handoffs.read(id));
  if (kind === "replay") await space.replay(stored, { force: true });
  if (kind === "discard") await space.deadLetters.discard(id);
  if (kind === "cancel") await space.handoffs.cancel(id);
}

async function prune(space: Space, olderThanMs: number): Promise<void> {
  const before = (await space.now()) - space.elapsed() - olderThanMs;
  for (const set of ["ended", "dead"] as const) await space.maintenance.prune(space.tag, set, { before, limit: 3 });
}

/** expectAgreement rebuilds every index from the records and compares. */
async function expectAgreement({ redis, tag, deadLetters }: Space, connectorIds: readonly string[]): Promise<void> {
  const wanted = new Map<string, Set<string>>();
  const put = (key: string, id: string) => wanted.set(key, (wanted.get(key) ?? new Set()).add(id));
  const causes = new Map<string, { count: number; connectors: Set<string> }>();
  for (const key of await redis.keys(`${tag}:h:*`)) {
    const record = await redis.hgetall(key);
    const { st, cn = "", ct = "", why = "", cause = "" } = record;
    const id = key.slice(`${tag}:h:`.length);
    for (const index of [":all", `:of:${cn}`, `:k:${ct}`]) put(index, id);
    if (st === "queued") for (const index of [`:queued:${cn}`, `:deadlines:${cn}`]) put(index, id);
    if (st === "queued" || st === "sending") put(":due", id);
    if (st === "delivered" || st === "cancelled" || st === "discarded") put(":ended", id);
    if (st !== "dead") continue;
    const dead = ["", `:c:${cn}`, `:r:${why}`, `:cr:${cn}:${why}`, `:f:${cause}`, `:cf:${cn}:${cause}`, `:k:${ct}`];
    for (const index of dead) {
      put(`:dead${index}`, id);
      expect(await redis.zscore(`${tag}:dead${index}`, id)).toBe(record.end);
    }
    put(":dead:causes", cause);
    put(`:dead:fc:${cause}`, cn);
    put(`:dead:cc:${cn}`, cause);
    const known = causes.get(cause) ?? { count: 0, connectors: new Set() };
    causes.set(cause, { count: known.count + 1, connectors: known.connectors.add(cn) });
  }
  const indexes = /^:(all|of:.*|k:.*|queued:.*|deadlines:.*|due|ended|dead(?!-letters).*)$/;
  const found = new Map<string, Set<string>>();
  for (const key of await redis.keys(`${tag}:*`)) {
    const index = key.slice(tag.length);
    if (indexes.test(index)) found.set(index, new Set(await redis.zrange(key, "0", "-1")));
  }
  expect(found).toEqual(wanted);
  expect((await redis.hkeys(`${tag}:causes`)).toSorted()).toEqual([...causes.keys()].toSorted());

  const groups = await deadLetters.causes();
  expect(
    new Map(groups.map(({ cause, count, connectors }) => [cause, { count, connectors: new Set(connectors) }])),
  ).toEqual(causes);
  for (const { connectors, connectorsTotal } of groups) expect(connectorsTotal).toBe(connectors.length);
  const total = [...causes.values()].reduce((sum, { count }) => sum + count, 0);
  const byConnector = (await Promise.all(connectorIds.map((id) => deadLetters.causesOf(id)))).flat();
  expect(byConnector.reduce((sum, { count }) => sum + count, 0)).toBe(total);
  expect(await deadLetters.total({})).toBe(total);
  const byReason = await Promise.all(DEAD_REASONS.map((reason) => deadLetters.total({ reason })));
  expect(byReason.reduce<number>((sum, count) => sum + (count ?? 0), 0)).toBe(total);

  // What BullMQ's tools show of dead letters is what the records say.
  const dead = [...(wanted.get(":dead") ?? [])].map(async (id) => `${id}-${await redis.hget(`${tag}:h:${id}`, "gen")}`);
  const jobs = await Promise.all(dead);
  expect((await redis.zrange(`${tag}:dead-letters:prioritized`, "0", "-1")).toSorted()).toEqual(jobs.toSorted());
  const shown = (await redis.keys(`${tag}:dead-letters:ho_*`)).map((key) => key.slice(`${tag}:dead-letters:`.length));
  expect(shown.toSorted()).toEqual(jobs.toSorted());
}

it("lets exactly one of many simultaneous replays win", async () => {
  const { die, replay, read } = await setup();
  const dead = await die(createConnector());
  const replayed = await Promise.all(Array.from({ length: 10 }, () => replay(dead)));
  expect(replayed.filter(({ kind }) => kind === "replayed")).toHaveLength(1);
  expect(replayed.filter(({ kind }) => kind === "not-dead")).toHaveLength(9);
  expect((await read(dead)).handoff.replays).toBe(1);
});

it("gives what is replayed a fresh deadline, budget and generation, and counts its attempts on", async () => {
  const { die, replay, elapse, sending, read } = await setup();
  const connector = createConnector();
  const dead = await die(connector, REJECTED, { deadlineMs: 5_000 });
  await elapse(100_000);
  const replayed = await replay(dead);
  if (replayed.kind !== "replayed") throw new Error(replayed.kind);
  const { handoff, generation } = replayed.stored;
  expect([generation, handoff.replays, handoff.status, handoff.reason]).toEqual([2, 1, "queued", undefined]);
  expect(handoff.deadlineAt).toBe((handoff.nextAttemptAt ?? 0) + 5_000);
  expect(await sending(connector, replayed.stored)).toMatchObject({ number: 2, used: 1 });
  expect((await read(dead)).handoff.attempts).toHaveLength(1);
});

it("replays what may have arrived only with `force`", async () => {
  const { die, replay } = await setup();
  const [, , mayHaveArrived] = VERDICTS;
  const dead = await die(createConnector(), mayHaveArrived);
  expect(await replay(dead)).toEqual({ kind: "may-duplicate" });
  expect(await replay(dead, { force: true })).toMatchObject({
    kind: "replayed",
    stored: { handoff: { mayHaveArrived: true } },
  });
});

it("refuses a replay that comes too late, meets a full backlog, or is of none", async () => {
  const { die, replay, deadLetters, read, queued } = await setup();
  const dead = await die(createConnector());
  expect(await replay(dead, { commandDeadline: 0 })).toEqual({ kind: "late" });
  expect(await replay(dead, { maxPending: 0 })).toMatchObject({ kind: "full" });
  expect((await read(dead)).handoff.status).toBe("dead");
  expect(await replay(await queued(createConnector()))).toEqual({ kind: "not-dead" });
  expect(await deadLetters.discard("ho_none")).toEqual({ kind: "not-found" });
  expect((await deadLetters.discard(dead.handoff.id)).kind).toBe("discarded");
  expect(await deadLetters.discard(dead.handoff.id)).toEqual({ kind: "not-dead" });
  expect(await replay(dead)).toEqual({ kind: "not-dead" });
});

it("replays what died at its deadline though it was not marked yet", async () => {
  const { queued, replay, elapse } = await setup();
  const stored = await queued(createConnector(), { deadlineMs: 1_000 });
  await elapse(1_001);
  expect((await replay(stored)).kind).toBe("replayed");
});

it("takes a replay behind those of its contact who are waiting already", async () => {
  const { die, queued, replay, claim, waits } = await setup();
  const connector = createConnector();
  const dead = await die(connector, REJECTED, { contactId: "1" });
  const waiting = await queued(connector, { contactId: "1" });
  const replayed = await replay(dead);
  if (replayed.kind !== "replayed") throw new Error(replayed.kind);
  expect((await claim(connector)).attempts).toMatchObject([{ id: waiting.handoff.id }]);
  expect(await waits(connector, replayed.stored)).toBe("order");
});

it("keeps no parameters of a dead letter that was put away for good", async () => {
  const space = await setup();
  const connector = createConnector();
  const [discarded, kept] = [await space.die(connector), await space.die(connector)];
  const sealed = async () =>
    (
      await createResealableValueStore(
        space.shards,
        createConnectorStore(space.redis, space.shards.namespace),
      ).handoffs(space.tag)
    ).entries.map(({ kind, record }) => `${kind} of ${record}`);
  expect(await sealed()).toEqual([discarded, kept].map(({ handoff }) => `params of ${handoff.id}`));
  expect((await space.deadLetters.discard(discarded.handoff.id)).kind).toBe("discarded");
  expect(await sealed()).toEqual([`params of ${kept.handoff.id}`]);
});
