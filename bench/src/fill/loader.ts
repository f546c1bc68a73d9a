/** A loader's process: takes handoffs through the scripts that ingress and worker run, without HTTP and without signals. */
import { randomBytes, randomUUID } from "node:crypto";
import { type Connector, createId, ID_RANDOM_BYTES, type SignalOutcome, settle, shardOf } from "@baton/domain";
import { DeadLetterQueue, HandoffQueue } from "@baton/queue";
import {
  type BegunAttempt,
  createConnectorStore,
  createDeliveryStore,
  createHandoffStore,
  createShards,
  createUpkeepStore,
  openRedis,
  parseRedisUrl,
} from "@baton/store";
import { createVault, parseKeyring } from "@baton/vault";
import { PARAMS } from "../load/params.ts";
import type { FillOrder, Leftover } from "./order.ts";

/** Handoffs under way at once: enough to keep Redis busy from two loaders, too few to make it late. */
const AT_ONCE = 48;
/** Nothing expires while it is measured. Milliseconds. */
const DEADLINE_MS = 86_400_000;
/** A script may wait for so long before Redis runs it. Milliseconds. */
const VALID_MS = 10_000;
/** Refusals are told apart by their detail: as many causes as a bad day has. */
const CAUSES = 5;

process.on("message", (order: FillOrder) => {
  fill(order).then(
    () => process.send?.({ left: order.count }),
    (error: unknown) => process.send?.({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
  );
});
process.on("disconnect", () => process.exit(0));

async function fill(order: FillOrder): Promise<void> {
  const stores = openStores(order);
  const connectors = await Promise.all(order.connectorIds.map((id) => stores.connector(id)));
  let number = 0;
  const one = async () => {
    while (number < order.count) {
      const mine = number++;
      const connector = connectors[mine % connectors.length];
      if (connector === undefined) throw new Error("there are no connectors to fill");
      await leave(stores, { connector, number: mine, contactId: String(order.firstContact + mine), leftover: order.leftover });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, one));
}

type Stores = ReturnType<typeof openStores>;

function openStores({ redisPort, namespace, keyring }: FillOrder) {
  const target = parseRedisUrl(`redis://127.0.0.1:${redisPort}`);
  const redis = openRedis(target, "blocking");
  const shards = createShards(redis, namespace, 1);
  const jobs = { tags: shards.tags, connection: openRedis(target, "blocking"), onError: () => undefined };
  const registry = createConnectorStore(redis, namespace);
  return {
    handoffs: createHandoffStore(shards),
    deliveries: createDeliveryStore(shards),
    upkeep: createUpkeepStore(shards),
    queue: new HandoffQueue(jobs),
    letters: new DeadLetterQueue(jobs),
    vault: createVault(parseKeyring(keyring)),
    async connector(id: string): Promise<Connector> {
      const stored = await registry.read(id);
      if (stored === undefined) throw new Error(`there is no connector ${id}`);
      return stored.connector;
    },
  };
}

interface Wanted {
  readonly connector: Connector;
  readonly number: number;
  readonly contactId: string;
  readonly leftover: Leftover;
}

async function leave(stores: Stores, { connector, number, contactId, leftover }: Wanted): Promise<void> {
  const taken = await accept(stores, connector, contactId);
  const options = { connector: { ...connector, paused: leftover === "held" }, stopped: false, nonce: randomUUID(), chance: Math.random() };
  const begun = await stores.deliveries.begin(taken, options);
  if (leftover === "held" && begun.kind === "wait") {
    return stores.queue.add({ ...taken, connectorId: connector.id, delayMs: begun.waitMs });
  }
  if (leftover === "held" || begun.kind !== "sending") throw new Error(`${taken.id} should not be ${begun.kind}`);
  const outcome: SignalOutcome =
    leftover === "ended"
      ? { kind: "accepted", httpStatus: 202 }
      : { kind: "rejected", httpStatus: 404, detail: `refusal ${number % CAUSES}` };
  await end(stores, { connector, attempt: begun.attempt, outcome });
}

async function accept({ handoffs, vault }: Stores, connector: Connector, contactId: string) {
  const { id: connectorId, accountId, projectId, environment, delivery } = connector;
  const id = createId("ho", shardOf("cn", connectorId) ?? 0, Date.now(), randomBytes(ID_RANDOM_BYTES));
  const accepted = await handoffs.accept({
    id,
    connectorId,
    contactId,
    fixed: { accountId, projectId, environment },
    params: vault.seal(JSON.stringify(PARAMS), { connectorId, record: id, field: "params" }).toString("base64url"),
    delayMs: 0,
    deadlineMs: DEADLINE_MS,
    validUntil: Date.now() + VALID_MS,
    rate: delivery.rate,
    maxPending: Number.MAX_SAFE_INTEGER,
  });
  if (accepted.kind !== "accepted") throw new Error(`${id} was not accepted: ${accepted.kind}`);
  return { id, generation: accepted.stored.generation };
}

interface Ending {
  readonly connector: Connector;
  readonly attempt: BegunAttempt;
  readonly outcome: SignalOutcome;
}

/** end settles an attempt; a dead one's letter is filed, and no job is left of either. */
async function end({ deliveries, letters, upkeep }: Stores, { connector, attempt, outcome }: Ending): Promise<void> {
  const settlement = settle(outcome, connector.delivery, attempt, { now: Date.now(), chance: Math.random() });
  const settled = await deliveries.settle({ attempt, outcome, durationMs: 3, settlement, connector });
  if (settled.kind !== "settled") throw new Error(`${attempt.id} was not settled: ${settled.kind}`);
  const { reason, endedAt, generation } = settled;
  if (reason === undefined || endedAt === undefined) return;
  await letters.file({ id: attempt.id, connectorId: connector.id, reason, diedAt: endedAt }, generation);
  await upkeep.filed({ id: attempt.id, generation }, true);
}
