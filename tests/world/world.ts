/**
 * A fresh world for a test: a Redis namespace of its own, the simulator for CXone, and Baton's processes around them.
 */

import { randomBytes } from "node:crypto";
import { Writable } from "node:stream";
import { composeAdmin, readAdminConfig } from "@baton/admin";
import type { createBatonClient, HandoffJson } from "@baton/api";
import { type Connector, type CxOneCredentials, createIdInShard, ID_RANDOM_BYTES } from "@baton/domain";
import { composeIngress, readIngressConfig } from "@baton/ingress";
import { openRedis, parseRedisUrl } from "@baton/redis/connection";
import { createShards } from "@baton/redis/shards";
import { createConnectorStore } from "@baton/registry/connector-store";
import { createProcessLifecycle, type Lifecycle } from "@baton/runtime";
import { startSimulator } from "@baton/simulator";
import { createLog } from "@baton/telemetry";
import { createToken, createVault, generateKeyringEntry, parseKeyring } from "@baton/vault";
import { composeWorker, readWorkerConfig } from "@baton/worker";
import { inject, onTestFinished } from "vitest";

export type World = Awaited<ReturnType<typeof createWorld>>;
export type DeliveryChange = Partial<Connector["delivery"]>;

/** ConnectorChange is what a test's connector has different. */
export interface ConnectorChange {
  readonly delivery?: DeliveryChange;
  readonly cxone?: Partial<Connector["cxone"]>;
  readonly paused?: boolean;
  readonly enabled?: boolean;
  readonly pseudoNumbers?: readonly string[];
  readonly contactIdHeader?: string;
  readonly credentials?: Partial<CxOneCredentials>;
  /** Which shard it lives on; the first unless said. */
  readonly shard?: number;
}

/** TestConnector is a connector and the token that speaks for it. */
export interface TestConnector {
  readonly connector: Connector;
  readonly token: string;
  readonly accessKeyId: string;
}

const DELIVERY: Connector["delivery"] = {
  guarantee: "at-least-once",
  deadlineMs: 60_000,
  maxAttempts: 10,
  attemptTimeoutMs: 3_000,
  backoff: { baseMs: 250, capMs: 10_000 },
  rate: null,
  maxHoldMs: 30_000,
  maxParamBytes: 256,
};

/** createWorld opens what every test needs; everything closes when the test is finished. */
export async function createWorld(environment: Readonly<Record<string, string>> = {}) {
  const namespace = environment.BATON_NAMESPACE ?? `t${randomBytes(6).toString("hex")}`;
  const redisUrl = environment.BATON_REDIS_URL ?? inject("redisUrl");
  const shardCount = Number(environment.BATON_SHARDS ?? 1);
  const keyring = environment.BATON_KEYRING ?? generateKeyringEntry();
  const env = {
    BATON_REDIS_URL: redisUrl,
    BATON_NAMESPACE: namespace,
    BATON_KEYRING: keyring,
    BATON_ADMIN_KEY: `ba_${randomBytes(24).toString("hex")}`,
    BATON_ALLOWED_HOSTS: "http://127.0.0.1:*,http://localhost:*",
    BATON_INGRESS_PORT: "0",
    BATON_ADMIN_PORT: "0",
    BATON_WORKER_PORT: "0",
    ...environment,
  };
  const logLines: string[] = [];
  const log = createLog({ name: "test", level: "debug", destination: collect(logLines) });
  const lives: Lifecycle[] = [];
  const redis = openRedis(parseRedisUrl(redisUrl), "events").on("error", () => undefined);
  const shards = createShards(redis, namespace, shardCount);
  const simulator = await startSimulator();
  onTestFinished(async () => {
    for (const life of lives.toReversed()) await life.close();
    await simulator.close();
    redis.disconnect();
  });

  function newLife(): Lifecycle {
    const life = createProcessLifecycle({ log });
    lives.push(life);
    return life;
  }

  return {
    env,
    namespace,
    redis,
    redisUrl,
    shards,
    simulator,
    logLines,
    vault: createVault(parseKeyring(keyring)),
    connectors: createConnectorStore(redis, namespace),

    /** `different` is what this process's environment has that the world's has not. */
    async startIngress(different: Readonly<Record<string, string>> = {}) {
      const life = newLife();
      const { url } = await composeIngress(readIngressConfig({ ...env, ...different }), life, log);
      return { url, life };
    },

    async startWorker(different: Readonly<Record<string, string>> = {}) {
      const life = newLife();
      const { url } = await composeWorker(readWorkerConfig({ ...env, ...different }), life, log);
      return { url, life };
    },

    async startAdmin(different: Readonly<Record<string, string>> = {}) {
      const life = newLife();
      const { url } = await composeAdmin(readAdminConfig({ ...env, ...different }), life, log);
      return { url, life, key: env.BATON_ADMIN_KEY };
    },

    async createConnector(change: ConnectorChange = {}): Promise<TestConnector> {
      const id = createIdInShard("cn", change.shard ?? 0, Date.now(), randomBytes(ID_RANDOM_BYTES));
      const accessKeyId = `AK${id.slice(-8)}====`;
      const credentials = {
        clientId: "app@nice",
        clientSecret: "client-secret",
        accessKeyId,
        accessKeySecret: "key-secret====",
        ...change.credentials,
      };
      const connector: Connector = {
        id,
        version: 1,
        name: "test",
        accountId: "acme",
        projectId: `PROJECT-${id.slice(-8)}`,
        environment: "live",
        enabled: change.enabled ?? true,
        paused: change.paused ?? false,
        pseudoNumbers: change.pseudoNumbers ?? [],
        contactIdHeader: change.contactIdHeader ?? "X-InContact-ContactId",
        cxone: { issuer: simulator.url, apiVersion: "v30.0", paramsIn: "query", ...change.cxone },
        delivery: { ...DELIVERY, ...change.delivery },
        createdAt: Date.now(),
      };
      const vault = createVault(parseKeyring(keyring));
      const sealed = vault
        .seal(JSON.stringify(credentials), { connectorId: id, record: id, field: "credentials" })
        .toString("base64url");
      const store = createConnectorStore(redis, namespace);
      await store.create({ connector, credentials: sealed });
      const token = createToken("bt");
      await store.issueToken({ connectorId: id, tokenId: token.id, hash: token.hash });
      return { connector, token: token.token, accessKeyId: credentials.accessKeyId };
    },
  };
}

/** ended waits until a handoff has ended, and gives it. */
export async function ended(
  baton: ReturnType<typeof createBatonClient>,
  id: string,
  timeoutMs = 50_000,
): Promise<HandoffJson> {
  const until = Date.now() + timeoutMs;
  for (;;) {
    const handoff = await baton.get(id, { waitMs: 5_000 });
    if (handoff.status !== "queued" && handoff.status !== "sending") return handoff;
    if (Date.now() > until) throw new Error(`${id} has not ended: ${JSON.stringify(handoff)}`);
  }
}

function collect(lines: string[]): Writable {
  return new Writable({
    write(chunk, _encoding, done) {
      lines.push(...String(chunk).split("\n").filter(Boolean));
      done();
    },
  });
}
