/** The verdict on each key: what is left under it, and whether it may be taken off the ring. */
import { setTimeout as sleep } from "node:timers/promises";
import { PRESENT_MS, type SealedEntry, type SealedPage, type SealedStore } from "@baton/store";
import { fingerprintKeyId, type Keyring, SEALED_KINDS, SealBroken, type SealedKind, type Vault } from "@baton/vault";

/** While processes show themselves with an older key, they are looked at so often: it may be that they have just ended. Milliseconds. */
const LOOK_AGAIN_MS = 500;

/** KeyVerdict is what is left under a key that is not the newest. */
export interface KeyVerdict {
  readonly keyId: string;
  readonly inRing: boolean;
  readonly needed: boolean;
  /** A running process seals with it. */
  readonly inUse: boolean;
  /** How many entries of each kind are sealed under it. */
  readonly entries: Readonly<Record<SealedKind, number>>;
  /** How many bodies under an idempotency key are known by it, and when the last of them is forgotten (epoch milliseconds). */
  readonly fingerprints: number;
  readonly fingerprintsUntil?: number;
}

interface Deps {
  readonly sealed: Pick<SealedStore, "connectors" | "handoffs" | "sealing">;
  readonly tags: readonly string[];
  readonly keyring: Keyring;
  readonly vault: Pick<Vault, "keyIdOf">;
  /** Hears how many handoffs have been looked at. */
  readonly onCounted: (handoffs: number) => void;
}

/**
 * judgeKeys looks at everything once, and tells of every key that something is left under and every older one of the ring. Who seals is
 * asked after the count, so that nothing can be sealed unnoticed behind it.
 */
export async function judgeKeys(deps: Deps): Promise<readonly KeyVerdict[]> {
  const { sealed, keyring } = deps;
  await untilOldRingsAreGone(deps);
  const startedAt = performance.now();
  const left = await count(deps);
  const seen = await sealed.sealing();
  const tookMs = performance.now() - startedAt;
  const ids = new Set([...keyring.keys.map(({ id }) => id), ...left.keys()]);
  ids.delete(keyring.newest.id);
  return [...ids].map((keyId) => {
    const { entries, fingerprints, fingerprintsUntil } = left.get(keyId) ?? createLeft();
    const inUse = (seen.get(keyId) ?? Number.POSITIVE_INFINITY) < Math.max(PRESENT_MS, tookMs);
    const needed = inUse || fingerprints > 0 || SEALED_KINDS.some((kind) => entries[kind] > 0);
    const inRing = keyring.keys.some(({ id }) => id === keyId);
    return { keyId, inRing, needed, inUse, entries, fingerprints, ...(fingerprints === 0 ? {} : { fingerprintsUntil }) };
  });
}

/** keyIdOf names the key of an entry; it is "" for what was never sealed, or not by this version of Baton. */
export function keyIdOf(vault: Pick<Vault, "keyIdOf">, { head }: SealedEntry): string {
  try {
    return vault.keyIdOf(Buffer.from(head, "base64url"));
  } catch (error) {
    if (error instanceof SealBroken) return "";
    throw error;
  }
}

/** A process that was given the new ring a moment ago still counts as there with the old one. */
async function untilOldRingsAreGone({ sealed, keyring }: Deps): Promise<void> {
  const older = keyring.keys.filter((key) => key !== keyring.newest);
  const endsAt = performance.now() + PRESENT_MS;
  while (performance.now() < endsAt) {
    const seen = await sealed.sealing();
    if (older.every(({ id }) => (seen.get(id) ?? Number.POSITIVE_INFINITY) >= PRESENT_MS)) return;
    await sleep(LOOK_AGAIN_MS);
  }
}

interface Left {
  readonly entries: Record<SealedKind, number>;
  fingerprints: number;
  fingerprintsUntil: number;
}

function createLeft(): Left {
  return { entries: { credentials: 0, access: 0, params: 0, context: 0 }, fingerprints: 0, fingerprintsUntil: 0 };
}

async function count({ sealed, tags, vault, onCounted }: Deps): Promise<ReadonlyMap<string, Left>> {
  const left = new Map<string, Left>();
  const under = (keyId: string): Left => {
    const known = left.get(keyId) ?? createLeft();
    left.set(keyId, known);
    return known;
  };
  const add = ({ entries, fingerprints }: Pick<SealedPage, "entries" | "fingerprints">) => {
    for (const entry of entries) under(keyIdOf(vault, entry)).entries[entry.kind] += 1;
    for (const { fingerprint, endsAt } of fingerprints) {
      const known = under(fingerprintKeyId(fingerprint));
      known.fingerprints += 1;
      known.fingerprintsUntil = Math.max(known.fingerprintsUntil, endsAt);
    }
  };
  add({ entries: await sealed.connectors(), fingerprints: [] });
  let handoffs = 0;
  for (const tag of tags) {
    for await (const page of pages(sealed, tag)) {
      add(page);
      handoffs += page.handoffs;
      onCounted(handoffs);
    }
  }
  return left;
}

async function* pages(sealed: Deps["sealed"], tag: string): AsyncGenerator<SealedPage> {
  let last: SealedPage["last"];
  do {
    const page = await sealed.handoffs(tag, last);
    yield page;
    last = page.last;
  } while (last !== undefined);
}
