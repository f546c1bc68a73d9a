import { createRunItemStore } from "@baton/handoffs/run-item-store";
import { createRunStore } from "@baton/registry/run-store";
import { expect, it } from "vitest";
import { setup, useRedis } from "../../testing/world.ts";

useRedis();

/** A validity that does not end. Epoch milliseconds. */
const FAR_FUTURE = 8_000_000_000_000;
const REPLAYS = "/admin/v1/replays";
const UNKNOWN = { outcome: { kind: "ambiguous", detail: "reset" }, reason: "unknown" } as const;

it("plans what a run would take: counted by reason, connector and age, with a sample and an estimate", async () => {
  const { client, connect, die } = await setup({ BATON_SHARDS: "2" });
  const [a, b] = [await connect(), await connect({ delivery: { rate: { perSecond: 2, burst: 1 } } })];
  const ids = [await die(a), await die(b), await die(b)];
  await die(a, { contactId: "7", ...UNKNOWN });
  const plan = await client.planRun("replay", { all: true });
  expect(plan).toMatchObject({
    planId: expect.stringMatching(/^pl_[0-9A-Z]{16}$/),
    kind: "replay",
    filter: {},
    matched: 4,
    taken: 3,
    byReason: { rejected: 3, unknown: 1 },
    byConnector: { [a.id]: 2, [b.id]: 2 },
    mayHaveArrived: 1,
    // Two of b's at two a second.
    estimateMs: 1_000,
  });
  expect(plan.olderThan).toEqual([60_000, 300_000, 900_000, 3_600_000, 86_400_000].map((ms) => ({ ms, count: 0 })));
  expect(plan.sample.map(({ id }) => id)).toEqual(ids);
  expect(Date.parse(plan.expiresAt)).toBeGreaterThan(Date.parse(plan.asOf) + 890_000);
  expect((await client.deadLetters()).total).toBe(4);
});

it("counts of a replay what a deleted connector leaves behind as left out, and of a discard as taken", async () => {
  const { client, connect, die } = await setup({ BATON_SHARDS: "2" });
  const [kept, deleted] = [await connect(), await connect()];
  const id = await die(kept);
  for (let contact = 1; contact <= 3; contact++) await die(deleted, { contactId: String(contact) });
  await die(deleted, { contactId: "7", ...UNKNOWN });
  await client.deleteConnector(deleted.id);
  const plan = await client.planRun("replay", { all: true });
  expect(plan).toMatchObject({ matched: 5, taken: 1, connectorDeleted: 3, mayHaveArrived: 1, sample: [{ id }] });
  expect(await client.planRun("replay", { planId: plan.planId })).toEqual(plan);
  expect(await client.planRun("replay", { all: true, includeUnknown: true })).toMatchObject({
    taken: 1,
    connectorDeleted: 4,
  });
  const discard = await client.planRun("discard", { all: true });
  expect(discard).toMatchObject({ matched: 5, taken: 4 });
  expect(discard).not.toHaveProperty("connectorDeleted");
});

it("shows a plan again as it was counted, until a run of it is started", async () => {
  const { client, connect, die } = await setup();
  const connector = await connect();
  for (let i = 0; i < 3; i++) await die(connector);
  const plan = await client.planRun("discard", { filter: { connectorId: connector.id }, includeUnknown: true });
  await die(connector);
  expect(await client.planRun("discard", { planId: plan.planId })).toEqual(plan);
  const slower = await client.planRun("discard", { planId: plan.planId, ratePerSecond: 1 });
  expect(slower).toEqual({ ...plan, estimateMs: 3_000 });
  const { planId } = plan;
  await expect(client.planRun("replay", { planId })).rejects.toMatchObject({ status: 422 });
  await client.startRun("discard", { planId, note: "old" });
  await expect(client.planRun("discard", { planId })).rejects.toMatchObject({ status: 409 });
});

it("starts a plan once, and names the run to a later caller", async () => {
  const { call, client, connect, die, redis, namespace } = await setup();
  await die(await connect());
  const { planId } = await client.planRun("replay", { all: true });
  const runPath = `${REPLAYS}/${planId.replace("pl_", "rn_")}`;
  // A plan is no run yet: there is nothing to read, to change or to list.
  expect([(await call("GET", runPath)).status, (await call("POST", `${runPath}/pause`)).status]).toEqual([404, 404]);
  expect((await client.runs("replay")).items).toEqual([]);
  const lifeMs = () => redis.pttl(`{${namespace}}:run:${planId.slice("pl_".length)}`);
  expect(await lifeMs()).toBeGreaterThan(0);
  const started = await call("POST", REPLAYS, { planId, note: "repaired", ratePerSecond: 5, first: 1 });
  // A plan goes by itself, a run does not.
  expect(await lifeMs()).toBe(-1);
  expect(started.status).toBe(202);
  expect(started.headers.get("location")).toBe(`${REPLAYS}/${started.body.id}`);
  expect(started.body).toMatchObject({
    ...{ kind: "replay", status: "running", matched: 1, replayed: 0, skipped: 0, outstanding: 0 },
    ...{ ratePerSecond: 5, first: 1, stopWhenDying: 0.5, note: "repaired", filter: {} },
  });
  const again = await call("POST", REPLAYS, { planId, note: "repaired" });
  expect([again.status, again.body.type]).toEqual([409, "urn:baton:problem:plan-expired"]);
  expect(again.body.detail).toContain(started.body.id);
  expect((await client.runs("replay")).items.map(({ id }) => id)).toEqual([started.body.id]);
  expect((await client.runItems("replay", started.body.id)).items).toMatchObject([{ result: "waiting" }]);
});

it("starts a filter at once, and answers a repeated Idempotency-Key with the same run", async () => {
  const { call, client, connect, die, redis } = await setup();
  const connector = await connect();
  await die(connector);
  const body = { filter: { connectorId: connector.id, reason: ["rejected"] }, note: "again" };
  const start = (sent: object) => call("POST", REPLAYS, sent, { "idempotency-key": "k" });
  const first = await start(body);
  const again = await start(body);
  expect([first.status, again.status, again.body.id]).toEqual([202, 202, first.body.id]);
  expect(again.headers.get("idempotent-replayed")).toBe("true");
  const long = await call("POST", REPLAYS, body, { "idempotency-key": "x".repeat(256) });
  expect(long.body.detail).toBe("the headers are not as this route takes them");
  const other = await start({ ...body, note: "another" });
  expect([other.status, other.body.type]).toEqual([422, "urn:baton:problem:idempotency-key-reused"]);
  expect((await client.runs("replay")).items).toHaveLength(1);
  expect(await redis.zcard(`${(await redis.keys("*:runs:replay"))[0]}`.replace("replay", "planned"))).toBe(0);
});

it("refuses what it cannot mean, in words, and does nothing by half", async () => {
  const { call, client, connect, die, redis, namespace } = await setup();
  await die(await connect());
  const refused = async (body: unknown, path = REPLAYS) => {
    const { status, body: problem } = await call("POST", path, body);
    return [status, problem.type?.replace("urn:baton:problem:", ""), problem.errors?.[0]?.pointer];
  };
  expect(await refused({ filter: {}, dryRun: true })).toEqual([422, "invalid-run", "/all"]);
  expect(await refused({ filter: { cause: "cs_none" }, dryRun: true })).toEqual([422, "invalid-run", "/filter/cause"]);
  expect(await refused({ filter: { connectorId: "cn_x" }, dryRun: true })).toEqual([
    ...[422, "invalid-run", "/filter/connectorId"],
  ]);
  expect(await refused({ all: true, note: "x", ratePerSecond: 0 })).toEqual([422, "invalid-run", "/ratePerSecond"]);
  expect(await refused({ all: true, note: "x".repeat(10_240) })).toEqual([422, "invalid-run", "/note"]);
  expect(await refused({ all: true })).toEqual([422, "invalid-run", "/note"]);
  expect(await refused({ all: true, note: " \u00a0 " })).toEqual([422, "invalid-run", "/note"]);
  expect(await refused({ planId: "pl_0123456789ABCDEF", note: "x" })).toEqual([409, "plan-expired", undefined]);

  const { planId } = await client.planRun("replay", { all: true });
  expect(await refused({ planId, note: "x" }, "/admin/v1/discards")).toEqual([422, "invalid-run", "/planId"]);
  expect(await refused({ planId, note: "x", includeUnknown: true })).toEqual([422, "invalid-run", "/includeUnknown"]);
  // Sixteen minutes later.
  await redis.zincrby(`{${namespace}}:runs:planned`, -16 * 60_000, planId.slice(3));
  expect(await refused({ planId, note: "x" })).toEqual([409, "plan-expired", undefined]);
  const { body: late } = await call("POST", REPLAYS, { planId, note: "x" });
  expect(late.detail).toBe("this plan is older than 15 minutes, or never was; nothing was done");
  for (const kind of ["replay", "discard"] as const) expect((await client.runs(kind)).items).toEqual([]);
  expect((await client.deadLetters()).total).toBe(1);
});

it("pauses, resumes, cancels and gives another rate; a run that has ended says so", async () => {
  const { call, client, connect, die } = await setup();
  await die(await connect());
  const { id } = await client.startRun("discard", { all: true, note: "old" });
  expect(await client.pauseRun("discard", id)).toMatchObject({ status: "paused", pausedBecause: "operator" });
  expect(await client.pauseRun("discard", id)).toMatchObject({ status: "paused" });
  expect(await client.changeRun("discard", id, { ratePerSecond: 7 })).toMatchObject({ ratePerSecond: 7 });
  expect(await client.resumeRun("discard", id)).toMatchObject({ status: "running" });
  const cancelled = await client.cancelRun("discard", id, { note: "enough" });
  expect(cancelled).toMatchObject({ status: "cancelled", endedAt: expect.any(String) });
  expect(await client.cancelRun("discard", id)).toEqual(cancelled);
  const late = await call("POST", `/admin/v1/discards/${id}/resume`);
  expect([late.status, late.body.type]).toEqual([409, "urn:baton:problem:run-ended"]);
  const zero = await call("PATCH", `/admin/v1/discards/${id}`, { ratePerSecond: 0 });
  expect([zero.status, zero.body.errors[0].pointer]).toEqual([422, "/ratePerSecond"]);
  expect((await call("GET", `${REPLAYS}/${id}`)).status).toBe(404);
  expect((await call("GET", `${REPLAYS}/rn_none`)).status).toBe(404);
});

it("counts runs by kind and status, in the metrics and the overview", async () => {
  const { call, client, connect, die } = await setup();
  await die(await connect());
  const { id } = await client.startRun("discard", { all: true, note: "old" });
  const gauges = async () => (await call("GET", "/metrics")).text.split("\n").filter((line) => / [1-9]/.test(line));
  expect(await gauges()).toContain('baton_runs{kind="discard",status="running"} 1');
  expect((await client.overview()).runs).toEqual({ running: 1, paused: 0, discards: { running: 1, paused: 0 } });
  await client.pauseRun("discard", id);
  expect(await gauges()).toContain('baton_runs{kind="discard",status="paused"} 1');
  expect((await client.overview()).runs).toEqual({ running: 0, paused: 1, discards: { running: 0, paused: 1 } });
  await client.cancelRun("discard", id);
  expect(await gauges()).toContain('baton_runs{kind="discard",status="cancelled"} 1');
});

it("refuses a worker's step once a pause was answered", async () => {
  const { client, connect, die, shards, namespace, redis } = await setup();
  const connector = await connect();
  await die(connector);
  const run = (await client.startRun("discard", { all: true, note: "old" })).id.slice("rn_".length);
  const [tag = ""] = shards.tags;
  const { turn } = createRunStore(redis, namespace);
  const given = await turn({ run, worker: "w", leaseMs: 1_000, gatherMs: 500, unused: 1 });
  if (given.kind !== "turn") throw new Error(given.kind);
  await client.pauseRun("discard", `rn_${run}`);
  const order = { run, version: given.version, commandDeadline: FAR_FUTURE, isDiscard: true, quota: 1 };
  const connectors = [{ id: connector.id, most: 1 }];
  const stepped = await createRunItemStore(shards).step(tag, { ...order, includeUnknown: false, connectors });
  expect(stepped).toEqual({ kind: "stale" });
  expect(await client.run("discard", `rn_${run}`)).toMatchObject({ status: "paused", discarded: 0 });
});

it("is completed at once where nothing matches", async () => {
  const { client } = await setup();
  const run = await client.startRun("replay", { all: true, note: "nothing there" });
  expect(run).toMatchObject({ status: "completed", matched: 0, endedAt: expect.any(String) });
});

it("writes starts and changes into the audit, with their notes, and no plan", async () => {
  const { client, connect, die } = await setup();
  await die(await connect());
  const { planId } = await client.planRun("replay", { all: true });
  const { id } = await client.startRun("replay", { planId, note: "repaired", ratePerSecond: 5 });
  await client.changeRun("replay", id, { ratePerSecond: 9, note: "faster" });
  await client.cancelRun("replay", id, { note: "enough" });
  const entries = (await client.audit({ id })).items;
  expect(entries.map(({ action, note, about, outcome }) => [action, note, about, outcome])).toEqual([
    ["replays.cancel", "enough", undefined, "done"],
    ["replays.change", "faster", { ratePerSecond: "9" }, "done"],
    ["replays.start", "repaired", { planId, ratePerSecond: "5" }, "done"],
  ]);
  expect((await client.audit({ action: "replays.start" })).items).toHaveLength(1);
});

it("writes a start that is repeated under its Idempotency-Key into the audit once", async () => {
  const { call, client, connect, die } = await setup();
  await die(await connect());
  const start = (note: string) =>
    call("POST", REPLAYS, { filter: {}, all: true, note }, { "idempotency-key": "start-1" });
  const [first, again, other] = [await start("repaired"), await start("repaired"), await start("another")];
  expect([first.status, again.status, other.status]).toEqual([202, 202, 422]);
  expect(again.body.id).toBe(first.body.id);
  const { items } = await client.audit({ action: "replays.start" });
  expect(items.map(({ targetId, outcome, problem }) => [targetId, outcome, problem])).toEqual([
    [undefined, "refused", "idempotency-key-reused"],
    [first.body.id, "done", undefined],
  ]);
});

it("says of what a cancelled run did not take that it was skipped, in items and counts alike", async () => {
  const { client, connect, die } = await setup();
  const connector = await connect();
  const ids = [await die(connector), await die(connector)];
  const { id } = await client.startRun("replay", { all: true, note: "repaired" });
  const items = async (result?: "waiting" | "skipped") =>
    (await client.runItems("replay", id, result === undefined ? {} : { result })).items;
  expect((await items()).map(({ result }) => result)).toEqual(["waiting", "waiting"]);
  const { endedAt, ...cancelled } = await client.cancelRun("replay", id);
  expect(cancelled).toMatchObject({ status: "cancelled", skipped: 2, skippedBecause: { "run-cancelled": 2 } });
  const untaken = { result: "skipped", because: "run-cancelled", at: endedAt };
  expect(await items()).toEqual(ids.map((handoffId) => ({ handoffId, ...untaken })));
  expect(await items("skipped")).toHaveLength(2);
  const because = async (reason: "run-cancelled" | "gone") =>
    (await client.runItems("replay", id, { because: reason })).items;
  expect((await because("run-cancelled")).map(({ handoffId }) => handoffId)).toEqual(ids);
  expect(await because("gone")).toEqual([]);
  expect(await items("waiting")).toEqual([]);
});

it("lists runs newest first, page by page, and refuses cursors of other lists", async () => {
  const { call, client, connect, die } = await setup();
  const connector = await connect();
  for (let i = 0; i < 3; i++) await die(connector);
  const ids: string[] = [];
  for (let i = 0; i < 3; i++) ids.unshift((await client.startRun("replay", { all: true, note: `${i}` })).id);
  const first = await client.runs("replay", { limit: 2 });
  const second = await client.runs("replay", { limit: 2, cursor: first.nextCursor ?? "" });
  expect([...first.items, ...second.items].map(({ id }) => id)).toEqual(ids);

  const deadLetters = await client.deadLetters({ limit: 1 });
  const [run = "", other = ""] = ids;
  const items = await client.runItems("replay", run, { limit: 1 });
  expect((await client.runItems("replay", run, { limit: 2, cursor: items.nextCursor ?? "" })).items).toHaveLength(2);
  for (const path of [
    `${REPLAYS}?cursor=${deadLetters.nextCursor}`,
    `${REPLAYS}/${run}/items?cursor=${deadLetters.nextCursor}`,
    `${REPLAYS}/${other}/items?cursor=${items.nextCursor}`,
  ]) {
    const { status, body } = await call("GET", path);
    expect([status, body.errors[0].pointer]).toEqual([400, "/cursor"]);
  }
});
