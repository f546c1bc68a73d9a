import { expect, it } from "vitest";
import { setup, useRedis } from "../../testing/world.ts";

useRedis();

const DELIVERED = { outcome: { kind: "accepted", httpStatus: 202 }, settlement: { kind: "delivered" } } as const;

/** The sum of a series' points; what is null counts nothing. */
function sumOf(
  answer: { series: readonly { name: string; points: readonly (number | null)[] }[] },
  name: string,
): number | undefined {
  return answer.series.find((each) => each.name === name)?.points.reduce<number>((sum, point) => sum + (point ?? 0), 0);
}

it("counts by the minute what was accepted, delivered and dead, of one connector and of all", async () => {
  const { client, connect, accept, finish, die } = await setup({ BATON_SHARDS: "2" });
  const [a, b] = [await connect(), await connect()];
  await finish(a, await accept(a, { contactId: "1" }), DELIVERED);
  await finish(a, await accept(a, { contactId: "2" }), DELIVERED);
  await die(a, { contactId: "3" });
  await die(b, { contactId: "4", reason: "expired" });

  const all = await client.series({ minutes: 5 });
  expect(all.series.map(({ name, points }) => [name, points.length])).toEqual(
    ["accepted", "delivered", "dead", "expired", "queued", "p50", "p99"].map((name) => [name, 5]),
  );
  expect(["accepted", "delivered", "dead", "expired"].map((name) => sumOf(all, name))).toEqual([4, 2, 2, 1]);
  expect(sumOf(all, "p99")).toBeGreaterThan(0);
  const [from, lastMinute] = [Date.parse(all.from), Math.floor(Date.now() / 60_000) * 60_000];
  expect([from % 60_000, all.stepMs, lastMinute - from <= 4 * 60_000]).toEqual([0, 60_000, true]);

  const own = await client.series({ name: ["accepted", "dead", "p50"], connectorId: b.id, minutes: 3 });
  expect(own.series.map(({ name }) => name)).toEqual(["accepted", "dead", "p50"]);
  expect([sumOf(own, "accepted"), sumOf(own, "dead")]).toEqual([1, 1]);
  expect(own.series.find(({ name }) => name === "p50")?.points).toEqual([null, null, null]);
});

it("samples how many are queued, and gives null for a minute without a sample, 0 for an empty one", async () => {
  const { client, connect, accept, redis, shards } = await setup();
  const [busy, idle] = [await connect(), await connect()];
  await accept(busy, { delayMs: 60_000 });
  const queued = async (connectorId?: string) => {
    const { series } = await client.series({ name: ["queued"], minutes: 1_440, ...(connectorId && { connectorId }) });
    return series[0]?.points.filter((point) => point !== null).at(-1);
  };
  // Admin sampled while it started; from now on this minute has another one.
  await expect.poll(() => queued()).toBeDefined();
  const minute = Math.floor(Date.now() / 60_000) - 1;
  const keyOf = (name: string, at = minute) => `${shards.tags[0]}:minutes:${name}:${Math.floor(at / 60)}`;
  await redis.del(keyOf("*"), keyOf("*", minute + 1));
  await redis.hset(keyOf("*"), `q${minute % 60}`, "7");
  await redis.hset(keyOf(busy.id), `q${minute % 60}`, "7");
  expect([await queued(), await queued(busy.id), await queued(idle.id)]).toEqual([7, 7, 0]);
  const { series } = await client.series({ name: ["queued"], minutes: 3, connectorId: idle.id });
  expect(series[0]?.points.filter((point) => point === null).length).toBeGreaterThan(0);
});

it("marks what operators changed: of a connector also what was done to everything", async () => {
  const { client, call, connect } = await setup();
  const [a, b] = [await connect(), await connect()];
  await client.patchConnector(a.id, { name: "renamed" });
  await client.pauseConnector(b.id);
  await client.pause();
  const refused = await call("POST", `/admin/v1/connectors/${a.id}/pause`, { until: "2020-01-01T00:00:00Z" });
  expect(refused.status).toBe(400);
  const { marks } = await client.series({ name: ["dead"], connectorId: a.id });
  expect(marks.map(({ action, targetId }) => [action, targetId])).toEqual([
    ["connector.create", a.id],
    ["connector.change", a.id],
    ["everything.pause", undefined],
  ]);
  expect(marks[0]?.actor).toEqual({ id: "BATON_ADMIN_KEY", name: "BATON_ADMIN_KEY" });
  expect((await client.series({})).marks).toHaveLength(5);
});

it("takes one name or several, and refuses in words what is no series, no minute, and no connector", async () => {
  const { call } = await setup();
  const names = async (query: string) => (await call("GET", `/admin/v1/series?${query}`)).body.series;
  expect(await names("name=dead")).toMatchObject([{ name: "dead" }]);
  expect(await names("name=dead&name=p99")).toMatchObject([{ name: "dead" }, { name: "p99" }]);
  for (const query of ["name=alive", "minutes=0", "minutes=1441", "minutes=x", "names=dead"]) {
    const answer = await call("GET", `/admin/v1/series?${query}`);
    expect([query, answer.status, answer.body.errors.length > 0]).toEqual([query, 400, true]);
  }
  expect((await call("GET", "/admin/v1/series?connectorId=cn_nobody")).status).toBe(404);
});
