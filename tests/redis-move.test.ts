/** docs/backup.md, tried: from one Redis to a cluster, and two environments on one Redis. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { createBatonClient } from "@baton/api";
import { expect, it } from "vitest";
import { startBaton } from "./world/baton.ts";
import { startBatonOn } from "./world/baton-on-redis.ts";
import { startCluster } from "./world/cluster.ts";
import { startProcess } from "./world/process.ts";
import { eventually, HOST, startRedisServer } from "./world/redis-server.ts";
import { ended } from "./world/world.ts";

const WAITING = 20;
const PROJECT_CONTACT = "100000000001";

it("moves to a cluster with all that it holds, and sends each handoff once", async () => {
  const redis = await startRedisServer();
  const baton = await startBatonOn(redis.url);
  const { simulator, token, connector, env } = baton;
  simulator.answer({ contactId: "404", status: 404, times: 1 });
  const dead = await baton.client.send({ contactId: "404" });
  await ended(baton.client, dead.id);
  // What is accepted now stays queued.
  expect(await baton.worker.stop()).toBe(0);
  const sending = Array.from({ length: WAITING }, (_, number) => baton.client.send({ contactId: `${1_000 + number}` }));
  const waiting = await Promise.all(sending);
  expect(await baton.ingress.stop()).toBe(0);

  const cluster = await startCluster();
  const [first] = await cluster.pairs();
  const into = `${HOST}:${first?.master.port}`;
  await promisify(execFile)("redis-cli", [
    ...["--cluster", "import", into, "--cluster-from", `${HOST}:${redis.port}`, "--cluster-copy"],
  ]);

  const moved = { ...env, BATON_REDIS_URL: cluster.url, BATON_SHARDS: "3" };
  const [ingress, , admin] = await Promise.all([
    startProcess("ingress", moved),
    startProcess("worker", moved),
    startProcess("admin", moved),
  ]);
  const client = createBatonClient({
    ingressUrl: ingress.url,
    adminUrl: admin.url,
    token,
    adminKey: env.BATON_ADMIN_KEY,
  });
  for (const { id } of waiting) expect(await ended(client, id)).toMatchObject({ status: "delivered" });
  await client.replay(dead.id);
  expect(await ended(client, dead.id)).toMatchObject({ status: "delivered", replays: 1 });
  const contacts = simulator.signals().flatMap(({ contactId, effect }) => (effect ? contactId : []));
  expect(contacts).toHaveLength(new Set(contacts).size);
  expect((await client.verifyConnector(connector.id, {})).ok).toBe(true);
  await eventually(async () => (await client.overview()).handoffs.queued, 0);
}, 120_000);

it("keeps two environments apart that share a Redis, by their namespaces", async () => {
  const redis = await startRedisServer();
  const [live, draft] = await Promise.all(
    ["live", "draft"].map((namespace) =>
      startBaton({}, { BATON_REDIS_URL: redis.url, BATON_NAMESPACE: `two-${namespace}` }),
    ),
  );
  if (live === undefined || draft === undefined) throw new Error("two were started");
  const [one, other] = await Promise.all([live.deliver({ contactId: PROJECT_CONTACT }), draft.deliver()]);
  expect([one.status, other.status]).toEqual(["delivered", "delivered"]);
  expect(await live.accepted()).toMatchObject([{ id: one.id }]);
  expect(await draft.accepted()).toMatchObject([{ id: other.id }]);
  const refused = await live
    .clientOf(draft)
    .get(other.id)
    .catch((error: { status?: number }) => error);
  expect(refused).toMatchObject({ status: 401 });
  const keys = await redis.redis.keys("*");
  expect(keys.filter((key) => !/^\{two-(?:live|draft)[.:}]/.test(key))).toEqual([]);
});
