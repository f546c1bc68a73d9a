import { createBatonClient } from "@baton/api";
import { expect, it } from "vitest";
import { startProcess } from "./world/process.ts";
import { createWorld } from "./world/world.ts";

const ROUNDS = 4;
const AT_ONCE = 40;
/** KILL_AFTER so many answers, while the others are at every step between request and answer. */
const KILL_AFTER = 10;

it("has every change, also those that were not answered because admin was killed", {
  timeout: 120_000,
}, async () => {
  const { env, startAdmin } = await createWorld();
  const answered: string[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const admin = await startProcess("admin", env);
    const client = createBatonClient({ adminUrl: admin.url, adminKey: env.BATON_ADMIN_KEY });
    let left = KILL_AFTER;
    const asked = Array.from({ length: AT_ONCE }, async (_, i) => {
      const name = `c-${round}-${i}`;
      const credentials = { clientId: "a", clientSecret: "b", accessKeyId: "c", accessKeySecret: "d" };
      await client.createConnector({ name, accountId: "acme", projectId: name, credentials });
      answered.push(name);
      left -= 1;
      if (left === 0) await admin.stop("SIGKILL");
    });
    await Promise.allSettled(asked);
  }
  const { url, key } = await startAdmin();
  const operator = createBatonClient({ adminUrl: url, adminKey: key });
  const { items: entries } = await operator.audit({ action: "connector.create", limit: 500 });
  const { items: connectors } = await operator.connectors({ limit: 500 });
  const named = (outcome: string) =>
    entries.filter((entry) => entry.outcome === outcome).map(({ about }) => about?.name);
  const [done, unknown] = [named("done"), named("unknown")];
  expect(done.length + unknown.length).toBe(entries.length);
  expect(done).toEqual(expect.arrayContaining(answered));
  expect(connectors.map(({ name }) => name)).toEqual(expect.arrayContaining(done));
  expect([...done, ...unknown]).toEqual(expect.arrayContaining(connectors.map(({ name }) => name)));
  for (const { about, targetId } of entries.filter(({ outcome }) => outcome === "done")) {
    expect(connectors.find(({ id }) => id === targetId)?.name).toBe(about?.name);
  }
});
