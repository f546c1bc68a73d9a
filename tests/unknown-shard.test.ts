/** BATON_SHARDS while it rises: a process with fewer shards says so, and one with enough serves. */
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { createRawClient, type RawAnswer } from "./world/raw-client.ts";
import { createWorld } from "./world/world.ts";

const BODY = { contactId: "100000000001" };

function seen({ status, json }: RawAnswer) {
  return { status, type: json.type, detail: json.detail };
}

it("answers 503 and names BATON_SHARDS for a connector whose shard an ingress does not know yet", async () => {
  const world = await createWorld();
  const old = await world.startIngress();
  const raised = await world.startIngress({ BATON_SHARDS: "2" });
  const { token, connector } = await world.createConnector({ shard: 1 });
  const raw = createRawClient(old.url, token);
  const refused = {
    status: 503,
    type: "urn:baton:problem:queue-unavailable",
    detail: `${connector.id} lies in none of the 1 shards that this process has; start it with a higher BATON_SHARDS`,
  };
  expect(seen(await raw({ body: BODY }))).toEqual(refused);
  expect(seen(await raw({ body: BODY, headers: { "idempotency-key": "k" } }))).toEqual(refused);
  expect(seen(await raw({ path: "/v1/handoffs/batch", body: { handoffs: [BODY] } }))).toEqual(refused);
  expect(seen(await raw({ method: "GET" }))).toEqual(refused);
  expect(world.logLines.join()).not.toMatch(/could not be withdrawn|"level":"error"/);
  expect(await createRawClient(raised.url, token)({ body: BODY })).toMatchObject({ status: 202 });
  const known = await world.createConnector();
  expect(await createRawClient(old.url, known.token)({ body: BODY })).toMatchObject({ status: 202 });
});

it("answers 503 and names BATON_SHARDS where an admin is to change such a connector", async () => {
  const world = await createWorld();
  const { url, key } = await world.startAdmin();
  const { connector } = await world.createConnector({ shard: 1 });
  const ask = createRawClient(url, key);
  const answer = await ask({ method: "DELETE", path: `/admin/v1/connectors/${connector.id}` });
  expect(answer).toMatchObject({ status: 503, json: { detail: expect.stringContaining("BATON_SHARDS") } });
});

it("warns once in the log of a process that has fewer shards than another was started with", async () => {
  const world = await createWorld();
  await world.startWorker();
  await world.startIngress({ BATON_SHARDS: "2" });
  const warnings = () => world.logLines.filter((line) => line.includes("a process was started with more shards"));
  await expect.poll(warnings, { timeout: 20_000 }).toHaveLength(1);
  // Two heartbeats more.
  await sleep(2_500);
  expect(warnings()).toHaveLength(1);
  expect(JSON.parse(warnings()[0] ?? "")).toMatchObject({ level: "warn", shards: 1, shardsInUse: 2 });
});
