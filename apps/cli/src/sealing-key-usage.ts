/** Which sealing keys are still in use: what is sealed under each, and whether it may be taken off the ring. */
import { setTimeout as sleep } from "node:timers/promises";
import type { ResealableValueStore, SealedPage, SealedValue } from "@baton/handoffs/resealable-value-store";
import { PRESENT_MS } from "@baton/registry/process-heartbeat";
import type { ProcessStore } from "@baton/registry/process-store";
import { type Keyring, readSealedKeyId, SEALED_KINDS, SealBroken, type SealedKind } from "@baton/vault";

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
    const entries = byKey.get(keyId)?.entries ?? emptyCounts().entries;
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

/** SealedUnder is what is sealed under one key, and of which connectors. */
export interface SealedUnder {
  readonly entries: Readonly<Record<SealedKind, number>>;
  /** Ids, of each kind. */
  readonly connectors: Readonly<Record<SealedKind, ReadonlySet<string>>>;
}

/** SealedByKey is by the id of the key; "" stands for what was never sealed, or not by this version of Baton. */
export type SealedByKey = ReadonlyMap<string, SealedUnder>;

export interface CountDeps {
  readonly sealed: Pick<ResealableValueStore, "connectors" | "handoffs">;
  readonly tags: readonly string[];
  /** Called with how many handoffs have been counted. */
  readonly onCounted: (handoffs: number) => void;
}

/** countSealedValuesByKey looks at everything once. */
export async function countSealedValuesByKey({ sealed, tags, onCounted }: CountDeps): Promise<SealedByKey> {
  const byKey = new Map<string, UsageCounts>();
  const add = (entry: SealedValue) => {
    const keyId = keyIdOfSealedValue(entry);
    const under = byKey.get(keyId) ?? emptyCounts();
    under.entries[entry.kind] += 1;
    under.connectors[entry.kind].add(entry.connectorId);
    byKey.set(keyId, under);
  };
  for (const entry of await sealed.connectors()) add(entry);
  let handoffs = 0;
  for (const tag of tags) {
    for await (const page of readPagesOfSealedValues(sealed, tag)) {
      for (const entry of page.entries) add(entry);
      handoffs += page.handoffs;
      onCounted(handoffs);
    }
  }
  return byKey;
}

/**
 * keyIdOfSealedValue names the key of an entry; it is "" for what was never sealed, or not by this version of Baton.
 */
export function keyIdOfSealedValue({ head }: SealedValue): string {
  try {
    return readSealedKeyId(Buffer.from(head, "base64url"));
  } catch (error) {
    if (error instanceof SealBroken) return "";
    throw error;
  }
}

interface UsageCounts extends SealedUnder {
  readonly entries: Record<SealedKind, number>;
  readonly connectors: Readonly<Record<SealedKind, Set<string>>>;
}

function emptyCounts(): UsageCounts {
  return {
    entries: { credentials: 0, access: 0, params: 0, context: 0 },
    connectors: { credentials: new Set(), access: new Set(), params: new Set(), context: new Set() },
  };
}

async function* readPagesOfSealedValues(sealed: CountDeps["sealed"], tag: string): AsyncGenerator<SealedPage> {
  let last: SealedPage["last"];
  do {
    const page = await sealed.handoffs(tag, last);
    yield page;
    last = page.last;
  } while (last !== undefined);
}
