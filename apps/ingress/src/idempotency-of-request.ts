/** Idempotency keys: which bodies are the same, and how long a key is kept. */
import type { Idempotency } from "@baton/handoffs";
import { digestIdempotencyKey } from "@baton/handoffs/handoff-record";
import type { Vault } from "@baton/vault";
import stringify from "safe-stable-stringify";

/** KEY_RETENTION_MS is how long an idempotency key is kept. */
const KEY_RETENTION_MS = 24 * 3_600_000;
/**
 * MAX_DEPTH: levels of objects and arrays beyond what any handoff takes (its context may have 64), and below what
 * recursion bears.
 */
const MAX_DEPTH = 100;

// Not exactly RFC 8785: that refuses a lone surrogate, which a context may hold.
const write = stringify.configure({ deterministic: true, maximumDepth: MAX_DEPTH });

/** idempotencyOfRequest compares bodies by their content, not by how it is written. */
export function idempotencyOfRequest(
  { body, idempotencyKey }: { readonly body: unknown; readonly idempotencyKey?: string },
  vault: Pick<Vault, "fingerprints">,
): Idempotency | undefined {
  if (idempotencyKey === undefined) return undefined;
  return {
    key: digestIdempotencyKey(idempotencyKey),
    fingerprints: vault.fingerprints(canonicalJson(body)),
    keepMs: KEY_RETENTION_MS,
  };
}

/**
 * canonicalJson writes parsed JSON with the members of every object sorted by name. Below MAX_DEPTH it tells no
 * difference, and where nothing was sent it writes `null`: such a body is never accepted, so its text equals that of no
 * accepted one.
 */
export function canonicalJson(value: unknown): string {
  return write(value) ?? "null";
}
