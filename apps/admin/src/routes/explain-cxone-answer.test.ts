import { expect, it } from "vitest";
import { setup, useRedis } from "../../testing/world.ts";

useRedis();

const BACKOFF = { baseMs: 1_000, capMs: 4_000 };

it.each([
  [{ status: 204 }, { outcome: "accepted", next: "delivered", mayHaveArrived: false }, /never sent again/],
  [{ status: 404 }, { outcome: "rejected", next: "dead", reason: "rejected" }, /refused again/],
  [{ status: 401 }, { outcome: "unauthorized", renews: "token", next: "dead", reason: "credentials" }, /renewed/],
  [
    { status: 302 },
    { outcome: "redirected", renews: "address", next: "dead", reason: "configuration" },
    /looked up anew/,
  ],
  [
    { status: 429, headers: { "Retry-After": "12" } },
    { outcome: "throttled", next: "retry", wait: { leastMs: 12_000, mostMs: 12_999 }, holdMs: 12_000 },
    /sends nothing for 12 s/,
  ],
  [
    { status: 503, headers: { "retry-after": "50" } },
    { outcome: "unavailable", next: "retry", holdMs: 30_000, breaker: { counts: true } },
    /in 50 s to 51 s/,
  ],
  [
    { status: 500 },
    { outcome: "ambiguous", next: "retry", mayHaveArrived: true, wait: { leastMs: 500, mostMs: 999 } },
    /may have arrived/,
  ],
  [
    "unreachable",
    { outcome: "unreachable", next: "retry", mayHaveArrived: false, breaker: { counts: true } },
    /Nothing was sent/,
  ],
  ["timeout", { outcome: "ambiguous", next: "retry", mayHaveArrived: true }, /9 of 10 attempts are left/],
  ["reset", { outcome: "ambiguous", next: "retry", mayHaveArrived: true }, /counts against the breaker/],
] as const)("says what follows %j, in fields and in words", async (answer, expected, words) => {
  const { client, connect } = await setup();
  const connector = await connect({ delivery: { backoff: BACKOFF } });
  const explanation = await client.explain({ connectorId: connector.id, answer });
  expect(explanation).toMatchObject(expected);
  expect(explanation.text.join(" ")).toMatch(words);
});

it("goes by the connector's policy, by the attempt, and by how much of the deadline is over", async () => {
  const { client, connect } = await setup();
  const once = await connect({ delivery: { guarantee: "at-most-once" } });
  const explain = (connectorId: string, rest: object) =>
    client.explain({ connectorId, answer: { status: 500 }, ...rest });
  expect(await explain(once.id, {})).toMatchObject({ next: "dead", reason: "unknown", mayHaveArrived: true });
  const usual = await connect({ delivery: { backoff: BACKOFF } });
  expect(await explain(usual.id, { attempt: 3 })).toMatchObject({ wait: { leastMs: 2_000, mostMs: 3_999 } });
  const throttled = { status: 429, headers: { "Retry-After": "1" } };
  expect(await explain(usual.id, { attempt: 3, answer: throttled })).toMatchObject({
    wait: { leastMs: 2_000, mostMs: 3_999 },
    holdMs: 1_000,
  });
  expect(await explain(usual.id, { attempt: 10 })).toMatchObject({ next: "dead", reason: "exhausted" });
  expect(await explain(usual.id, { elapsedMs: 59_900 })).toMatchObject({ next: "dead", reason: "expired" });
});

it("says how the connector's breaker stands now", async () => {
  const { client, connect, redis, shards } = await setup();
  const connector = await connect();
  const explain = () => client.explain({ connectorId: connector.id, answer: { status: 503 } });
  const set = (fields: Readonly<Record<string, number | string>>) =>
    redis.hset(`${shards.tags[0]}:c:${connector.id}`, fields);
  const closed = await explain();
  expect(closed.breaker.state).toBe("closed");
  expect(closed.text.join(" ")).not.toContain("Now the connector's breaker");

  const now = Date.now();
  const at = (ms: number) => new Date(now + ms).toISOString();
  await set({ bs: "open", bo: now + 60_000, broke: now - 1_000 });
  const open = await explain();
  expect(open.breaker).toMatchObject({ state: "open", since: at(-1_000), nextProbeAt: at(60_000) });
  expect(open.text.at(-1)).toBe(
    `Now the connector's breaker is open since ${at(-1_000)}: the next probe is at ${at(60_000)}.`,
  );
  await set({ bo: now - 1, pu: now + 90_000 });
  expect((await explain()).text.at(-1)).toContain(`a handoff probes CXone until ${at(90_000)}.`);
  await set({ pu: now - 1 });
  expect((await explain()).text.at(-1)).toContain("the next handoff probes CXone.");
});

it("refuses in words what is no answer of CXone's, and a connector that is not there", async () => {
  const { call, connect } = await setup();
  const { id: connectorId } = await connect();
  for (const body of [
    {},
    { connectorId },
    { connectorId, answer: "lost" },
    { connectorId, answer: { status: 99 } },
    { connectorId, answer: { status: 429, header: {} } },
    { connectorId, answer: "reset", attempt: 0 },
    { connectorId, answer: "reset", elapsedMs: -1 },
  ]) {
    const answer = await call("POST", "/admin/v1/explain", body);
    expect([body, answer.status, answer.body.type]).toEqual([body, 400, "urn:baton:problem:invalid-request"]);
    expect(answer.body.errors.length).toBeGreaterThan(0);
  }
  const missing = await call("POST", "/admin/v1/explain", { connectorId: "cn_nobody", answer: "reset" });
  expect([missing.status, missing.body.detail]).toEqual([404, "there is no connector cn_nobody"]);
});

it("sends nothing, changes nothing, and is a viewer's too", async () => {
  const { client, call, connect } = await setup();
  const { id: connectorId } = await connect();
  const { token } = await client.createAdminKey({ name: "Ana", role: "viewer" });
  const before = (await client.audit()).items.length;
  const headers = { authorization: `Bearer ${token}` };
  expect((await call("POST", "/admin/v1/explain", { connectorId, answer: { status: 503 } }, headers)).status).toBe(200);
  expect((await client.audit()).items).toHaveLength(before);
});
