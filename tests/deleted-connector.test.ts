/** What a process keeps by connector goes with the connector. */
import { createBatonClient } from "@baton/api";
import { expect, it } from "vitest";
import { startBaton } from "./world/baton.ts";

it("forgets a deleted connector's metrics on ingress and worker, and keeps its neighbour's", async () => {
  const { connector, clientOf, createConnector, client, ingressUrl, worker, startAdmin } = await startBaton();
  const { url, key } = await startAdmin();
  const neighbour = await createConnector();
  const deliver = async (to: typeof client) =>
    expect(await to.send({ contactId: "100000000001" }, { waitMs: 20_000 })).toMatchObject({ status: "delivered" });
  await deliver(client);
  await deliver(clientOf(neighbour));
  const counted = async (id: string) =>
    Promise.all(
      [ingressUrl, worker.url].map(async (at) =>
        (await (await fetch(`${at}/metrics`)).text()).includes(`connector="${id}"`),
      ),
    );
  expect(await counted(connector.id)).toEqual([true, true]);
  await createBatonClient({ adminUrl: url, adminKey: key }).deleteConnector(connector.id);
  await expect.poll(() => counted(connector.id), { timeout: 30_000 }).toEqual([false, false]);
  expect(await counted(neighbour.connector.id)).toEqual([true, true]);
});
