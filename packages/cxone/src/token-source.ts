/** TokenSource: a client's access, from memory, else from the store, else fetched under the store's lease. */
import { setTimeout as sleep } from "node:timers/promises";
import { type ApiAccessFailure, type ApiAccessPart, type ApiAccessRefusal, FETCH_BACKOFF } from "@baton/domain";
import type { StepResult } from "./access-fetch-requests.ts";
import { type ApiAccess, type ApiAccessStore, type Claim, renewalLeadMs } from "./api-access-store.ts";
import type { FetchScope } from "./fetch-api-access.ts";
import { rejectWhenAborted } from "./promise-time-limit.ts";

/**
 * POLL_MS is how often a refused signal looks whether another process has renewed the access; it has an attempt's time
 * at most.
 */
const POLL_MS = 50;

/** RECHECK_MS: a renewal ahead of time that brought nothing is asked for again after this. */
const RECHECK_MS = 1_000;

/** RENEWAL_SPREAD: processes renew over the last fifth of the lead before they would, not all in one millisecond. */
const RENEWAL_SPREAD = 0.2;

/**
 * PrepareResult says whether a signal may begin. `waiting`: not before `retryAt` (epoch milliseconds), because the
 * token endpoint has no answer, or another process is fetching. `refused`: not until the connector is changed.
 */
export type PrepareResult =
  | { readonly kind: "ready"; readonly access: ApiAccess }
  | { readonly kind: "waiting"; readonly retryAt: number; readonly detail: string }
  | RefusedAccess;

interface RefusedAccess extends ApiAccessRefusal {
  readonly kind: "refused";
}

/**
 * Renewal is what came of an access that CXone refused. `pending`: it is not known yet. `refused` has a `reason` where
 * CXone, asked for another, said why there is none.
 */
export type Renewal =
  | { readonly kind: "renewed"; readonly access: ApiAccess }
  | { readonly kind: "pending"; readonly detail: string }
  | { readonly kind: "refused"; readonly reason?: undefined; readonly detail: string }
  | RefusedAccess;

interface TokenSourceOptions {
  readonly store: ApiAccessStore;
  /** Fetches from CXone; bounded in time, never rejects. */
  readonly fetch: (scope: FetchScope) => Promise<StepResult<ApiAccess>>;
  /** How long one renewal may be waited for, milliseconds. */
  readonly renewalTimeoutMs: number;
}

type Lease = Extract<Claim, { kind: "lease" }>;
type Ready = Extract<PrepareResult, { kind: "ready" }>;

interface RunningRenewal {
  readonly version: string;
  readonly promise: Promise<Renewal>;
}

/** TokenSource rejects only when its store does. */
export class TokenSource {
  readonly #options: TokenSourceOptions;
  #cached: Ready | undefined;
  #renewAt = 0;
  #preparing: Promise<PrepareResult> | undefined;
  readonly #renewals: Partial<Record<ApiAccessPart, RunningRenewal>> = {};
  /** The version whose token CXone refused and that could not be renewed: it is not used again. */
  #refusedVersion: string | undefined;

  constructor(options: TokenSourceOptions) {
    this.#options = options;
  }

  /** prepare gives access from memory where it can. Concurrent calls share one claim. */
  async prepare(signal?: AbortSignal): Promise<PrepareResult> {
    signal?.throwIfAborted();
    const now = Date.now();
    const cached = this.#cached;
    if (cached === undefined || now >= cached.access.expiresAt) return rejectWhenAborted(this.#obtainOnce(), signal);
    if (now >= this.#renewAt) this.#renewAhead(now);
    return cached;
  }

  /** renew replaces the refused part of an access. Concurrent calls for one version share one claim. Never rejects. */
  renew(refused: ApiAccess, part: ApiAccessPart): Promise<Renewal> {
    const running = this.#renewals[part];
    if (running?.version === refused.version) return running.promise;
    const promise = this.#replace(refused, part)
      // CXone's answer is known and must not be lost over the store's failure, which the next claim meets and reports.
      .catch((): Renewal => ({ kind: "pending", detail: "the access store failed" }))
      .then((renewal) => this.#noteRenewal(refused, part, renewal));
    this.#renewals[part] = { version: refused.version, promise };
    return promise;
  }

  #noteRenewal(refused: ApiAccess, part: ApiAccessPart, renewal: Renewal): Renewal {
    if (this.#renewals[part]?.version === refused.version) delete this.#renewals[part];
    if (renewal.kind === "pending" && part === "token") {
      this.#refusedVersion = refused.version;
      if (this.#cached?.access.version === refused.version) this.#cached = undefined;
    }
    return renewal;
  }

  /**
   * The cached access is still valid, so no caller waits for this, and its failure matters only once that has expired.
   */
  #renewAhead(now: number): void {
    this.#renewAt = now + RECHECK_MS;
    this.#obtainOnce().catch(() => {});
  }

  #obtainOnce(): Promise<PrepareResult> {
    this.#preparing ??= this.#obtain().finally(() => {
      this.#preparing = undefined;
    });
    return this.#preparing;
  }

  async #obtain(): Promise<PrepareResult> {
    const claim = await this.#claim();
    switch (claim.kind) {
      case "cached":
        return this.#cache(claim.access);
      case "lease":
        return this.#fetchAll(claim);
      case "busy":
        return { kind: "waiting", retryAt: claim.retryAt, detail: "another process is fetching the token" };
      case "waiting":
      case "refused":
        return claim;
      case "not-allowed":
        return { kind: "waiting", retryAt: Date.now() + RECHECK_MS, detail: "the token was renewed a moment ago" };
    }
  }

  async #claim(): Promise<Claim> {
    if (this.#refusedVersion === undefined) return this.#options.store.claim({});
    const claim = await this.#options.store.claim({ replacing: this.#refusedVersion, what: "token" });
    if (claim.kind !== "not-allowed") return claim;
    this.#refusedVersion = undefined;
    return this.#options.store.claim({});
  }

  async #fetchAll(lease: Lease): Promise<PrepareResult> {
    const { current } = lease;
    const fetched = await this.#fetchUnder(lease, current === undefined ? {} : { current });
    if (fetched.kind === "done") return this.#cache(fetched.value);
    const usable = current !== undefined && current.version !== this.#refusedVersion && Date.now() < current.expiresAt;
    return usable ? this.#cache(current) : resultOfFailure(fetched.failure);
  }

  async #replace(refused: ApiAccess, part: ApiAccessPart): Promise<Renewal> {
    const endsAt = performance.now() + this.#options.renewalTimeoutMs;
    let replacing = refused.version;
    for (;;) {
      const claim = await this.#options.store.claim({ replacing, what: part });
      switch (claim.kind) {
        case "cached":
          if (differs(claim.access, refused, part))
            return { kind: "renewed", access: this.#cache(claim.access).access };
          if (claim.access.version === replacing) return { kind: "refused", detail: "the access store has no other" };
          replacing = claim.access.version; // its other part was renewed meanwhile; this one is still to be replaced
          continue;
        case "lease":
          return this.#fetchPart(claim, refused, part);
        case "busy":
          if (performance.now() + POLL_MS > endsAt)
            return { kind: "pending", detail: "another process is fetching still" };
          await sleep(POLL_MS);
          continue;
        case "waiting":
          return { kind: "pending", detail: claim.detail };
        case "refused":
          return claim;
        case "not-allowed":
          return { kind: "refused", detail: "renewed a moment ago already" };
      }
    }
  }

  async #fetchPart(lease: Lease, refused: ApiAccess, part: ApiAccessPart): Promise<Renewal> {
    const fetched = await this.#fetchUnder(lease, { part, current: lease.current ?? refused });
    if (fetched.kind === "failed") {
      const result = resultOfFailure(fetched.failure);
      return result.kind === "refused" ? result : { kind: "pending", detail: result.detail };
    }
    const { access } = this.#cache(fetched.value);
    if (part === "address" && !differs(access, refused, part))
      return { kind: "refused", detail: "discovery names the same address" };
    return { kind: "renewed", access };
  }

  async #fetchUnder({ lease }: Lease, scope: FetchScope): Promise<StepResult<ApiAccess>> {
    const fetched = await this.#options.fetch(scope);
    if (fetched.kind === "done") await this.#options.store.grant(lease, fetched.value);
    else await this.#options.store.fail(lease, fetched.failure);
    return fetched;
  }

  #cache(access: ApiAccess): Ready {
    if (this.#cached?.access.version === access.version) return this.#cached;
    this.#cached = { kind: "ready", access };
    this.#renewAt = access.expiresAt - renewalLeadMs(access) * (1 - RENEWAL_SPREAD * Math.random());
    if (access.version !== this.#refusedVersion) this.#refusedVersion = undefined;
    return this.#cached;
  }
}

function differs(access: ApiAccess, refused: ApiAccess, part: ApiAccessPart): boolean {
  return part === "token" ? access.token !== refused.token : access.apiEndpoint !== refused.apiEndpoint;
}

function resultOfFailure({
  kind,
  detail,
  httpStatus,
  retryAfterMs = 0,
}: ApiAccessFailure): Exclude<PrepareResult, Ready> {
  // The store has its own back-off and says so at the next claim; this is its shortest.
  if (kind === "unavailable")
    return { kind: "waiting", retryAt: Date.now() + Math.max(retryAfterMs, FETCH_BACKOFF.baseMs), detail };
  return { kind: "refused", reason: kind, detail, ...(httpStatus === undefined ? {} : { httpStatus }) };
}
