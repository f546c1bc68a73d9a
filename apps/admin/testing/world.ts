/**
 * A fresh admin process on a real Redis, and handoffs put into their states through the store, as ingress and worker
 * do.
 */
import { randomBytes } from "node:crypto";
import { type ConnectorBody, createBatonClient } from "@baton/api";
import {
  type Connector,
  createIdInShard,
  type DeadReason,
  ID_RANDOM_BYTES,
  type Settlement,
  type SignalOutcome,
} from "@baton/domain";
import { createHandoffStore } from "@baton/handoffs";
import type { ClaimedAttempt } from "@baton/handoffs/claim-script-arguments-and-reply";
import { digestIdempotencyKey, type StoredHandoff } from "@baton/handoffs/handoff-record";
import { createOverviewFiguresReader } from "@baton/handoffs/read-overview-figures";
import { createWorkerAttemptStore } from "@baton/handoffs/worker-attempt-store";
import { openRedis, parseRedisUrl } from "@baton/redis/connection";
import { createShards, requireShardTagOfId } from "@baton/redis/shards";
import { createConnectorStore } from "@baton/registry/connector-store";
import { Heartbeat } from "@baton/registry/process-heartbeat";
import { createMemoryLog, createProcessLifecycle, type EmbeddedRedis, openEmbeddedRedis } from "@baton/runtime";
import { generateKeyringEntry } from "@baton/vault";
import { afterAll, beforeAll, onTestFinished, vi } from "vitest";
import { composeAdmin, readAdminConfig } from "../src/index.ts";

export const ADMIN_KEY = "ba_an-admin-key-for-tests-0123456789";

/** PLANTED must be found nowhere but in the request that brought it. */
export const PLANTED = {
  clientId: "planted-client-id",
  clientSecret: "planted-client-secret",
  accessKeyId: "planted-access-key-id",
  accessKeySecret: "planted-access-key-secret",
} as const;

/** How long a handoff may stand behind others of its contact before it is begun. Milliseconds. */
const BEGIN_MS = 20_000;
/** What never ends. Epoch milliseconds. */
const FAR_FUTURE = 8_000_000_000_000;

let embedded: EmbeddedRedis | undefined;

/** useRedis opens one Redis for a test file; each test has its own namespace in it. */
export function useRedis(): void {
  beforeAll(async () => {
    embedded = await openEmbeddedRedis({ log: createMemoryLog() });
  });
  afterAll(() => embedded?.close());
}

export function redisUrl(): string {
  if (embedded === undefined) throw new Error("useRedis() comes first");
  return embedded.url;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape, bad ones too.
  readonly body: any;
}

interface AcceptOptions {
  readonly contactId?: string;
  readonly sharedId?: string;
  readonly idempotencyKey?: string;
  readonly deadlineMs?: number;
  readonly delayMs?: number;
}

interface DeathOptions extends AcceptOptions {
  readonly outcome?: SignalOutcome;
  readonly reason?: DeadReason;
}

/** setup starts admin; what it opens closes with the test. */
export async function setup(env: Record<string, string> = {}) {
  const namespace = `t${randomBytes(6).toString("hex")}`;
  const log = createMemoryLog();
  const life = createProcessLifecycle({ log });
  onTestFinished(async () => {
    await life.close();
  });
  const config = readAdminConfig({
    BATON_REDIS_URL: redisUrl(),
    BATON_NAMESPACE: namespace,
    BATON_KEYRING: generateKeyringEntry(),
    BATON_ADMIN_KEY: ADMIN_KEY,
    BATON_ADMIN_PORT: "0",
    ...env,
  });
  const behind = await openBehind(namespace, config.BATON_SHARDS);
  const { url } = await composeAdmin(config, life, log);

  /**
   * call sends one request with the admin key; a body that is a string is sent as it is, a header that is undefined not
   * at all.
   */
  async function call(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string | undefined> = {},
  ): Promise<Answer> {
    const all = {
      authorization: `Bearer ${ADMIN_KEY}`,
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...headers,
    };
    const response = await fetch(url + path, {
      method,
      headers: Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
      ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const json = /json/.test(response.headers.get("content-type") ?? "");
    return { status: response.status, headers: response.headers, text, body: json ? JSON.parse(text) : undefined };
  }

  let projects = 0;
  /** connect creates a connector of a project of its own. */
  async function connect(body: Partial<ConnectorBody> = {}): Promise<Connector> {
    const answer = await call(
      "POST",
      "/admin/v1/connectors",
      connectorBody({ projectId: `project-${++projects}`, ...body }),
    );
    if (answer.status !== 201) throw new Error(answer.text);
    const stored = await behind.connectors.read(answer.body.id);
    if (stored === undefined) throw new Error("the connector is not kept");
    return stored.connector;
  }

  return {
    url,
    namespace,
    log,
    life,
    call,
    connect,
    ...behind,
    client: createBatonClient({ adminUrl: url, adminKey: ADMIN_KEY }),
  };
}

export function connectorBody(body: Partial<ConnectorBody> = {}): ConnectorBody {
  return { name: "Acme support line", accountId: "acme", projectId: "support-line", credentials: PLANTED, ...body };
}

/** openBehind is what ingress and worker do behind admin's back. */
async function openBehind(namespace: string, shardCount: number) {
  const target = parseRedisUrl(redisUrl());
  const redis = openRedis(target, "scripts");
  const shards = createShards(redis, namespace, shardCount);
  const heartbeat = new Heartbeat(redis, { namespace, ring: { role: "worker", keyIds: [] } });
  await heartbeat.start();
  const handoffs = createHandoffStore(shards);
  const delivery = createWorkerAttemptStore(shards);
  onTestFinished(async () => {
    heartbeat.close();
    redis.disconnect();
  });

  async function accept(
    connector: Connector,
    { contactId = "100000000001", ...options }: AcceptOptions = {},
  ): Promise<StoredHandoff> {
    const { sharedId, idempotencyKey, deadlineMs = 60_000, delayMs = 0 } = options;
    const { id: connectorId, accountId, projectId, environment } = connector;
    const shard = shards.tags.findIndex((_, index) =>
      connectorId.startsWith(createIdInShard("cn", index, 0, new Uint8Array()).slice(0, 5)),
    );
    const accepted = await handoffs.accept({
      id: createIdInShard("ho", shard, heartbeat.now(), randomBytes(ID_RANDOM_BYTES)),
      connectorId,
      contactId,
      ...(sharedId === undefined ? {} : { sharedId }),
      origin: { accountId, projectId, environment },
      sealedParams: "planted-sealed-params",
      delayMs,
      deadlineMs,
      commandDeadline: heartbeat.now() + 60_000,
      rate: null,
      maxPending: 10_000,
      ...(idempotencyKey === undefined
        ? {}
        : { idempotency: { key: digestIdempotencyKey(idempotencyKey), fingerprints: ["f"], keepMs: 60_000 } }),
    });
    if (accepted.kind !== "accepted") throw new Error(accepted.kind);
    await handoffs.place(accepted.stored.handoff.id);
    return accepted.stored;
  }

  /** claim begins whatever a worker may begin now, for a connector whose token is there. */
  async function claim(connector: Connector): Promise<readonly ClaimedAttempt[]> {
    const tag = requireShardTagOfId(shards, "cn", connector.id);
    const claimed = await delivery.claim(tag, {
      token: randomBytes(6).toString("hex"),
      commandDeadline: FAR_FUTURE,
      slots: 100,
      table: "worker.1",
      everything: "running",
      random: 0,
      limit: 100,
      freeSlots: new Map(),
      replaySlots: 100,
      destinations: new Map([[connector.id, { kind: "ready", until: FAR_FUTURE, delivery: connector.delivery }]]),
    });
    if (claimed.kind !== "claimed") throw new Error(claimed.kind);
    return claimed.attempts;
  }

  /** begin gives the handoff's attempt, which may have been begun together with another's. */
  const begun = new Map<string, ClaimedAttempt>();
  async function begin(connector: Connector, { handoff: { id } }: StoredHandoff): Promise<ClaimedAttempt> {
    return vi.waitFor(
      async () => {
        if (!begun.has(id)) for (const attempt of await claim(connector)) begun.set(attempt.id, attempt);
        const attempt = begun.get(id);
        if (attempt === undefined) throw new Error(`${id} was not begun`);
        begun.delete(id);
        return attempt;
      },
      { timeout: BEGIN_MS, interval: 5 },
    );
  }

  async function finish(
    connector: Connector,
    stored: StoredHandoff,
    end: { outcome: SignalOutcome; settlement: Settlement },
  ): Promise<void> {
    const attempt = await begin(connector, stored);
    const settled = await delivery.settle({ attempt, connector, durationMs: 20, isUnsent: false, ...end });
    if (settled.kind !== "settled") throw new Error(settled.kind);
  }

  /** die accepts a handoff and has CXone refuse it. Gives its id. */
  async function die(
    connector: Connector,
    { outcome, reason = "rejected", ...options }: DeathOptions = {},
  ): Promise<string> {
    const stored = await accept(connector, options);
    await finish(connector, stored, {
      outcome: outcome ?? { kind: "rejected", httpStatus: 400, detail: "Contact is not active" },
      settlement: { kind: "dead", reason },
    });
    return stored.handoff.id;
  }

  /** hasDeadLetterJob says whether BullMQ's dead-letter queue shows a handoff of this generation. */
  const hasDeadLetterJob = async (id: string, generation: number) =>
    (await Promise.all(shards.tags.map((tag) => redis.exists(`${tag}:dead-letters:${id}-${generation}`)))).some(
      (found) => found === 1,
    );

  return {
    redis,
    shards,
    totals: createOverviewFiguresReader(shards).totals,
    handoffs,
    delivery,
    connectors: createConnectorStore(redis, namespace),
    accept,
    claim,
    begin,
    finish,
    die,
    hasDeadLetterJob,
  };
}
