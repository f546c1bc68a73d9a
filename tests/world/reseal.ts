/**
 * Key rings in a test: one to begin with, one to change to, much that is sealed under the first, and `baton reseal` as
 * operators run it.
 */
import { randomBytes } from "node:crypto";
import { type Connector, createIdInShard, ID_RANDOM_BYTES, shardOfId } from "@baton/domain";
import { createHandoffStore } from "@baton/handoffs";
import { openRedis, parseRedisUrl } from "@baton/redis/connection";
import { createSealBinding, createVault, generateKeyringEntry, parseKeyring, sealJson } from "@baton/vault";
import type { Redis } from "ioredis";
import { onTestFinished } from "vitest";
import { type Ended, type Running, startBaton } from "../../apps/cli/testing/run-baton.ts";
import type { World } from "./world.ts";

/** What fills up a world falls due far beyond any test: no worker takes it. Milliseconds. */
const FAR_MS = 30 * 86_400_000;
/** So many are accepted at a time. */
const AT_ONCE = 200;

/** Report is what `baton reseal --json` prints. */
export interface Report {
  readonly complete: boolean;
  readonly newestKeyId: string;
  readonly moved: number;
  readonly resumed: boolean;
  readonly unopened: readonly { readonly kind: string; readonly record: string; readonly why: string }[];
  readonly keys: readonly KeyReport[];
}

interface KeyReport {
  readonly keyId: string;
  readonly inRing: boolean;
  readonly needed: boolean;
  readonly inUse: boolean;
  readonly entries: Readonly<Record<string, number>>;
  readonly fingerprintsUntil?: string;
}

/** createRings gives two keys, and the rings of a change from one to the other. */
export function createRings() {
  const [older, newer] = [generateKeyringEntry(), generateKeyringEntry()];
  const idOf = (entry: string) => entry.slice(0, entry.indexOf(":"));
  return {
    olderId: idOf(older),
    newerId: idOf(newer),
    before: older,
    /** The new key opens, and does not seal yet. */
    prepared: `${older},${newer}`,
    changed: `${newer},${older}`,
    after: newer,
  };
}

/** startReseal starts `baton reseal --json`. */
export function startReseal(
  { env }: Pick<World, "env">,
  keyring: string,
  args: readonly string[] = ["--json"],
): Running {
  const { BATON_REDIS_URL, BATON_NAMESPACE, BATON_SHARDS = "1" } = env as Readonly<Record<string, string>>;
  return startBaton(["reseal", ...args], {
    env: {
      BATON_REDIS_URL: BATON_REDIS_URL ?? "",
      BATON_NAMESPACE: BATON_NAMESPACE ?? "",
      BATON_SHARDS,
      BATON_KEYRING: keyring,
    },
  });
}

/** reportOf reads what a reseal printed. */
export function reportOf({ stdout, stderr }: Ended): Report {
  if (stdout === "") throw new Error(`nothing was printed: ${stderr}`);
  return JSON.parse(stdout) as Report;
}

/**
 * fill accepts `count` handoffs with parameters and context, sealed under the ring's first key; they are due long after
 * the test.
 */
export async function fill(
  { redisUrl, shards }: World,
  { id: connectorId }: Connector,
  { count, keyring }: Filling,
): Promise<void> {
  const redis = openRedis(parseRedisUrl(redisUrl), "blocking");
  onTestFinished(() => redis.disconnect());
  const handoffs = createHandoffStore({ ...shards, redis });
  const vault = createVault(parseKeyring(keyring));
  const accept = async (number: number) => {
    const id = createIdInShard("ho", shardOfId("cn", connectorId) ?? 0, Date.now(), randomBytes(ID_RANDOM_BYTES));
    const seal = (kind: "params" | "context", value: object) =>
      sealJson(vault, value, createSealBinding(kind, connectorId, id));
    const accepted = await handoffs.accept({
      id,
      connectorId,
      contactId: String(500_000_000_000 + number),
      origin: { accountId: "acme", projectId: "filled", environment: "live" },
      sealedParams: seal("params", { p1: "Escalate" }),
      sealedContext: seal("context", { number }),
      delayMs: FAR_MS,
      deadlineMs: 60_000,
      commandDeadline: Date.now() + FAR_MS,
      rate: null,
      maxPending: Number.MAX_SAFE_INTEGER,
    });
    if (accepted.kind !== "accepted") throw new Error(`not accepted: ${accepted.kind}`);
  };
  for (let done = 0; done < count; done += AT_ONCE) {
    await Promise.all(Array.from({ length: Math.min(AT_ONCE, count - done) }, (_, index) => accept(done + index)));
  }
}

interface Filling {
  readonly count: number;
  /** Its first key seals. */
  readonly keyring: string;
}

/**
 * keysInUse gives the ids of all keys that something in Redis is sealed under: every value is looked at, whatever it is
 * for.
 */
export async function keysInUse({ redis, namespace }: World): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  for await (const keys of (redis as Redis).scanStream({ match: `{${namespace}*`, count: 1_000 })) {
    const texts = await Promise.all((keys as string[]).map((key) => textsOf(redis as Redis, key)));
    for (const id of texts.flat().flatMap(keyIdsIn)) found.add(id);
  }
  return found;
}

async function textsOf(redis: Redis, key: string): Promise<readonly string[]> {
  const kind = await redis.type(key);
  if (kind === "hash") return redis.hvals(key);
  return kind === "string" ? [(await redis.get(key)) ?? ""] : [];
}

/** What is sealed begins with layout 1 and the length of its key's id, in base64url. */
function keyIdsIn(text: string): readonly string[] {
  return [...text.matchAll(/(?<![\w-])A[QRS][\w-]{60,}/g)].flatMap(([sealed]) => {
    const bytes = Buffer.from(sealed, "base64url");
    const length = bytes[1] ?? 0;
    return bytes[0] === 1 && length > 0 && length <= 32 ? [bytes.toString("latin1", 2, 2 + length)] : [];
  });
}
