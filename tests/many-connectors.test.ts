import { createBatonClient } from "@baton/api";
import { expect, it } from "vitest";
import { startBaton } from "./world/baton.ts";
import { createWorld, type TestConnector } from "./world/world.ts";

const CONNECTORS = 200;
const CALLS = 10_000;
/** OVERLAP_MS: enough for a busy machine to go over to the new token. */
const OVERLAP_MS = 4_000;
/** AT_ONCE: so many callers at a time. */
const AT_ONCE = 25;

it("finds the right project for each of ten thousand calls on two hundred connectors", {
  timeout: 240_000,
}, async () => {
  const world = await createWorld({ BATON_SHARDS: "4" });
  const { url: ingressUrl } = await world.startIngress();
  const connectors: TestConnector[] = [];
  for (let i = 0; i < CONNECTORS; i++) {
    connectors.push(await world.createConnector({ pseudoNumbers: [numberOf(i)], shard: i % 4 }));
  }
  const wrong: unknown[] = [];
  const foreign: unknown[] = [];
  let next = 0;
  async function caller(): Promise<void> {
    for (let call = next++; call < CALLS; call = next++) {
      const at = call % CONNECTORS;
      const { connector, token } = connectors[at] ?? expect.unreachable("there are as many");
      const client = createBatonClient({ ingressUrl, token });
      const sipHeaders = { "X-InContact-ContactId": String(call) };
      const registered = await client.registerCall({ pseudoNumber: numberOf(at), sipHeaders });
      const { accountId, projectId, id: connectorId } = connector;
      const same = registered.projectId === projectId && registered.accountId === accountId;
      if (!same || registered.connectorId !== connectorId || registered.contactId !== String(call))
        wrong.push(registered);
      if (call % 50 !== 0) continue;
      const other = client.registerCall({ pseudoNumber: numberOf((at + 1) % CONNECTORS), sipHeaders });
      foreign.push(await other.catch(({ code }: { code: string }) => code));
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, caller));
  expect(wrong).toEqual([]);
  expect(foreign).toEqual(Array(CALLS / 50).fill("unknown-number"));
});

it("refuses no handoff while tokens are rotated under load, before the overlap ends and after", {
  timeout: 120_000,
}, async () => {
  const { connector, token, ingressUrl, startAdmin, simulator } = await startBaton();
  const { url, key } = await startAdmin();
  const operator = createBatonClient({ adminUrl: url, adminKey: key });
  let current = token;
  let done = false;
  const refused: unknown[] = [];
  const sent = new Map<string, number>();
  let contacts = 0;
  async function sender(): Promise<void> {
    while (!done) {
      const used = current;
      const contactId = String(400_000_000_000 + contacts++);
      await createBatonClient({ ingressUrl, token: used })
        .send({ contactId })
        .then(() => sent.set(used, (sent.get(used) ?? 0) + 1))
        .catch((error: unknown) => refused.push(error));
    }
  }
  const senders = Array.from({ length: 4 }, sender);
  for (let round = 1; round <= 2; round++) {
    const old = current;
    const before = sent.get(old) ?? 0;
    const { token: fresh, createdAt } = await operator.createToken(connector.id, { overlapMs: OVERLAP_MS });
    await expect.poll(() => sent.get(old) ?? 0, { timeout: 20_000 }).toBeGreaterThan(before + 10);
    current = fresh;
    await expect.poll(() => Date.now(), { timeout: 20_000 }).toBeGreaterThan(Date.parse(createdAt) + OVERLAP_MS);
    const after = sent.get(fresh) ?? 0;
    await expect.poll(() => sent.get(fresh) ?? 0, { timeout: 20_000 }).toBeGreaterThan(after + 10);
    await expect(createBatonClient({ ingressUrl, token: old }).send({ contactId: "1" })).rejects.toMatchObject({
      status: 401,
    });
  }
  done = true;
  await Promise.all(senders);
  expect(refused).toEqual([]);
  expect(sent.size).toBe(3);
  const accepted = [...sent.values()].reduce((sum, count) => sum + count, 0);
  await expect.poll(() => simulator.signals().length, { timeout: 60_000 }).toBe(accepted);
});

function numberOf(index: number): string {
  return `+1 555 ${String(1_000 + index)}`;
}
