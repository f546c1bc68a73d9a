/** A map that forgets its oldest entries: the simulator is the target of load tests that run for hours. */

/**
 * setInBoundedMap sets `key` in `map` as its newest entry and forgets the oldest while there are more than `capacity`.
 */
export function setInBoundedMap<K, V>(map: Map<K, V>, key: K, value: V, capacity: number): void {
  map.delete(key);
  map.set(key, value);
  for (const eldest of map.keys()) {
    if (map.size <= capacity) return;
    map.delete(eldest);
  }
}
