/** `baton reseal` from the environment: it speaks to Redis itself. */
import { ConfigurationFault, readBy, readEnvironment, variables } from "@baton/runtime";
import {
  createConnectorStore,
  createSealedStore,
  createShards,
  isUnavailable,
  openRedis,
  parseRedisUrl,
  type SealedStore,
} from "@baton/store";
import { parseKeyring } from "@baton/vault";
import { retryUntilAvailable } from "@baton/worker";
import { type Resealed, type ResealProgress, reseal } from "./reseal.ts";
import { shardsInUse } from "./shards-in-use.ts";

/** PATIENCE_MS: a failover may take so long; a Redis that is away for longer ends the run. */
const PATIENCE_MS = 10_000;

const schema = {
  BATON_REDIS_URL: readBy(parseRedisUrl).describe("the address of Redis, such as redis://127.0.0.1:6379"),
  BATON_NAMESPACE: variables.BATON_NAMESPACE,
  BATON_KEYRING: readBy(parseKeyring).describe(
    "the new key first, then those that are still needed; `baton keygen` prints one",
  ),
  BATON_SHARDS: variables.BATON_SHARDS,
};

/** runReseal throws a ConfigurationFault, or an Error that says to run it again. */
export async function runReseal(onProgress: (progress: ResealProgress) => void): Promise<Resealed> {
  const env = readEnvironment(schema);
  const redis = openRedis(env.BATON_REDIS_URL, "scripts").on("error", () => undefined);
  try {
    const shards = createShards(redis, env.BATON_NAMESPACE, env.BATON_SHARDS);
    const connectors = createConnectorStore(redis, env.BATON_NAMESPACE);
    checkShards(await patiently(() => connectors.all()), env.BATON_SHARDS);
    return await reseal({
      sealed: insistent(createSealedStore(shards)),
      tags: shards.tags,
      keyring: env.BATON_KEYRING,
      onProgress,
    });
  } catch (error) {
    if (!isUnavailable(error)) throw error;
    throw new Error("Redis does not answer; nothing is half done: run it again, and it goes on from there", {
      cause: error,
    });
  } finally {
    redis.disconnect();
  }
}

/** What lies in shards that are not looked over would be missing from the verdict. */
function checkShards(connectors: readonly { readonly connector: { readonly id: string } }[], shards: number): void {
  const used = shardsInUse(connectors);
  if (used > shards)
    throw new ConfigurationFault([
      `BATON_SHARDS: at least ${used} shards are in use; give the number that ingress has`,
    ]);
}

function insistent(sealed: SealedStore): SealedStore {
  return {
    connectors: () => patiently(() => sealed.connectors()),
    handoffs: (tag, after) => patiently(() => sealed.handoffs(tag, after)),
    count: (tag) => patiently(() => sealed.count(tag)),
    read: (entry) => patiently(() => sealed.read(entry)),
    swap: (swaps) => patiently(() => sealed.swap(swaps)),
    place: (tag) => patiently(() => sealed.place(tag)),
    remember: (tag, place) => patiently(() => sealed.remember(tag, place)),
    forget: (tag) => patiently(() => sealed.forget(tag)),
    fingerprints: (tag) => patiently(() => sealed.fingerprints(tag)),
    sealing: () => patiently(() => sealed.sealing()),
  };
}

function patiently<T>(ask: () => Promise<T>): Promise<T> {
  return retryUntilAvailable(ask, { forMs: PATIENCE_MS, closing: new AbortController().signal });
}
