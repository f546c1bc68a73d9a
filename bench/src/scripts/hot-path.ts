/** The hot path through the stores: handoffs are accepted, placed, claimed and settled in lists of a given length. */
import { randomBytes, randomUUID } from "node:crypto";
import { type Connector, createIdInShard, ID_RANDOM_BYTES } from "@baton/domain";
import { createHandoffStore } from "@baton/handoffs";
import type { ClaimedAttempt } from "@baton/handoffs/claim-script-arguments-and-reply";
import { createWorkerAttemptStore } from "@baton/handoffs/worker-attempt-store";
import { openRedis, parseRedisUrl, waitForConnection } from "@baton/redis/connection";
import { createShards } from "@baton/redis/shards";

const CONNECTORS = 20;
/** As long as four parameters of 20 bytes are once they are sealed. */
const SEALED = "A".repeat(190);
const DEADLINE_MS = 60_000;
/** What keeps for as long as anything is measured. Epoch milliseconds. */
const FAR_FUTURE = 8_000_000_000_000;

/** openHotPath takes a namespace of its own. */
export async function openHotPath(port: number) {
  const redis = openRedis(parseRedisUrl(`redis://127.0.0.1:${port}`), "blocking");
  await waitForConnection(redis);
  const shards = createShards(redis, `b${randomBytes(6).toString("hex")}`, 1);
  const [tag = ""] = shards.tags;
  const [handoffs, deliveries] = [createHandoffStore(shards), createWorkerAttemptStore(shards)];
  const connectors = new Map(Array.from({ length: CONNECTORS }, createConnector).map((one) => [one.id, one]));
  const ids = [...connectors.keys()];
  let unsent: ReadonlyMap<string, Connector> = connectors;
  let contact = 100_000_000_000;
  const placed: string[] = [];
  const claimed: ClaimedAttempt[] = [];

  async function acceptOne(): Promise<void> {
    const connectorId = ids[contact % CONNECTORS] ?? "";
    const id = createIdInShard("ho", 0, Date.now(), randomBytes(ID_RANDOM_BYTES));
    const { kind } = await handoffs.accept({
      id,
      connectorId,
      contactId: String(contact++),
      origin: { accountId: "acme", projectId: "project", environment: "live" },
      sealedParams: SEALED,
      delayMs: 0,
      deadlineMs: DEADLINE_MS,
      commandDeadline: FAR_FUTURE,
      rate: connectors.get(connectorId)?.delivery.rate ?? null,
      maxPending: 10_000,
      correlation: { requestId: randomUUID() },
    });
    if (kind !== "accepted") throw new Error(`${id} was not accepted: ${kind}`);
    placed.push(id);
  }

  async function settleOne(attempt: ClaimedAttempt): Promise<void> {
    const connector = connectors.get(attempt.connectorId);
    if (connector === undefined) throw new Error(`${attempt.connectorId} is not one of these connectors`);
    const outcome = { kind: "accepted", httpStatus: 202 } as const;
    const end = { outcome, durationMs: 5, settlement: { kind: "delivered" }, isUnsent: false } as const;
    const { kind } = await deliveries.settle({ attempt, connector, ...end });
    if (kind !== "settled") throw new Error(`${attempt.id} was not settled: ${kind}`);
  }

  return {
    accept: async (length: number) => void (await Promise.all(Array.from({ length }, acceptOne))),
    place: async (length: number) => void (await Promise.all(placed.splice(0, length).map(handoffs.place))),
    settle: async (length: number) => void (await Promise.all(claimed.splice(0, length).map(settleOne))),
    async claim(length: number): Promise<void> {
      const claim = await deliveries.claim(tag, {
        token: randomBytes(6).toString("base64url"),
        commandDeadline: FAR_FUTURE,
        slots: length,
        table: "bench.1",
        everything: "running",
        random: 0,
        limit: 1_000,
        freeSlots: new Map(),
        replaySlots: 100,
        destinations: new Map(
          [...unsent].map(([id, { delivery }]) => [id, { kind: "ready", until: FAR_FUTURE, delivery }]),
        ),
      });
      unsent = new Map();
      const got = claim.kind === "claimed" ? claim.attempts : [];
      if (got.length !== length) throw new Error(`${got.length} were claimed in the place of ${length}`);
      claimed.push(...got);
    },
    close: () => redis.disconnect(),
  };
}

/** A rate that never binds: the limit stays on, and its cost with it. */
function createConnector(): Connector {
  const id = createIdInShard("cn", 0, Date.now(), randomBytes(ID_RANDOM_BYTES));
  return {
    id,
    version: 1,
    name: "bench",
    accountId: "acme",
    projectId: id,
    environment: "live",
    enabled: true,
    paused: false,
    pseudoNumbers: [],
    contactIdHeader: "X-InContact-ContactId",
    cxone: { issuer: "https://cxone.niceincontact.com", apiVersion: "v30.0", paramsIn: "query" },
    delivery: {
      guarantee: "at-least-once",
      deadlineMs: DEADLINE_MS,
      maxAttempts: 10,
      attemptTimeoutMs: 3_000,
      backoff: { baseMs: 250, capMs: 10_000 },
      rate: { perSecond: 5_000, burst: 10_000 },
      maxHoldMs: 30_000,
      maxParamBytes: 256,
    },
    createdAt: Date.now(),
  };
}
