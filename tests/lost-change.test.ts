/** A Redis that loses the last changes of connectors, as a failover does: of a cluster, the registry's master alone. */
import { createBatonClient } from "@baton/api";
import { registryHashTag } from "@baton/redis/shards";
import { expect, it } from "vitest";
import { CONTACT, startBaton } from "./world/baton.ts";

/** Every change holds on all processes within two seconds; where much else runs, it takes a test longer to see it. */
const HOLDS = { timeout: 20_000, interval: 20 };

async function setup() {
  const baton = await startBaton();
  const { redis, namespace } = baton;
  const { url, key } = await baton.startAdmin();
  const operator = createBatonClient({ adminUrl: url, adminKey: key });

  /** Keeps the registry as it is, and gives what puts it back in one step. */
  async function keepRegistry(): Promise<() => Promise<unknown>> {
    const all = await redis.keys(`${registryHashTag(namespace)}:*`);
    const kept = await Promise.all(all.map(async (name) => [name, await redis.dumpBuffer(name)] as const));
    return async () => {
      const change = redis.multi().del(...(await redis.keys(`${registryHashTag(namespace)}:*`)));
      for (const [name, value] of kept) if (value !== null) change.restore(name, 0, value);
      return change.exec();
    };
  }

  /** How ingress answers a handoff: 202, or the refusal's code. */
  const answer = () =>
    baton.send({ contactId: CONTACT }).then(
      () => 202,
      (error: { code?: string }) => error.code,
    );
  return { ...baton, operator, keepRegistry, answer };
}

it("goes by the credentials that are left after a change of them was lost, though a token of the others is there", {
  timeout: 120_000,
}, async () => {
  const { connector, accessKeyId, operator, deliver, keepRegistry, worker, startWorker } = await setup();
  await deliver();
  const loseChanges = await keepRegistry();
  const credentials = { clientId: "app@nice", clientSecret: "other", accessKeyId, accessKeySecret: "other" };
  await operator.patchConnector(connector.id, { credentials });
  expect(await deliver()).toMatchObject({ status: "delivered" });
  await loseChanges();
  // A worker that knows nothing of what was lost.
  await worker.life.close();
  await startWorker();
  expect(await deliver({ deadlineMs: 60_000 })).toMatchObject({ status: "delivered" });
});

it("makes a change hold everywhere that comes right after one that was lost", async () => {
  const { connector, createConnector, operator, keepRegistry, answer } = await setup();
  const neighbour = await createConnector();
  const loseChanges = await keepRegistry();
  // From here on ingress asks Redis again only where it has seen a change.
  expect(await answer()).toBe(202);
  await operator.patchConnector(connector.id, { enabled: false });
  await expect.poll(answer, HOLDS).toBe("connector-disabled");
  await loseChanges();
  await operator.patchConnector(neighbour.connector.id, { name: "other" });
  await expect.poll(answer, HOLDS).toBe(202);
});

it("sends as a connector says that was changed right after another change of it was lost", async () => {
  const { connector, operator, deliver, keepRegistry } = await setup();
  await deliver();
  const loseChanges = await keepRegistry();
  await operator.patchConnector(connector.id, { cxone: { apiEndpoint: "http://127.0.0.1:9" } });
  const lastOutcome = async () => (await deliver({ deadlineMs: 1_000 })).attempts.at(-1)?.outcome;
  await expect.poll(lastOutcome, { timeout: 20_000 }).toBe("unreachable");
  await loseChanges();
  await operator.patchConnector(connector.id, { name: "other" });
  await expect.poll(lastOutcome, { timeout: 20_000 }).toBe("accepted");
});
