/** Handoffs past their deadline that no worker has ended: each place that counts dead letters says the same of them. */
import { expect, it } from "vitest";
import { setup, useRedis } from "../../testing/world.ts";

useRedis();

/** setupOverdue has a connector with three handoffs past their deadline, and one that waits. No worker takes them. */
async function setupOverdue() {
  const admin = await setup({ BATON_SHARDS: "2" });
  const connector = await admin.connect();
  const other = await admin.connect();
  for (const contactId of ["1", "2", "3"]) await admin.accept(connector, { contactId, deadlineMs: 1 });
  const waiting = await admin.accept(connector, { contactId: "4" });
  const overview = async () => {
    const { deadLetters, connectors } = await admin.client.overview();
    return [
      deadLetters.total,
      deadLetters.byReason.expired,
      connectors.find(({ id }) => id === connector.id)?.deadLetters,
    ];
  };
  await expect.poll(overview).toEqual([3, 3, 3]);
  return { ...admin, connector, other, waiting, overview };
}

it("lists and counts them as the overview does", async () => {
  const { client, connector, other, overview } = await setupOverdue();
  expect(await client.deadLetters({ connectorId: other.id })).toMatchObject({ items: [], total: 0 });
  const all = await client.deadLetters();
  expect([all.total, all.items.length]).toEqual([3, 3]);
  expect((await client.deadLetters({ connectorId: connector.id, reason: "expired" })).total).toBe(3);
  expect(await overview()).toEqual([3, 3, 3]);
});

it("counts them in the gauge", async () => {
  const { call, connector } = await setupOverdue();
  const { text } = await call("GET", "/metrics");
  expect(text).toContain(`baton_dead_letters{connector="${connector.id}",reason="expired"} 3\n`);
});

it("groups them by cause", async () => {
  const { client } = await setupOverdue();
  expect(await client.causes()).toMatchObject({ items: [{ reason: "expired", count: 3, lastHour: 3 }], total: 1 });
});

it("plans a run of them", async () => {
  const { client, connector } = await setupOverdue();
  const plan = await client.planRun("replay", { filter: { connectorId: connector.id } });
  expect(plan).toMatchObject({ matched: 3, taken: 3, byReason: { expired: 3 } });
});

it("deletes their connector once nothing else waits", async () => {
  const { call, client, connector, waiting, accept } = await setupOverdue();
  const remove = async () => (await call("DELETE", `/admin/v1/connectors/${connector.id}`)).status;
  expect(await remove()).toBe(409);
  await client.cancelHandoff(waiting.handoff.id);
  const last = await accept(connector, { contactId: "5", deadlineMs: 1 });
  await expect.poll(async () => (await client.overview()).handoffs.queued).toBe(0);
  expect(await remove()).toBe(204);
  expect(await client.handoff(last.handoff.id)).toMatchObject({ status: "dead", reason: "expired" });
});
