/** How many values are sealed under each key, and of which connectors. */
import type { ResealableValueStore, SealedPage, SealedValue } from "@baton/handoffs/resealable-value-store";
import { readSealedKeyId, SealBroken, type SealedKind } from "@baton/vault";

/** SealedUnder is what is sealed under one key, and of which connectors. */
export interface SealedUnder {
  readonly entries: Readonly<Record<SealedKind, number>>;
  /** Ids, of each kind. */
  readonly connectors: Readonly<Record<SealedKind, ReadonlySet<string>>>;
}

/** SealedByKey is by the id of the key; "" stands for what was never sealed, or not by this version of Baton. */
export type SealedByKey = ReadonlyMap<string, SealedUnder>;

/** NO_ENTRIES counts of each kind. */
export const NO_ENTRIES: SealedUnder["entries"] = { credentials: 0, access: 0, params: 0, context: 0 };

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
    entries: { ...NO_ENTRIES },
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
