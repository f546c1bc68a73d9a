/** Redis gone and Redis hanging: 503 at once, and nothing that was answered so is ever delivered. */
import { createBatonClient } from "@baton/api";
import { expect, it } from "vitest";
import { startBatonOn } from "./world/baton-on-redis.ts";
import { startProcess } from "./world/process.ts";
import { eventually, type RedisServer, startRedisServer } from "./world/redis-server.ts";
import { type Answer, NOTHING_WRONG, nextContact, startTraffic, trySend, trySendMany } from "./world/traffic.ts";

const MANY = 50;
const PER_SECOND = 100;

/** Both ways in which a Redis does not answer, and how it comes back. */
const OUTAGES = [
  { name: "is gone", begin: (redis: RedisServer) => redis.kill(), end: (redis: RedisServer) => redis.start() },
  {
    name: "hangs",
    begin: async (redis: RedisServer) => redis.hang(),
    end: async (redis: RedisServer) => redis.resume(),
  },
];

async function setup() {
  const redis = await startRedisServer();
  return { redis, baton: await startBatonOn(redis.url) };
}

/** expectRefusals: answered while Redis was still away, so no request waited for it. */
function expectRefusals(answers: readonly Answer[]): void {
  for (const { kind, problem } of answers) {
    expect(kind).toBe("refused");
    expect(problem).toMatchObject({ status: 503, code: "queue-unavailable", retryAfterMs: 1_000 });
  }
}

it.each(OUTAGES)("refuses with 503 while Redis $name, and never delivers what it refused", async ({ begin, end }) => {
  const { redis, baton } = await setup();
  await begin(redis);
  const answers = [...(await trySendMany(baton.client, MANY)), ...(await trySendMany(baton.client, MANY))];
  expectRefusals(answers);
  await end(redis);
  expect(await baton.settle(answers)).toMatchObject({ ...NOTHING_WRONG, accepted: 0, refused: 2 * MANY });
});

it("takes a burst for what it is: a thousand at one moment are all accepted, though the process is busy for as long as it may wait for Redis", async () => {
  const { baton } = await setup();
  const answers = await trySendMany(baton.client, 1_000);
  expect(answers.filter(({ kind }) => kind !== "accepted")).toEqual([]);
});

it.each(OUTAGES)(
  "loses nothing and delivers nothing refused when Redis $name in the middle of traffic",
  async ({ begin, end }) => {
    const { redis, baton } = await setup();
    const traffic = startTraffic(baton.client, PER_SECOND);
    await traffic.untilMore("accepted", MANY);
    await begin(redis);
    await traffic.untilMore("refused", MANY);
    await end(redis);
    await traffic.untilMore("accepted", MANY);
    const ledger = await baton.settle(await traffic.stop());
    expect(ledger).toMatchObject(NOTHING_WRONG);
    expect(ledger.delivered).toBe(ledger.accepted);
  },
);

it.each(OUTAGES)(
  "refuses with 503 while it authenticates for the first time and Redis $name",
  async ({ begin, end }) => {
    const { redis, baton } = await setup();
    const cold = await startProcess("ingress", baton.env);
    const client = createBatonClient({ ingressUrl: cold.url, token: baton.token });
    await begin(redis);
    const answers = await trySendMany(client, MANY);
    expectRefusals(answers);
    // Who only reads must not take it for a word on the handoff.
    await expect(client.get("ho_1")).rejects.toMatchObject({
      problem: { status: 503, detail: expect.stringMatching(/token cannot be checked; nothing was done/) },
    });
    await eventually(async () => (await fetch(`${cold.url}/readyz`)).status, 503);
    expect(await (await fetch(`${cold.url}/metrics`)).text()).toContain("baton_redis_up 0");
    await end(redis);
    await eventually(async () => (await fetch(`${cold.url}/readyz`)).status, 200);
    expect(await baton.settle(answers)).toMatchObject({ ...NOTHING_WRONG, refused: MANY });
  },
);

it.each(OUTAGES)("starts while Redis $name, refuses until it is there, then serves", async ({ begin, end }) => {
  const { redis, baton } = await setup();
  await begin(redis);
  const ingress = await startProcess("ingress", baton.env);
  const client = createBatonClient({ ingressUrl: ingress.url, token: baton.token });
  const answers = await trySendMany(client, MANY);
  expectRefusals(answers);
  await end(redis);
  await eventually(async () => (await trySend(client)).kind, "accepted");
  expect(await baton.settle(answers)).toMatchObject({ ...NOTHING_WRONG, refused: MANY });
});

it.each(OUTAGES)(
  "gives one handoff to a client that repeats with its Idempotency-Key while Redis $name",
  async ({ begin, end }) => {
    const { redis, baton } = await setup();
    const senders = Array.from({ length: MANY }, (_, index) => ({
      contactId: nextContact(),
      idempotencyKey: `key-${index}`,
    }));
    const refused = new Set<string>();
    /** Repeats until it is accepted, as Retry-After invites to. */
    const retryUntilAccepted = async (sender: { contactId: string; idempotencyKey: string }): Promise<Answer> => {
      for (;;) {
        const answer = await trySend(baton.client, sender);
        if (answer.kind === "accepted") return answer;
        refused.add(sender.contactId);
      }
    };
    // Half of them are under way when it begins, the others meet it.
    const early = senders.slice(MANY / 2).map(retryUntilAccepted);
    await begin(redis);
    const late = senders.slice(0, MANY / 2).map(retryUntilAccepted);
    await eventually(() => refused.size >= MANY / 2, true);
    await end(redis);
    const retrying = [...early, ...late];
    const answers = await Promise.all(retrying);
    expect(await baton.settle(answers)).toMatchObject({
      ...NOTHING_WRONG,
      accepted: MANY,
      delivered: MANY,
      duplicates: 0,
    });
  },
);

it.each(OUTAGES)(
  "ends in good order while Redis $name, with refused handoffs still to be taken back",
  async ({ begin, end }) => {
    const { redis, baton } = await setup();
    await begin(redis);
    const answers = await trySendMany(baton.client, MANY);
    expect(await baton.ingress.stop()).toBe(0);
    await end(redis);
    const ingress = await startProcess("ingress", baton.env);
    const client = createBatonClient({ ingressUrl: ingress.url, token: baton.token });
    expect(await baton.settleOn(redis.redis, client, answers)).toMatchObject({ ...NOTHING_WRONG, refused: MANY });
  },
);

it.each(OUTAGES)("admin answers 503 while Redis $name", async ({ begin, end }) => {
  const { redis, baton } = await setup();
  const admin = await startProcess("admin", baton.env);
  const overview = () =>
    fetch(`${admin.url}/admin/v1/overview`, { headers: { authorization: `Bearer ${baton.env.BATON_ADMIN_KEY}` } });
  await begin(redis);
  const response = await overview();
  expect(response.status).toBe(503);
  expect(response.headers.get("retry-after")).toBe("1");
  expect(await response.json()).toMatchObject({ type: "urn:baton:problem:queue-unavailable" });
  await end(redis);
  await eventually(async () => (await overview()).status, 200);
});
