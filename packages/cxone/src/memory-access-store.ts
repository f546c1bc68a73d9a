/** An access store for one process. Baton's own keeps access sealed in Redis, with one fetcher over all processes. */
import { randomUUID } from "node:crypto";
import { backoffMs, FETCH_BACKOFF, LEASE_MS, REFUSED_MS, RENEWAL_INTERVAL_MS } from "@baton/domain";
import {
  type Access,
  type AccessFailure,
  type AccessPart,
  type AccessStore,
  type Claim,
  type ClaimRequest,
  renewalLeadMs,
} from "./api-access.ts";

/** BUSY_MS: a fetch takes two or three round trips; asking sooner than this finds it still under way. */
const BUSY_MS = 100;

export interface MemoryAccessStoreOptions {
  /** Epoch milliseconds; Date.now unless given. */
  readonly clock?: () => number;
  /** In [0, 1); Math.random unless given. */
  readonly chance?: () => number;
}

interface Lease {
  readonly id: string;
  readonly endsAt: number;
  /** The part that CXone refused, when the renewal is forced. */
  readonly forced?: AccessPart;
}

/** createMemoryAccessStore holds one connector's access. Never throws. */
export function createMemoryAccessStore(options: MemoryAccessStoreOptions = {}): AccessStore {
  const store = new MemoryAccessStore(options.clock ?? Date.now, options.chance ?? Math.random);
  return {
    claim: async (request) => store.claim(request),
    grant: async (lease, access) => store.grant(lease, access),
    fail: async (lease, failure) => store.fail(lease, failure),
  };
}

class MemoryAccessStore {
  readonly #clock: () => number;
  readonly #chance: () => number;
  #access: Access | undefined;
  #lease: Lease | undefined;
  #failure: { readonly until: number; readonly claim: Claim } | undefined;
  #failures = 0;
  readonly #forcedAt: Record<AccessPart, number> = {
    token: Number.NEGATIVE_INFINITY,
    address: Number.NEGATIVE_INFINITY,
  };

  constructor(clock: () => number, chance: () => number) {
    this.#clock = clock;
    this.#chance = chance;
  }

  claim({ replacing, what = "token" }: ClaimRequest): Claim {
    const now = this.#clock();
    this.#dropEndedLease(now);
    const access = this.#access !== undefined && now < this.#access.expiresAt ? this.#access : undefined;
    const forced = access !== undefined && access.version === replacing;
    const free = this.#lease === undefined;
    if (access !== undefined && !forced) {
      const due = now >= access.expiresAt - renewalLeadMs(access) && free && !this.#hasFailed(now);
      return due && replacing === undefined ? this.#grantLease(now, access) : { kind: "cached", access };
    }
    if (this.#failure !== undefined && this.#hasFailed(now)) return this.#failure.claim;
    if (!free) return { kind: "busy", retryAt: now + BUSY_MS };
    if (!forced) return this.#grantLease(now, access);
    if (now - this.#forcedAt[what] < RENEWAL_INTERVAL_MS) return { kind: "not-allowed" };
    this.#forcedAt[what] = now;
    return this.#grantLease(now, access, what);
  }

  grant(lease: string, access: Access): void {
    if (this.#lease?.id === lease) this.#lease = undefined;
    this.#access = access;
    this.#failure = undefined;
    this.#failures = 0;
  }

  fail(lease: string, failure: AccessFailure): void {
    if (this.#lease?.id !== lease) return;
    const { forced } = this.#lease;
    this.#lease = undefined;
    const now = this.#clock();
    if (failure.kind === "unavailable") {
      // Nothing was renewed, so the next one may try as soon as the back-off is over.
      if (forced !== undefined) this.#forcedAt[forced] = Number.NEGATIVE_INFINITY;
      this.#failures += 1;
      const until = now + Math.max(failure.retryAfterMs ?? 0, backoffMs(FETCH_BACKOFF, this.#failures, this.#chance()));
      this.#failure = { until, claim: { kind: "waiting", retryAt: until, detail: failure.detail } };
      return;
    }
    if (forced === "token") this.#access = undefined;
    const { kind: reason, detail, httpStatus } = failure;
    const claim: Claim = { kind: "refused", reason, detail, ...(httpStatus === undefined ? {} : { httpStatus }) };
    this.#failure = { until: now + REFUSED_MS, claim };
  }

  /** A fetcher that never came back renewed nothing, so its turn does not count against the next one's. */
  #dropEndedLease(now: number): void {
    if (this.#lease === undefined || now < this.#lease.endsAt) return;
    if (this.#lease.forced !== undefined) this.#forcedAt[this.#lease.forced] = Number.NEGATIVE_INFINITY;
    this.#lease = undefined;
  }

  #hasFailed(now: number): boolean {
    return this.#failure !== undefined && now < this.#failure.until;
  }

  #grantLease(now: number, current?: Access, forced?: AccessPart): Claim {
    const id = randomUUID();
    this.#lease = { id, endsAt: now + LEASE_MS, ...(forced === undefined ? {} : { forced }) };
    return { kind: "lease", lease: id, ...(current === undefined ? {} : { current }) };
  }
}
