/**
 * Random bytes for every handoff: fetched from the system many at once, since each call costs as much as sealing does.
 */
import { randomBytes } from "node:crypto";

/** POOL_BYTES lasts some hundred ids and nonces. */
const POOL_BYTES = 4_096;

let pool = Buffer.alloc(0);

/** pooledRandomBytes gives `count` bytes (at most POOL_BYTES) that were not given before, fit for a nonce. */
export function pooledRandomBytes(count: number): Buffer {
  if (pool.length < count) pool = randomBytes(POOL_BYTES);
  const taken = pool.subarray(0, count);
  pool = pool.subarray(count);
  return taken;
}
