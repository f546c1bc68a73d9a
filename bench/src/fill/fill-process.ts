/**
 * A process that fills Redis: takes handoffs through the scripts that ingress and worker run, without HTTP and without
 * signals.
 */
import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import {
  type Connector,
  createIdInShard,
  decideSettlement,
  ID_RANDOM_BYTES,
  type SignalOutcome,
  shardOfId,
} from "@baton/domain";
import { createHandoffStore } from "@baton/handoffs";
import type { ClaimedAttempt } from "@baton/handoffs/claim-script-arguments-and-reply";
import { createWorkerAttemptStore } from "@baton/handoffs/worker-attempt-store";
import { openRedis, parseRedisUrl } from "@baton/redis/connection";
import { createShards } from "@baton/redis/shards";
import { createConnectorStore } from "@baton/registry/connector-store";
import { createVault, parseKeyring } from "@baton/vault";
import { PARAMS } from "../load/phase.ts";
import type { FillOrder, Leftover } from "./fill-with-handoffs.ts";

/** Handoffs under way at once: enough to keep Redis busy from two loaders, too few to make it late. */
const AT_ONCE = 48;
/** Nothing expires while it is measured. Milliseconds. */
const DEADLINE_MS = 86_400_000;
/** A script may wait for so long before Redis runs it. Milliseconds. */
const VALID_MS = 10_000;
/**
 * A gate that a pause closed is looked at again within so long, and somewhat more; and how often here. Milliseconds.
 */
const LOOKED_AT_MS = 3_000;
const PAUSE_MS = 100;
/** What keeps for as long as anything is measured. Epoch milliseconds. */
const FAR_FUTURE = 8_000_000_000_000;
/** Refusals differ by their detail: as many causes as a bad day has. */
const CAUSES = 5;

process.on("message", (order: FillOrder) => {
  fill(order).then(
    () => process.send?.({ left: order.count }),
    (error: unknown) =>
      process.send?.({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
  );
});
process.on("disconnect", () => process.exit(0));

async function fill(order: FillOrder): Promise<void> {
  const stores = openStores(order);
  const connectors = await Promise.all(order.connectorIds.map((id) => stores.connector(id)));
  for (let number = 0; number < order.count; number += AT_ONCE) {
    const numbers = Array.from({ length: Math.min(AT_ONCE, order.count - number) }, (_, i) => number + i);
    await Promise.all(
      numbers.map((mine) => accept(stores, connectorOf(connectors, mine), String(order.firstContact + mine))),
    );
    await leave(stores, connectors, order.leftover);
  }
  // Behind a gate that was closed when they came, some are still there until it is looked at again.
  const endsAt = Date.now() + (order.leftover === "held" ? 0 : LOOKED_AT_MS);
  while (Date.now() < endsAt) {
    await sleep(PAUSE_MS);
    await leave(stores, connectors, order.leftover);
  }
}

function connectorOf(connectors: readonly Connector[], number: number): Connector {
  const connector = connectors[number % connectors.length];
  if (connector === undefined) throw new Error("there are no connectors to fill");
  return connector;
}

type Stores = ReturnType<typeof openStores>;

function openStores({ redisPort, namespace, keyring }: FillOrder) {
  const target = parseRedisUrl(`redis://127.0.0.1:${redisPort}`);
  const redis = openRedis(target, "blocking");
  const shards = createShards(redis, namespace, 1);
  const registry = createConnectorStore(redis, namespace);
  return {
    handoffs: createHandoffStore(shards),
    deliveries: createWorkerAttemptStore(shards),
    tag: shards.tags[0] ?? "",
    vault: createVault(parseKeyring(keyring)),
    async connector(id: string): Promise<Connector> {
      const stored = await registry.read(id);
      if (stored === undefined) throw new Error(`there is no connector ${id}`);
      return stored.connector;
    },
  };
}

/**
 * leave claims until nothing waits: what is held is parked by its connector's pause, the rest is settled as it is to
 * end.
 */
async function leave({ deliveries, tag }: Stores, connectors: readonly Connector[], leftover: Leftover): Promise<void> {
  const pausedUntil = leftover === "held" ? { pausedUntil: FAR_FUTURE } : {};
  const known = connectors.map(
    (connector) =>
      [connector, { kind: "ready", until: FAR_FUTURE, delivery: connector.delivery, ...pausedUntil }] as const,
  );
  for (;;) {
    const claimed = await deliveries.claim(tag, {
      token: randomBytes(9).toString("base64url"),
      commandDeadline: Date.now() + VALID_MS,
      slots: AT_ONCE,
      table: `loader-${process.pid}`,
      everything: "running",
      random: Math.random(),
      limit: AT_ONCE,
      freeSlots: new Map(),
      replaySlots: 100,
      destinations: new Map(known.map(([{ id }, destination]) => [id, destination])),
    });
    if (claimed.kind !== "claimed") throw new Error("the claim came too late");
    const own = new Map(connectors.map((connector) => [connector.id, connector]));
    await Promise.all(
      claimed.attempts.map((attempt) => end(deliveries, { connector: mustHave(own, attempt), attempt, leftover })),
    );
    if (claimed.attempts.length === 0 && !claimed.hasMore) return;
  }
}

function mustHave(connectors: ReadonlyMap<string, Connector>, { connectorId }: ClaimedAttempt): Connector {
  const connector = connectors.get(connectorId);
  if (connector === undefined) throw new Error(`${connectorId} is not one of these connectors`);
  return connector;
}

async function accept({ handoffs, vault }: Stores, connector: Connector, contactId: string) {
  const { id: connectorId, accountId, projectId, environment, delivery } = connector;
  const id = createIdInShard("ho", shardOfId("cn", connectorId) ?? 0, Date.now(), randomBytes(ID_RANDOM_BYTES));
  const accepted = await handoffs.accept({
    id,
    connectorId,
    contactId,
    origin: { accountId, projectId, environment },
    sealedParams: vault
      .seal(JSON.stringify(PARAMS), { connectorId, record: id, field: "params" })
      .toString("base64url"),
    delayMs: 0,
    deadlineMs: DEADLINE_MS,
    commandDeadline: Date.now() + VALID_MS,
    rate: delivery.rate,
    maxPending: Number.MAX_SAFE_INTEGER,
  });
  if (accepted.kind !== "accepted") throw new Error(`${id} was not accepted: ${accepted.kind}`);
  await handoffs.place(id);
}

interface Ending {
  readonly connector: Connector;
  readonly attempt: ClaimedAttempt;
  readonly leftover: Leftover;
}

async function end(deliveries: Stores["deliveries"], { connector, attempt, leftover }: Ending): Promise<void> {
  const outcome: SignalOutcome =
    leftover === "ended"
      ? { kind: "accepted", httpStatus: 202 }
      : { kind: "rejected", httpStatus: 404, detail: `refusal ${Number(attempt.contactId) % CAUSES}` };
  const settlement = decideSettlement(outcome, connector.delivery, attempt, { now: Date.now(), random: Math.random() });
  const settled = await deliveries.settle({ attempt, outcome, durationMs: 3, settlement, connector, isUnsent: false });
  if (settled.kind !== "settled") throw new Error(`${attempt.id} was not settled: ${settled.kind}`);
}
