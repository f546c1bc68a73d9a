/** The overview's counts of what handoffs wait for, against what each handoff says of itself. */
import { isDeepStrictEqual } from "node:util";
import { createBatonClient, type HandoffJson } from "@baton/api";
import { WAITING_FOR } from "@baton/domain";
import { generateKeyringEntry } from "@baton/vault";
import { expect, it } from "vitest";
import { nextContacts } from "./world/gate.ts";
import { createWorld } from "./world/world.ts";

/** A handoff says this as long as it is looked at. Milliseconds. */
const LONG_MS = 86_400_000;
const SLOW_BACKOFF = { baseMs: 60_000, capMs: 60_000 };
/** Enough failures to open a breaker. */
const FAILURES = 24;
const PATIENCE = { timeout: 100_000, interval: 100 } as const;

/** A queued handoff's own word, `free` where it waits for nothing but a worker. */
const wordOf = ({ waitingFor }: HandoffJson): string => waitingFor ?? "free";

async function setup() {
  const other = generateKeyringEntry();
  // A quarter of eight: a connector that hangs has two slots, and its third handoff waits for one.
  const world = await createWorld({ BATON_WORKER_CONCURRENCY: "8" });
  const [ingress, admin] = [await world.startIngress(), await world.startAdmin()];
  // Its handoffs are sealed under a key that no worker has.
  const sealsAnew = await world.startIngress({ BATON_KEYRING: `${other},${world.env.BATON_KEYRING}` });
  const operator = createBatonClient({ adminUrl: admin.url, adminKey: admin.key });
  const connect = async (delivery: object = {}) => {
    const made = await world.createConnector({ delivery: { deadlineMs: LONG_MS, ...delivery } });
    const clientOf = (ingressUrl: string) => createBatonClient({ ingressUrl, token: made.token });
    const [client, anew] = [clientOf(ingress.url), clientOf(sealsAnew.url)];
    return {
      id: made.connector.id,
      scope: { accessKeyId: made.accessKeyId },
      send: (count: number, body: object = {}) =>
        Promise.all(nextContacts(count).map((contactId) => client.send({ contactId, ...body }))),
      sendSealedAnew: (count: number) => Promise.all(nextContacts(count).map((contactId) => anew.send({ contactId }))),
    };
  };

  /** counted gives what the overview counts, and listed what the handoffs say; both by connector. */
  async function counted() {
    const { connectors } = await operator.overview();
    return Object.fromEntries(connectors.map(({ id, queued, waitingFor }) => [id, { queued, waitingFor }] as const));
  }
  async function listed() {
    const { items } = await operator.handoffs({ status: "queued", limit: 500 });
    const of = Map.groupBy(items, ({ connectorId }) => connectorId);
    const rows = [...of].map(([id, all]) => {
      const words = Map.groupBy(all, wordOf);
      words.delete("free");
      const waitingFor = Object.fromEntries([...words].map(([word, { length }]) => [word, length]));
      return [id, { queued: all.length, waitingFor }] as const;
    });
    return Object.fromEntries(rows);
  }
  const wordsNow = async () => new Set((await operator.handoffs({ status: "queued", limit: 500 })).items.map(wordOf));
  return { ...world, operator, connect, counted, listed, wordsNow };
}

it("counts for each reason the handoffs that say it of themselves", { timeout: 240_000 }, async () => {
  const baton = await setup();
  const { simulator, connect, operator } = baton;
  const [delayed, tried, spaced, hanging] = [
    await connect(),
    await connect({ backoff: SLOW_BACKOFF }),
    await connect({ rate: { perSecond: 1, burst: 1 } }),
    await connect({ attemptTimeoutMs: 30_000 }),
  ];
  const [broken, throttled, tokenless, sealed, behind, paused] = [
    await connect({ backoff: SLOW_BACKOFF }),
    await connect(),
    await connect(),
    await connect(),
    await connect({ attemptTimeoutMs: 30_000 }),
    await connect(),
  ];
  for (const { scope } of [hanging, behind]) simulator.answer({ hang: true, ...scope });
  for (const { scope } of [tried, broken]) simulator.answer({ status: 503, ...scope });
  simulator.answer({ status: 429, retryAfter: 120, ...throttled.scope });
  simulator.answer({ on: "token", status: 503, ...tokenless.scope });
  await operator.pauseConnector(paused.id);
  await baton.startWorker();

  await delayed.send(3, { delayMs: 60_000 });
  await tried.send(2);
  await spaced.send(150);
  await hanging.send(6);
  await broken.send(FAILURES);
  await throttled.send(3);
  await tokenless.send(4);
  await sealed.sendSealedAnew(2);
  await behind.send(1, { contactId: "700000000001" });
  await behind.send(2, { contactId: "700000000001" });
  await paused.send(5);
  await expect.poll(async () => (await baton.wordsNow()).has("retry"), PATIENCE).toBe(true);
  // One that comes while the breaker is open waits for it.
  await broken.send(5);

  // Gates open and close meanwhile: a connector is compared where nothing of it moved between two looks.
  const agreed = new Set<string>();
  const missing = async () => {
    for (const reason of await agreedReasons(baton)) agreed.add(reason);
    return WAITING_FOR.filter((reason) => !agreed.has(reason));
  };
  await expect.poll(missing, PATIENCE).toEqual([]);
});

type Asked = Pick<Awaited<ReturnType<typeof setup>>, "counted" | "listed">;

/** agreedReasons are those of connectors whose counts stood still, and are what their handoffs say of themselves. */
async function agreedReasons({ counted, listed }: Asked): Promise<readonly string[]> {
  const before = await counted();
  const own = await listed();
  const after = await counted();
  return Object.entries(own).flatMap(([id, row]) => {
    const isSame = isDeepStrictEqual(before[id], after[id]) && isDeepStrictEqual(row, before[id]);
    return isSame ? Object.keys(row.waitingFor) : [];
  });
}
