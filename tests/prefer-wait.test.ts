import { createBatonClient } from "@baton/api";
import { openRedis, parseRedisUrl, waitForConnection } from "@baton/redis/connection";
import { describe, expect, it, onTestFinished } from "vitest";
import { startBaton, startIntake } from "./world/baton.ts";
import { startRedisServer } from "./world/redis-server.ts";

const BODY = { contactId: "100000000001" };

describe("a caller who prefers to wait", () => {
  it("is answered how the handoff ended", async () => {
    const { raw } = await startBaton();
    const answer = await raw({ body: BODY, headers: { prefer: "wait=20" } });
    expect(answer).toMatchObject({ status: 200, json: { status: "delivered", attempts: [{ outcome: "accepted" }] } });
    expect(answer.headers.get("preference-applied")).toBe("wait=20");
    expect(answer.headers.get("location")).toBe(`/v1/handoffs/${answer.json.id}`);
  });

  it("is answered for a dead one too", async () => {
    const { raw, simulator } = await startBaton();
    simulator.answer({ status: 404 });
    expect(await raw({ body: BODY, headers: { prefer: "wait=20" } })).toMatchObject({
      status: 200,
      json: { reason: "rejected" },
    });
  });

  it("is answered after that time that it has not ended", async () => {
    const { raw } = await startIntake();
    const answer = await raw({ body: BODY, headers: { prefer: "wait=1" } });
    expect(answer).toMatchObject({ status: 202, json: { status: "queued" } });
    expect(answer.headers.get("preference-applied")).toBe("wait=1");
  });

  it("is on record for operators with its answer, and an ordinary 202 is not", async () => {
    const { raw, send, startAdmin } = await startIntake();
    const { url, key } = await startAdmin();
    const operator = createBatonClient({ adminUrl: url, adminKey: key });
    const waited = await raw({ body: BODY, headers: { prefer: "wait=1" } });
    expect(waited.json).not.toHaveProperty("answer");
    await expect
      .poll(async () => (await operator.handoff(waited.json.id)).answer)
      .toMatchObject({ at: expect.any(String), status: 202, afterMs: expect.any(Number), waitMs: 1_000 });
    // Where this machine is busy beside, one of some is answered as soon as usual.
    const ordinary = async () => operator.handoff((await send({ contactId: "100000000002" })).id);
    await expect.poll(ordinary).not.toHaveProperty("answer");
  });

  it("is on record with an answer that was slow, though no end was waited for", async () => {
    const server = await startRedisServer();
    const { raw, startAdmin } = await startIntake({}, { BATON_REDIS_URL: server.url });
    const { url, key } = await startAdmin();
    const operator = createBatonClient({ adminUrl: url, adminKey: key });
    const redis = openRedis(parseRedisUrl(server.url), "scripts");
    onTestFinished(() => redis.disconnect());
    await waitForConnection(redis);
    const sendSlowly = async () => {
      await redis.call("CLIENT", "PAUSE", "400", "ALL");
      return raw({ body: BODY });
    };
    let answer = await sendSlowly();
    // Where this machine is busy beside, it is too late for a 202.
    while (answer.status === 503) answer = await sendSlowly();
    expect(answer.status).toBe(202);
    await expect
      .poll(async () => (await operator.handoff(answer.json.id)).answer)
      .toEqual({ at: expect.any(String), status: 202, afterMs: expect.any(Number) });
  });

  it("is answered when the ending comes, be it by delivery or by cancel", async () => {
    const { raw, send, client, simulator, startWorker } = await startIntake();
    const cancelled = await send({ contactId: "100000000002" });
    const read = (id: string) => raw({ method: "GET", path: `/v1/handoffs/${id}`, headers: { prefer: "wait=30" } });
    const [answer] = await Promise.all([read(cancelled.id), client.cancel(cancelled.id)]);
    expect(answer).toMatchObject({ status: 200, json: { status: "cancelled" } });

    simulator.answer({ delayMs: 500 });
    await startWorker();
    const sent = await send();
    await simulator.untilSignals(1);
    const delivered = await read(sent.id);
    expect(delivered).toMatchObject({ status: 200, json: { status: "delivered" } });
    expect(delivered.headers.get("preference-applied")).toBe("wait=30");
  });

  it("may read one that has not ended, and is answered so after that time", async () => {
    const { raw, send } = await startIntake();
    const { id } = await send();
    const answer = await raw({ method: "GET", path: `/v1/handoffs/${id}`, headers: { prefer: "wait=1" } });
    expect(answer).toMatchObject({ status: 200, json: { id, status: "queued" } });
  });

  it.each([
    { prefer: "wait=31", applied: "wait=30" },
    { prefer: "wait=3600", applied: "wait=30" },
    { prefer: "respond-async, wait=5", applied: "wait=5" },
    { prefer: 'Wait="7"; x=y', applied: "wait=7" },
  ])("gets Preference-Applied: $prefer", async ({ prefer, applied }) => {
    const { raw } = await startBaton();
    const answer = await raw({ body: BODY, headers: { prefer } });
    expect(answer).toMatchObject({ status: 200, json: { status: "delivered" } });
    expect(answer.headers.get("preference-applied")).toBe(applied);
  });

  it.each(["wait=0", "wait=-1", "wait=1e9", "wait", "wait=soon", "respond-async", "handling=lenient"])(
    "is answered at once where he prefers nothing that means anything: %s",
    async (prefer) => {
      const { raw } = await startIntake();
      const answer = await raw({ body: BODY, headers: { prefer } });
      expect(answer).toMatchObject({ status: 202, json: { status: "queued" } });
      expect(answer.headers.get("preference-applied")).toBeNull();
    },
  );
});

describe("a delayed handoff", () => {
  it("says until when, and is not signalled before", async () => {
    const { send, ended, simulator } = await startBaton();
    const sent = await send({ delayMs: 1_000, deadlineMs: 30_000 });
    const acceptedAt = Date.parse(sent.acceptedAt);
    expect(sent).toMatchObject({ status: "queued", waitingFor: "delay" });
    expect(Date.parse(sent.nextAttemptAt ?? "")).toBe(acceptedAt + 1_000);
    expect(Date.parse(sent.deadlineAt)).toBe(acceptedAt + 31_000);
    expect(await ended(sent)).toMatchObject({ status: "delivered" });
    expect(simulator.signals()[0]?.at).toBeGreaterThanOrEqual(acceptedAt + 1_000);
  });

  it("has its connector's deadline where it names none", async () => {
    const { send } = await startIntake({ delivery: { deadlineMs: 45_000 } });
    const sent = await send({ delayMs: 2_000 });
    expect(Date.parse(sent.deadlineAt) - Date.parse(sent.acceptedAt)).toBe(47_000);
  });
});

describe("while no worker runs", () => {
  it("a handoff past its deadline reads dead, expired", async () => {
    const { send, client, accepted, simulator } = await startIntake();
    const { id } = await send({ deadlineMs: 1_000 });
    const dead = await client.get(id, { waitMs: 10_000 });
    expect(dead).toMatchObject({ status: "dead", reason: "expired", attempts: [], mayHaveArrived: false });
    expect(dead).not.toHaveProperty("waitingFor");
    expect(Date.parse(dead.endedAt ?? "")).toBeGreaterThan(Date.parse(dead.deadlineAt));
    expect(await client.get(id)).toEqual(dead);
    expect(await accepted()).toEqual([dead]);
    expect(simulator.signals()).toHaveLength(0);
  });

  it("a handoff past its deadline is never sent by a worker that comes later", async () => {
    const { send, client, ended, startWorker, simulator } = await startIntake();
    const expiring = await send({ deadlineMs: 1_000 });
    const live = await send({ contactId: "100000000002" });
    await client.get(expiring.id, { waitMs: 10_000 });
    await startWorker();
    expect(await ended(live)).toMatchObject({ status: "delivered" });
    expect(await client.get(expiring.id)).toMatchObject({ status: "dead", reason: "expired" });
    expect(simulator.signals()).toHaveLength(1);
  });
});
