/** The Redis user of docs/redis.md: it may do what Baton does, and Baton does no more. */
import { createBatonClient } from "@baton/api";
import { expect, it, onTestFinished } from "vitest";
import { runBaton } from "../apps/cli/testing/run-baton.ts";
import { startBaton } from "./world/baton.ts";
import { startCluster } from "./world/cluster.ts";
import { documentedUser } from "./world/documented-user.ts";
import { eventually, startRedisServer } from "./world/redis-server.ts";

const NAMESPACE = "acl-test";
const NUMBER = "+15550100";
/** A pause holds in every process after so long. Milliseconds. */
const HEARD_MS = 2_000;

async function setup() {
  const redis = await startRedisServer();
  await redis.redis.call("ACL", ...documentedUser(NAMESPACE));
  const url = redis.url.replace("//", "//baton:a-long-password@");
  return {
    redis,
    baton: await startBaton({ pseudoNumbers: [NUMBER] }, { BATON_REDIS_URL: url, BATON_NAMESPACE: NAMESPACE }),
  };
}

it("lets Baton do all that it does, and Baton asks for nothing that it forbids", async () => {
  const { redis, baton } = await setup();
  const admin = await baton.startAdmin();
  const operator = createBatonClient({ adminUrl: admin.url, adminKey: admin.key });

  await baton.client.get((await baton.client.send({ contactId: "1", sharedId: "shared" }, { waitMs: 10_000 })).id);
  const call = await baton.client.registerCall({ pseudoNumber: NUMBER, sipHeaders: { "X-InContact-ContactId": "2" } });
  await baton.client.cancel(
    (await baton.client.send({ callId: call.id, delayMs: 60_000 }, { idempotencyKey: "key" })).id,
  );
  baton.simulator.answer({ on: "signal", contactId: "3", status: 404, times: 1 });
  const { id } = await baton.client.send({ contactId: "3", context: { intent: "billing" } }, { waitMs: 10_000 });
  await eventually(async () => (await operator.deadLetters()).total, 1);
  await operator.causes();
  await operator.replay(id);
  await eventually(async () => (await operator.handoff(id)).status, "delivered");
  await operator.createScreenPopKey(baton.connector.id);
  await operator.createAdminKey({ name: "another", role: "viewer" });
  await operator.pauseConnector(baton.connector.id);
  const held = await baton.client.send({ contactId: "4", delayMs: HEARD_MS });
  await eventually(async () => (await baton.client.get(held.id)).waitingFor, "pause");
  await operator.resumeConnector(baton.connector.id);
  await eventually(async () => (await baton.client.get(held.id)).status, "delivered");
  await Promise.all([
    operator.overview(),
    operator.audit(),
    operator.handoffs({ sharedId: "shared" }),
    operator.connectors(),
  ]);
  expect(await (await fetch(`${admin.url}/metrics`)).text()).toMatch(/^baton_redis_up 1$/m);
  const { BATON_REDIS_URL, BATON_NAMESPACE, BATON_KEYRING, BATON_ALLOWED_HOSTS } = baton.env;
  const env = { BATON_REDIS_URL, BATON_NAMESPACE, BATON_KEYRING, BATON_ALLOWED_HOSTS };
  expect((await runBaton(["doctor"], { env })).code).toBe(0);
  expect((await runBaton(["reseal", "--json"], { env })).code).toBe(0);

  expect(refusals(await redis.redis.call("ACL", "LOG"))).toEqual([]);
});

it("is enough on a cluster whose replicas are waited for, too", async () => {
  const cluster = await startCluster();
  const nodes = (await cluster.pairs()).flatMap(({ master, replica }) => [master, replica]);
  for (const { redis } of nodes) await redis.call("ACL", ...documentedUser(NAMESPACE));
  const baton = await startBaton(
    {},
    {
      BATON_REDIS_URL: cluster.url.replace("//", "//baton:a-long-password@"),
      BATON_NAMESPACE: NAMESPACE,
      BATON_DURABILITY: "replicated",
    },
  );
  expect(await baton.deliver()).toMatchObject({ status: "delivered" });
  for (const { redis } of nodes) expect(refusals(await redis.call("ACL", "LOG"))).toEqual([]);
});

it("keeps Baton out of all other keys, and off the server's own commands", async () => {
  const { redis } = await setup();
  const other = redis.redis.duplicate({ username: "baton", password: "a-long-password" }).on("error", () => undefined);
  onTestFinished(() => other.disconnect());
  const forbidden = [
    ["SET", "theirs", "1"],
    ["SCAN", "0"],
    ["CONFIG", "GET", "*"],
    ["FLUSHALL"],
    ["FUNCTION", "LIST"],
    ["PUBLISH", "theirs", "1"],
  ];
  for (const [command = "", ...args] of forbidden) await expect(other.call(command, ...args)).rejects.toThrow(/NOPERM/);
});

it("names the right that is missing, where a user has too few", async () => {
  const { redis, baton } = await setup();
  await redis.redis.call("ACL", "SETUSER", "baton", "-evalsha", "-eval");
  await eventually(
    async () => ((await (await fetch(`${baton.ingressUrl}/readyz`)).json()) as { detail?: string }).detail,
    expect.stringMatching(/lacks a right .*eval.*docs\/redis.md/),
  );
});

/** refusals gives what the user was refused, in a few words each. */
function refusals(log: unknown): readonly string[] {
  return (log as readonly (readonly unknown[])[]).map((entry) => entry.map(String).slice(0, 10).join(" "));
}
