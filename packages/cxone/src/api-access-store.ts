/** ApiAccess: what a signal needs beside its parameters; and where it rests between processes. */
import type { ApiAccessFailure, ApiAccessPart, ApiAccessRefusal } from "@baton/domain";

/**
 * ApiAccess is a token and the address that takes it. Instants are epoch milliseconds. Secret: sealed wherever it
 * rests.
 */
export interface ApiAccess {
  readonly token: string;
  /** The `Authorization` scheme, `Bearer`. */
  readonly tokenType: string;
  /** Base address of the API, without a slash at its end. */
  readonly apiEndpoint: string;
  readonly tenantId?: string;
  readonly expiresAt: number;
  readonly obtainedAt: number;
  /** Opaque; changes whenever token or address is renewed. */
  readonly version: string;
}

/**
 * ClaimRequest asks for access; `replacing` is the version that CXone refused, `what` the part it refused (the token
 * unless said).
 */
export interface ClaimRequest {
  readonly replacing?: string;
  readonly what?: ApiAccessPart;
}

/**
 * Claim is the store's answer.
 *
 * `lease`: you fetch, and then `grant` or `fail`; it ends by itself after LEASE_MS. `current` when there is an access
 * to build on: one that nears its end, or one of which only a part must be renewed. `busy`: another one fetches right
 * now. `waiting`: a fetch failed lately. `not-allowed`: the cached access is the refused one, and it was renewed by
 * force less than RENEWAL_INTERVAL_MS ago.
 */
export type Claim =
  | { readonly kind: "cached"; readonly access: ApiAccess }
  | { readonly kind: "lease"; readonly lease: string; readonly current?: ApiAccess }
  | { readonly kind: "busy"; readonly retryAt: number }
  | { readonly kind: "waiting"; readonly retryAt: number; readonly detail: string }
  | ({ readonly kind: "refused" } & ApiAccessRefusal)
  | { readonly kind: "not-allowed" };

/** ApiAccessStore keeps one connector's access, and lets one fetcher at a time renew it. */
export interface ApiAccessStore {
  claim(request: ClaimRequest): Promise<Claim>;
  /** Stores the access and ends the lease. A lease that has ended already is no error. */
  grant(lease: string, access: ApiAccess): Promise<void>;
  /**
   * Ends the lease. What needs a change is remembered for REFUSED_MS, what passes until the back-off or `retryAfterMs`
   * is over.
   */
  fail(lease: string, failure: ApiAccessFailure): Promise<void>;
}

/** MAX_RENEWAL_LEAD_MS: NICE's own SDK renews five minutes before the end. */
const MAX_RENEWAL_LEAD_MS = 300_000;

/** renewalLeadMs is how long before its end an access may be renewed: five minutes, or a tenth of a short life. */
export function renewalLeadMs(access: Pick<ApiAccess, "expiresAt" | "obtainedAt">): number {
  return Math.min(MAX_RENEWAL_LEAD_MS, (access.expiresAt - access.obtainedAt) / 10);
}
