/** Which sealing keys are still in use: what is sealed under each, and whether it may be taken off the ring. */
import { setTimeout as sleep } from "node:timers/promises";
import type { ResealableValueStore } from "@baton/handoffs/resealable-value-store";
import { PRESENT_MS } from "@baton/registry/process-heartbeat";
import type { ProcessStore } from "@baton/registry/process-store";
import { type Keyring, SEALED_KINDS, type SealedKind } from "@baton/vault";
import { type CountDeps, countSealedValuesByKey, NO_ENTRIES, type SealedByKey } from "./count-sealed-values-by-key.ts";

/**
 * While processes show themselves with an older key, they are looked at so often: it may be that they have just ended.
 * Milliseconds.
 */
const LOOK_AGAIN_MS = 500;

/** SealingKeyUsage is what is left under a key that is not the newest. */
export interface SealingKeyUsage {
  readonly keyId: string;
  readonly inRing: boolean;
  readonly needed: boolean;
  /** A running process seals with it. */
  readonly inUse: boolean;
  /** How many entries of each kind are sealed under it. */
  readonly entries: Readonly<Record<SealedKind, number>>;
  /**
   * When the last body under an idempotency key is forgotten that is known by it; absent where there is none. Epoch
   * milliseconds.
   */
  readonly fingerprintsUntil?: number;
}

interface Deps extends CountDeps {
  readonly sealed: Pick<ResealableValueStore, "connectors" | "handoffs" | "fingerprints">;
  readonly processes: Pick<ProcessStore, "sealing">;
  readonly keyring: Keyring;
}

/** SealingKeyUsages is the usage of every key that is not the newest, and the count behind it. */
export interface SealingKeyUsages {
  readonly usages: readonly SealingKeyUsage[];
  readonly byKey: SealedByKey;
}

/**
 * readSealingKeyUsages counts everything once. It lists every key that something is sealed under, and every older key
 * of the ring. It asks who seals after the count, so that nothing is sealed unnoticed meanwhile.
 */
export async function readSealingKeyUsages(deps: Deps): Promise<SealingKeyUsages> {
  const { processes, keyring } = deps;
  await waitForOldKeyrings(deps);
  const startedAt = performance.now();
  const byKey = await countSealedValuesByKey(deps);
  const until = await readFingerprintEnds(deps);
  const seen = await processes.sealing();
  const tookMs = performance.now() - startedAt;
  const ids = new Set([...keyring.keys.map(({ id }) => id), ...byKey.keys(), ...until.keys()]);
  ids.delete(keyring.newest.id);
  const usages = [...ids].map((keyId) => {
    const entries = byKey.get(keyId)?.entries ?? NO_ENTRIES;
    const fingerprints = until.get(keyId);
    const inUse = (seen.get(keyId) ?? Number.POSITIVE_INFINITY) < Math.max(PRESENT_MS, tookMs);
    const needed = inUse || fingerprints !== undefined || SEALED_KINDS.some((kind) => entries[kind] > 0);
    const inRing = keyring.keys.some(({ id }) => id === keyId);
    return {
      keyId,
      inRing,
      needed,
      inUse,
      entries,
      ...(fingerprints !== undefined && { fingerprintsUntil: fingerprints }),
    };
  });
  return { usages, byKey };
}

/** A process that was given the new ring a moment ago still counts as there with the old one. */
async function waitForOldKeyrings({ processes, keyring }: Deps): Promise<void> {
  const older = keyring.keys.filter((key) => key !== keyring.newest);
  const endsAt = performance.now() + PRESENT_MS;
  while (performance.now() < endsAt) {
    const seen = await processes.sealing();
    if (older.every(({ id }) => (seen.get(id) ?? Number.POSITIVE_INFINITY) >= PRESENT_MS)) return;
    await sleep(LOOK_AGAIN_MS);
  }
}

async function readFingerprintEnds({ sealed, tags }: Deps): Promise<ReadonlyMap<string, number>> {
  const until = new Map<string, number>();
  for (const tag of tags) {
    for (const [keyId, at] of await sealed.fingerprints(tag)) until.set(keyId, Math.max(at, until.get(keyId) ?? 0));
  }
  return until;
}
