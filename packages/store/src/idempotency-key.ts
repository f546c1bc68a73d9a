/** Idempotency keys as they rest: a digest, since a caller may put anything into one. */
import { createHash } from "node:crypto";

/** idempotencyDigest gives 32 hexadecimal characters of the key's SHA-256. */
export function idempotencyDigest(key: string): string {
  return createHash("sha256").update(key).digest("hex").slice(0, 32);
}
