/**
 * `baton reseal`: everything that is sealed is moved to the newest key of the ring while the system runs, and then
 * counted by key. It connects to Redis itself.
 */
import {
  createResealableValueStore,
  type ResealableValueStore,
  type ResealCheckpoint,
  type SealedPage,
  type SealedSwap,
  type SealedValue,
} from "@baton/handoffs/resealable-value-store";
import { isRedisUnavailable, openRedis, parseRedisUrl } from "@baton/redis/connection";
import { retryThroughFailover } from "@baton/redis/retry-until-redis-answers";
import { createShards } from "@baton/redis/shards";
import { createConnectorStore } from "@baton/registry/connector-store";
import { createProcessStore, type ProcessStore } from "@baton/registry/process-store";
import { readEnvironment } from "@baton/runtime/environment-reader";
import { variableParsedBy, variables } from "@baton/runtime/environment-variable-schemas";
import {
  createSealBinding,
  createVault,
  type Keyring,
  parseKeyring,
  SEALED_KINDS,
  SealBroken,
  type SealedKind,
  UnknownKey,
  type Vault,
} from "@baton/vault";
import { keyIdOfSealedValue } from "./count-sealed-values-by-key.ts";
import { requireNewestKeyInAllProcesses } from "./processes-without-newest-key.ts";
import { readSealingKeyUsages, type SealingKeyUsage } from "./sealing-key-usage.ts";
import { refuseFewerShardsThanUsed } from "./shards-used-by-connectors.ts";

/** At most so many entries that do not open are named. */
const MAX_NAMED = 10;

/** ResealProgress: how many of the handoffs have been looked at in this pass; each of the two looks at all. */
export interface ResealProgress {
  readonly pass: "moving" | "counting";
  readonly done: number;
  readonly of: number;
}

/** UnopenedEntry is an entry that could not be moved. */
export interface UnopenedEntry {
  readonly kind: SealedKind;
  readonly record: string;
  readonly why: string;
}

/** ResealResult is what came of it; `resumed` where it went on after another run that was interrupted. */
export interface ResealResult {
  /** Everything is sealed under the newest key. */
  readonly complete: boolean;
  readonly newestKeyId: string;
  readonly moved: number;
  readonly resumed: boolean;
  /** The first few. */
  readonly unopened: readonly UnopenedEntry[];
  /** Every key that something is left under, and every older one of the ring. */
  readonly keys: readonly SealingKeyUsage[];
}

interface Deps {
  /** Every method asks until Redis answers. */
  readonly sealed: ResealableValueStore;
  readonly processes: Pick<ProcessStore, "present" | "sealing">;
  readonly tags: readonly string[];
  readonly keyring: Keyring;
  readonly onProgress: (progress: ResealProgress) => void;
}

/** ResealRun is one reseal under way. */
interface ResealRun extends Pick<Deps, "sealed" | "keyring"> {
  readonly vault: Vault;
  readonly unopened: UnopenedEntry[];
  readonly onPassed: (handoffs: number) => void;
}

/**
 * reseal may be interrupted anywhere, run again, and run twice at once: an entry is put back only in the place of what
 * was read, and opens at every moment with both keys. It moves nothing, and throws an Error that names the processes,
 * while one is running that lacks the newest key.
 */
async function reseal(deps: Deps): Promise<ResealResult> {
  const { sealed, tags, keyring, onProgress } = deps;
  await requireNewestKeyInAllProcesses(deps);
  const vault = createVault(keyring);
  const of = (await Promise.all(tags.map((tag) => sealed.count(tag)))).reduce((sum, count) => sum + count, 0);
  let done = 0;
  const onPassed = (handoffs: number) => {
    done += handoffs;
    onProgress({ pass: "moving", done, of });
  };
  const run: ResealRun = { sealed, keyring, vault, unopened: [], onPassed };
  const places = await Promise.all(tags.map(async (tag) => checkpointToGoOnFrom(run, await sealed.place(tag))));
  let moved = await moveToNewestKey(run, await sealed.connectors());
  for (const [shard, tag] of tags.entries()) moved += await moveShard(run, tag, places[shard]);
  const { usages: keys } = await readSealingKeyUsages({
    ...deps,
    onCounted: (counted) => onProgress({ pass: "counting", done: counted, of }),
  });
  for (const tag of tags) await sealed.forget(tag);
  return {
    complete: keys.every(({ entries }) => SEALED_KINDS.every((kind) => entries[kind] === 0)),
    newestKeyId: keyring.newest.id,
    moved,
    resumed: places.some((place) => place !== undefined),
    unopened: run.unopened,
    keys,
  };
}

/** A place on the way to another key is none on the way to this one. */
function checkpointToGoOnFrom(
  { keyring }: ResealRun,
  place: ResealCheckpoint | undefined,
): ResealCheckpoint | undefined {
  return place?.to === keyring.newest.id ? place : undefined;
}

async function moveShard(run: ResealRun, tag: string, from: ResealCheckpoint | undefined): Promise<number> {
  const { sealed, keyring, onPassed } = run;
  let moved = 0;
  let passed = from?.passed ?? 0;
  let last = from?.last;
  onPassed(passed);
  do {
    const page: SealedPage = await sealed.handoffs(tag, last);
    moved += await moveToNewestKey(run, page.entries);
    passed += page.handoffs;
    last = page.last;
    onPassed(page.handoffs);
    if (last !== undefined) await sealed.remember(tag, { to: keyring.newest.id, passed, last });
  } while (last !== undefined);
  return moved;
}

/** moveToNewestKey moves what is not sealed under the newest key; what cannot be opened is noted and left. */
async function moveToNewestKey(run: ResealRun, entries: readonly SealedValue[]): Promise<number> {
  const { sealed, keyring } = run;
  const older = entries.filter((entry) => keyIdOfSealedValue(entry) !== keyring.newest.id);
  const swaps = await Promise.all(older.map((entry) => resealedSwapOf(run, entry)));
  const ready = swaps.filter((swap) => swap !== undefined);
  return ready.length === 0 ? 0 : await sealed.swap(ready);
}

async function resealedSwapOf(
  { sealed, vault, unopened }: ResealRun,
  entry: SealedValue,
): Promise<SealedSwap | undefined> {
  const before = await sealed.read(entry);
  if (before === undefined) return undefined;
  const { kind, connectorId, record } = entry;
  try {
    const after = vault
      .reseal(Buffer.from(before, "base64url"), createSealBinding(kind, connectorId, record))
      .toString("base64url");
    return { entry, before, after };
  } catch (error) {
    if (!(error instanceof SealBroken || error instanceof UnknownKey)) throw error;
    if (unopened.length < MAX_NAMED) unopened.push({ kind, record, why: error.message });
    return undefined;
  }
}

const schema = {
  BATON_REDIS_URL: variableParsedBy(parseRedisUrl).describe("the address of Redis, such as redis://127.0.0.1:6379"),
  BATON_NAMESPACE: variables.BATON_NAMESPACE,
  BATON_KEYRING: variableParsedBy(parseKeyring).describe(
    "the new key first, then those that are still needed; `baton keygen` prints one",
  ),
  BATON_SHARDS: variables.BATON_SHARDS,
};

/** connectAndReseal throws a ConfigurationFault, or an Error that says to run it again. */
export async function connectAndReseal(onProgress: (progress: ResealProgress) => void): Promise<ResealResult> {
  const env = readEnvironment(schema);
  const redis = openRedis(env.BATON_REDIS_URL, "scripts").on("error", () => undefined);
  try {
    const shards = createShards(redis, env.BATON_NAMESPACE, env.BATON_SHARDS);
    const connectors = createConnectorStore(redis, env.BATON_NAMESPACE);
    const processes = createProcessStore(redis, env.BATON_NAMESPACE);
    refuseFewerShardsThanUsed(await retryThroughFailover(() => connectors.all()), env.BATON_SHARDS);
    return await reseal({
      sealed: withRetries(createResealableValueStore(shards, connectors)),
      processes: {
        present: () => retryThroughFailover(() => processes.present()),
        sealing: () => retryThroughFailover(() => processes.sealing()),
      },
      tags: shards.tags,
      keyring: env.BATON_KEYRING,
      onProgress,
    });
  } catch (error) {
    if (!isRedisUnavailable(error)) throw error;
    throw new Error("Redis does not answer; nothing is half done: run it again, and it goes on from there", {
      cause: error,
    });
  } finally {
    redis.disconnect();
  }
}

function withRetries(sealed: ResealableValueStore): ResealableValueStore {
  return {
    connectors: () => retryThroughFailover(() => sealed.connectors()),
    handoffs: (tag, after) => retryThroughFailover(() => sealed.handoffs(tag, after)),
    count: (tag) => retryThroughFailover(() => sealed.count(tag)),
    read: (entry) => retryThroughFailover(() => sealed.read(entry)),
    swap: (swaps) => retryThroughFailover(() => sealed.swap(swaps)),
    place: (tag) => retryThroughFailover(() => sealed.place(tag)),
    remember: (tag, place) => retryThroughFailover(() => sealed.remember(tag, place)),
    forget: (tag) => retryThroughFailover(() => sealed.forget(tag)),
    fingerprints: (tag) => retryThroughFailover(() => sealed.fingerprints(tag)),
  };
}
