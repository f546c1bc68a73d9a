/**
 * What is sealed under which key, counted over all that rests in Redis. It takes no key: the id of each stands in
 * front.
 */
import type { SealedEntry, SealedPage, SealedStore } from "@baton/store";
import { keyIdOf, SealBroken, type SealedKind } from "@baton/vault";

/** SealedUnder is what is sealed under one key, and of which connectors. */
export interface SealedUnder {
  readonly entries: Readonly<Record<SealedKind, number>>;
  /** Ids, of each kind. */
  readonly connectors: Readonly<Record<SealedKind, ReadonlySet<string>>>;
}

/** SealedByKey is told by the id of the key; "" stands for what was never sealed, or not by this version of Baton. */
export type SealedByKey = ReadonlyMap<string, SealedUnder>;

export interface CountDeps {
  readonly sealed: Pick<SealedStore, "connectors" | "handoffs">;
  readonly tags: readonly string[];
  /** Hears how many handoffs have been looked at. */
  readonly onCounted: (handoffs: number) => void;
}

/** countByKey looks at everything once. */
export async function countByKey({ sealed, tags, onCounted }: CountDeps): Promise<SealedByKey> {
  const byKey = new Map<string, Counting>();
  const add = (entry: SealedEntry) => {
    const keyId = keyIdOfEntry(entry);
    const under = byKey.get(keyId) ?? nothing();
    under.entries[entry.kind] += 1;
    under.connectors[entry.kind].add(entry.connectorId);
    byKey.set(keyId, under);
  };
  for (const entry of await sealed.connectors()) add(entry);
  let handoffs = 0;
  for (const tag of tags) {
    for await (const page of pages(sealed, tag)) {
      for (const entry of page.entries) add(entry);
      handoffs += page.handoffs;
      onCounted(handoffs);
    }
  }
  return byKey;
}

/** keyIdOfEntry names the key of an entry; it is "" for what was never sealed, or not by this version of Baton. */
export function keyIdOfEntry({ head }: SealedEntry): string {
  try {
    return keyIdOf(Buffer.from(head, "base64url"));
  } catch (error) {
    if (error instanceof SealBroken) return "";
    throw error;
  }
}

interface Counting extends SealedUnder {
  readonly entries: Record<SealedKind, number>;
  readonly connectors: Readonly<Record<SealedKind, Set<string>>>;
}

function nothing(): Counting {
  return {
    entries: { credentials: 0, access: 0, params: 0, context: 0 },
    connectors: { credentials: new Set(), access: new Set(), params: new Set(), context: new Set() },
  };
}

async function* pages(sealed: CountDeps["sealed"], tag: string): AsyncGenerator<SealedPage> {
  let last: SealedPage["last"];
  do {
    const page = await sealed.handoffs(tag, last);
    yield page;
    last = page.last;
  } while (last !== undefined);
}
