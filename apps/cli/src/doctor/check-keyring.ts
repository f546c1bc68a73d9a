/** The doctor on the key ring: does it open what is stored, and which of its keys are still needed? */
import { createResealableValueStore } from "@baton/handoffs/resealable-value-store";
import { createShards } from "@baton/redis/shards";
import { createConnectorStore, type StoredConnector } from "@baton/registry/connector-store";
import { createProcessStore } from "@baton/registry/process-store";
import { createSealBinding, createVault, type Keyring, SealBroken, UnknownKey } from "@baton/vault";
import { countSealedValuesByKey } from "../count-sealed-values-by-key.ts";
import { pluralize } from "../number-format.ts";
import { readSealingKeyUsages, type SealingKeyUsage } from "../sealing-key-usage.ts";
import { countShardsUsedByConnectors } from "../shards-used-by-connectors.ts";
import { checkProcessesForMissingKeys } from "./check-processes-for-missing-keys.ts";
import type { DoctorRedis } from "./check-redis.ts";
import { type CheckResult, FAULT, failCheck, passCheck, skipCheck } from "./check-result.ts";
import type { EnvironmentForChecks } from "./environment-for-checks.ts";

/**
 * checkKeyring opens every connector's credentials, looks at the key of all else that is sealed, and at who has those
 * keys; `onCounted` is called as it proceeds.
 */
export async function checkKeyring(
  { keyring, namespace, shards }: EnvironmentForChecks,
  access: DoctorRedis | undefined,
  onCounted: (handoffs: number) => void,
): Promise<readonly CheckResult[]> {
  if (access === undefined || namespace === undefined || shards === undefined) {
    return [skipCheck("what is sealed", "it takes BATON_REDIS_URL, BATON_NAMESPACE and BATON_SHARDS to look")];
  }
  const connectors = createConnectorStore(access.redis, namespace);
  const stored = await connectors.all();
  const over = createShards(access.redis, namespace, shards);
  const own =
    keyring === undefined
      ? skipCheck("credentials", "it takes BATON_KEYRING to open them")
      : judgeCredentials(keyring, stored);
  // With too few shards the count would miss entries; the section `registry` says so.
  if (countShardsUsedByConnectors(stored) > shards) return [own, skipCheck("other keys", "BATON_SHARDS is too low")];
  const processes = createProcessStore(access.redis, namespace);
  const deps = { sealed: createResealableValueStore(over, connectors), tags: over.tags, onCounted };
  const { usages, byKey } =
    keyring === undefined
      ? { usages: [], byKey: await countSealedValuesByKey(deps) }
      : await readSealingKeyUsages({ ...deps, processes, keyring });
  const names = new Map(stored.map(({ connector }) => [connector.id, connector.name]));
  return [
    own,
    ...usages.map(judgeKey),
    ...checkProcessesForMissingKeys(await processes.present(), byKey, (id) => names.get(id) ?? id),
  ];
}

function judgeCredentials(keyring: Keyring, stored: readonly StoredConnector[]): CheckResult {
  const vault = createVault(keyring);
  const missing = new Set<string>();
  const closed = stored.filter(({ connector: { id }, credentials }) => {
    try {
      vault.open(Buffer.from(credentials, "base64url"), createSealBinding("credentials", id));
      return false;
    } catch (error) {
      if (error instanceof UnknownKey) missing.add(error.keyId);
      if (error instanceof UnknownKey || error instanceof SealBroken) return true;
      throw error;
    }
  });
  const of = pluralize(stored.length, "connector");
  if (closed.length === 0) return passCheck("credentials", `the key ring opens those of ${of}`);
  return failCheck(
    "credentials",
    `the key ring does not open those of ${closed.map(({ connector }) => connector.id).join(", ")} (of ${of})`,
    "Give BATON_KEYRING the key that sealed them, behind the newest; if it is lost, give the connectors all four credentials anew (`baton connectors apply`).",
    { follows: [...missing].map(FAULT.ring) },
  );
}

function judgeKey({ keyId, inRing, needed, inUse, entries, fingerprintsUntil }: SealingKeyUsage): CheckResult {
  const sealed = Object.values(entries).reduce((sum, number) => sum + number, 0);
  const what = `key ${keyId === "" ? "unknown" : keyId}`;
  const keys =
    fingerprintsUntil === undefined
      ? "no idempotency key"
      : `idempotency keys until ${new Date(fingerprintsUntil).toISOString()}`;
  const detail = `${pluralize(sealed, "sealed thing")} and ${keys} are under it`;
  if (!inRing && needed) {
    return failCheck(
      what,
      `${detail}, and it is not in BATON_KEYRING`,
      "Put it behind the newest key on every process, or what it sealed stays closed, and a repeat under those keys is refused as another body.",
      { follows: [FAULT.ring(keyId)] },
    );
  }
  if (!needed) return passCheck(what, "nothing is under it any more; it can be taken off BATON_KEYRING");
  return passCheck(
    what,
    `${detail}${inUse ? ", and a running process seals with it" : ""}: still needed; \`baton reseal\` moves what is sealed to the newest`,
  );
}
