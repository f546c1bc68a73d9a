/** Which kinds of keys the memory lies in. */
import { Redis } from "ioredis";

const BATCH = 1_000;

/** bytesByKeyKind sums MEMORY USAGE of all keys by kind: a key's name with its ids and numbers left out. */
export async function bytesByKeyKind(port: number): Promise<ReadonlyMap<string, number>> {
  const redis = new Redis(port);
  const kinds = new Map<string, number>();
  try {
    for await (const keys of redis.scanStream({ count: BATCH }) as AsyncIterable<readonly string[]>) {
      const sizes = await Promise.all(keys.map((key) => redis.memory("USAGE", key, "SAMPLES", 0)));
      for (const [index, key] of keys.entries())
        kinds.set(kindOf(key), (kinds.get(kindOf(key)) ?? 0) + (sizes[index] ?? 0));
    }
    return kinds;
  } finally {
    redis.disconnect();
  }
}

/**
 * growthPerHandoff gives what each kind has more of after than before, per handoff, the most first; kinds below a byte
 * are left out.
 */
export function growthPerHandoff(
  before: ReadonlyMap<string, number>,
  after: ReadonlyMap<string, number>,
  handoffs: number,
): readonly (readonly [string, number])[] {
  return [...after]
    .map(([kind, bytes]) => [kind, (bytes - (before.get(kind) ?? 0)) / handoffs] as const)
    .filter(([, bytes]) => bytes >= 1)
    .toSorted(([, one], [, other]) => other - one);
}

function kindOf(key: string): string {
  return key
    .replace(/^\{[^}]*\}/, "")
    .replaceAll(/[a-z]{2}_[0-9A-Z]{10,}(-\d+)?/g, "<id>")
    .replaceAll(/(?<=:)[0-9a-f]{16,}/g, "<digest>")
    .replaceAll(/(?<=:)\d+/g, "<number>");
}
