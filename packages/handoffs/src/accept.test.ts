import { readRedisTime } from "@baton/redis/lua-script";
import { expect, it } from "vitest";
import { createConnector, DELIVERED, FAR_FUTURE, REJECTED, setup } from "../testing/space.ts";
import type { Idempotency } from "./handoff-store.ts";

const idempotency = (change: Partial<Idempotency> = {}): Idempotency => ({
  key: "key",
  fingerprints: ["key.body"],
  keepMs: 86_400_000,
  ...change,
});

it("keeps what it was given, queued and free to go", async () => {
  const { queued, redis } = await setup();
  const connector = createConnector();
  const { handoff, generation } = await queued(connector, { contactId: "42", sharedId: "shared", deadlineMs: 5_000 });
  expect(handoff).toMatchObject({
    connectorId: connector.id,
    contactId: "42",
    sharedId: "shared",
    status: "queued",
    waitingFor: null,
    attempts: [],
  });
  expect(handoff).toMatchObject({
    mayHaveArrived: false,
    possibleDuplicate: false,
    replays: 0,
    accountId: "acme",
    environment: "live",
  });
  expect(handoff.deadlineAt).toBe(handoff.acceptedAt + 5_000);
  expect(handoff.acceptedAt).toBeLessThanOrEqual(await readRedisTime(redis, ""));
  expect(generation).toBe(1);
});

it("keeps what its sender knows it by, through its whole life, and stays small", async () => {
  const space = await setup();
  const connector = createConnector();
  const correlation = {
    requestId: "r".repeat(128),
    traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
  };
  const stored = await space.queued(connector, { correlation });
  expect(stored.correlation).toEqual(correlation);
  const attempt = await space.sending(connector, stored);
  expect(attempt.correlation).toEqual(correlation);
  await space.settle(connector, attempt, REJECTED);
  expect((await space.read(stored)).correlation).toEqual(correlation);
  expect(await space.redis.object("ENCODING", `${space.tag}:h:${stored.handoff.id}`)).toBe("listpack");

  const short = await space.queued(connector, { correlation: { requestId: "short" } });
  expect((await space.read(short)).correlation).toEqual({ requestId: "short" });
  expect(await space.read(await space.queued(connector))).not.toHaveProperty("correlation");
});

it("answers a new handoff as it reads afterwards, with everything that it may have", async () => {
  const space = await setup();
  const connector = createConnector({ rate: { perSecond: 1, burst: 1 } });
  const plain = await space.accept(connector);
  const full = await space.accept(connector, {
    sharedId: "shared",
    origin: { accountId: "acme", projectId: "support", environment: "test", callId: "ca_1" },
    correlation: { requestId: "r".repeat(128) },
    delayMs: 1_000,
  });
  for (const accepted of [plain, full]) {
    if (accepted.kind !== "accepted") throw new Error(accepted.kind);
    await space.handoffs.place(accepted.stored.handoff.id);
    expect(await space.read(accepted.stored)).toEqual(accepted.stored);
  }
});

it("counts the deadline from the end of the delay", async () => {
  const { accept } = await setup();
  const accepted = await accept(createConnector(), { delayMs: 20_000, deadlineMs: 5_000 });
  if (accepted.kind !== "accepted") throw new Error(accepted.kind);
  const { acceptedAt, deadlineAt, nextAttemptAt, waitingFor } = accepted.stored.handoff;
  expect([(nextAttemptAt ?? 0) - acceptedAt, deadlineAt - acceptedAt, waitingFor]).toEqual([20_000, 25_000, "delay"]);
});

it("takes the same id twice without changing anything, whatever came of it meanwhile", async () => {
  const space = await setup();
  const connector = createConnector();
  const stored = await space.queued(connector);
  const { id } = stored.handoff;
  expect(await space.accept(connector, { id, sealedParams: "others" })).toMatchObject({ kind: "accepted", stored });
  const attempt = await space.sending(connector, stored);
  expect(attempt.sealedParams).toBe("sealed params");
  await space.settle(connector, attempt, DELIVERED);
  expect(await space.accept(connector, { id })).toMatchObject({
    kind: "accepted",
    stored: { handoff: { status: "delivered" } },
  });
  expect(await space.redis.zcard(`${space.tag}:queued:${connector.id}`)).toBe(0);
});

it("gives the handoff of an idempotency key as it is now, for the same body", async () => {
  const space = await setup();
  const connector = createConnector();
  const stored = await space.queued(connector, { idempotency: idempotency() });
  await space.settle(connector, await space.sending(connector, stored), DELIVERED);
  const again = await space.accept(connector, { idempotency: idempotency() });
  expect(again).toMatchObject({
    kind: "repeated",
    stored: { handoff: { id: stored.handoff.id, status: "delivered" } },
  });
});

it("refuses another body under a key, and knows a body by any key of the ring", async () => {
  const { queued, accept, handoffs } = await setup();
  const connector = createConnector();
  const { handoff } = await queued(connector, {
    idempotency: idempotency({ fingerprints: ["old.body"] }),
  });
  const rotated = idempotency({ fingerprints: ["new.body", "old.body"] });
  expect(await accept(connector, { idempotency: rotated })).toMatchObject({
    kind: "repeated",
    stored: { handoff: { id: handoff.id } },
  });
  expect(await handoffs.findByKey(connector.id, rotated, "another")).toMatchObject({
    kind: "repeated",
    stored: { handoff: { id: handoff.id } },
  });
  const other = idempotency({ fingerprints: ["old.other"] });
  expect(await accept(connector, { idempotency: other })).toEqual({ kind: "reused" });
  expect(await handoffs.findByKey(connector.id, other, "another")).toEqual({ kind: "reused" });
  const newOnly = idempotency({ fingerprints: ["new.body"] });
  expect(await accept(connector, { idempotency: newOnly })).toEqual({ kind: "missing-sealing-key", keyId: "old" });
  expect(await handoffs.findByKey(connector.id, newOnly, "another")).toEqual({
    kind: "missing-sealing-key",
    keyId: "old",
  });
});

it("takes many of one turn at once, each with its own answer", async () => {
  const { accept, read } = await setup();
  const connector = createConnector();
  const same = idempotency();
  const asked = [
    accept(connector),
    accept(connector, { commandDeadline: 0 }),
    accept(connector, { idempotency: same }),
    accept(connector, { maxPending: 0 }),
    accept(connector, { idempotency: same }),
    accept(connector, { idempotency: idempotency({ fingerprints: ["key.another"] }) }),
    ...Array.from({ length: 60 }, () => accept(connector)),
  ];
  const answers = await Promise.all(asked);
  expect(answers.slice(0, 6).map(({ kind }) => kind)).toEqual([
    "accepted",
    "late",
    "accepted",
    "full",
    "repeated",
    "reused",
  ]);
  expect(answers.slice(6).every(({ kind }) => kind === "accepted")).toBe(true);
  const [first] = answers;
  if (first?.kind === "accepted") expect((await read(first.stored)).handoff).toEqual(first.stored.handoff);
});

it("counts the others of one turn in the backlog and against the rate", async () => {
  const { accept } = await setup();
  const kinds = async (delivery: Parameters<typeof createConnector>[0], change = {}) => {
    const connector = createConnector(delivery);
    const answers = await Promise.all(Array.from({ length: 10 }, () => accept(connector, change)));
    return answers.filter(({ kind }) => kind === "accepted").length;
  };
  expect(await kinds({}, { maxPending: 4 })).toBe(4);
  expect(await kinds({ rate: { perSecond: 1, burst: 3 } }, { deadlineMs: 2_400 })).toBe(5);
});

it("keeps a key for its connector only, and only for its time", async () => {
  const { queued, accept, handoffs, elapse } = await setup();
  const [connector, other] = [createConnector(), createConnector()];
  const { handoff } = await queued(connector, { idempotency: idempotency() });
  expect((await accept(other, { idempotency: idempotency() })).kind).toBe("accepted");
  await elapse(86_400_000);
  expect(await handoffs.findByKey(connector.id, idempotency(), "another")).toEqual({ kind: "none" });
  const later = await queued(connector, { idempotency: idempotency() });
  expect(later.handoff.id).not.toBe(handoff.id);
});

it("takes anew, in one turn, what comes again after its key is over, beside what comes again before", async () => {
  const { accept, elapse } = await setup();
  const connector = createConnector();
  const [over, kept] = [idempotency({ key: "over", keepMs: 1_000 }), idempotency({ key: "kept" })];
  const acceptAll = (each: readonly (Idempotency | undefined)[]) =>
    Promise.all(each.map((sent) => accept(connector, sent === undefined ? {} : { idempotency: sent })));
  const before = await acceptAll([over, kept]);
  await elapse(1_001);
  const after = await acceptAll([over, undefined, kept, over]);
  expect(after.map(({ kind }) => kind)).toEqual(["accepted", "accepted", "repeated", "repeated"]);
  const [first, keptFirst, again, , keptAgain, twice] = [...before, ...after].map((accepted) => {
    if (accepted.kind !== "accepted" && accepted.kind !== "repeated") throw new Error(accepted.kind);
    return accepted.stored.handoff.id;
  });
  expect(keptAgain).toBe(keptFirst);
  expect(again).not.toBe(first);
  expect(twice).toBe(again);
});

it("makes one handoff of twenty simultaneous requests with one key", async () => {
  const { accept } = await setup();
  const connector = createConnector();
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => accept(connector, { contactId: "1", idempotency: idempotency() })),
  );
  expect(answers.filter(({ kind }) => kind === "accepted")).toHaveLength(1);
  expect(answers.filter(({ kind }) => kind === "repeated")).toHaveLength(19);
  expect(new Set(answers.map((answer) => ("stored" in answer ? answer.stored.handoff.id : answer.kind))).size).toBe(1);
});

it("keeps no refusal: the key that met a full backlog may come again", async () => {
  const { accept, handoffs } = await setup();
  const connector = createConnector();
  expect((await accept(connector, { maxPending: 0, idempotency: idempotency() })).kind).toBe("full");
  expect(await handoffs.findByKey(connector.id, idempotency(), "another")).toEqual({ kind: "none" });
  expect((await accept(connector, { idempotency: idempotency() })).kind).toBe("accepted");
});

it("takes nothing once its command deadline is over, not even for a key that is known", async () => {
  const { accept, queued, redis, tag } = await setup();
  const connector = createConnector();
  await queued(connector, { idempotency: idempotency() });
  const keys = await redis.keys(`${tag}*`);
  const commandDeadline = (await readRedisTime(redis, "")) - 1;
  expect(await accept(connector, { commandDeadline })).toEqual({ kind: "late" });
  expect(await accept(connector, { commandDeadline, idempotency: idempotency() })).toEqual({ kind: "late" });
  expect((await redis.keys(`${tag}*`)).sort()).toEqual(keys.sort());
});

it("takes as many as may be pending, and one more as soon as one is under way or ended", async () => {
  const { queued, accept, sending, handoffs } = await setup();
  const connector = createConnector();
  const most = { maxPending: 3 };
  const pending = [
    await queued(connector, most),
    await queued(connector, most),
    await queued(connector, { ...most, delayMs: 50_000 }),
  ];
  expect(await accept(connector, most)).toMatchObject({ kind: "full", retryAfterMs: expect.any(Number) });
  expect((await accept(createConnector(), most)).kind).toBe("accepted");
  const [first, second] = pending;
  if (first === undefined || second === undefined) throw new Error("none");
  await sending(connector, first);
  expect((await accept(connector, most)).kind).toBe("accepted");
  expect((await accept(connector, most)).kind).toBe("full");
  await handoffs.cancel(second.handoff.id);
  expect((await accept(connector, most)).kind).toBe("accepted");
});

it("leaves no trace of what it refused", async () => {
  const { accept, redis, tag } = await setup();
  const connector = createConnector({ rate: { perSecond: 1, burst: 1 } });
  await accept(connector, { maxPending: 0, sharedId: "s", idempotency: idempotency() });
  await accept(connector, { commandDeadline: 0 });
  expect(await redis.keys(`${tag}*`)).toEqual([]);
});

it("reads dead and expired once the deadline has passed, though no worker took it", async () => {
  const { queued, read, elapse, accept } = await setup();
  const connector = createConnector();
  const stored = await queued(connector, { deadlineMs: 1_000, idempotency: idempotency() });
  await elapse(1_001);
  const again = await accept(connector, { idempotency: idempotency() });
  expect(again).toMatchObject({ kind: "repeated", stored: { handoff: { status: "dead", reason: "expired" } } });
  expect((await read(stored)).handoff).toMatchObject({ status: "dead", reason: "expired", attempts: [] });
});

it("belongs to its own shard, and a connector of no shard is refused in words", async () => {
  const { queued, read, handoffs } = await setup(2);
  const stored = await queued(createConnector({}, { shard: 1 }));
  expect((await read(stored)).handoff.status).toBe("queued");
  await expect(handoffs.accept({ ...OF_SHARD_7, id: stored.handoff.id })).rejects.toThrow(
    /lies in none of the 2 shards/,
  );
  expect(await handoffs.read("ho_nonsense")).toBeUndefined();
  expect(await handoffs.cancel("ho_nonsense")).toEqual({ kind: "not-found" });
});

const OF_SHARD_7 = {
  connectorId: createConnector({}, { shard: 7 }).id,
  contactId: "1",
  origin: { accountId: "a", projectId: "p", environment: "live" },
  sealedParams: "",
  delayMs: 0,
  deadlineMs: 1_000,
  commandDeadline: FAR_FUTURE,
  rate: null,
  maxPending: 1,
};
