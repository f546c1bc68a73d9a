/**
 * API access (a connector's CXone token and the address that takes it) is fetched by one process for all. These are the
 * rules of who fetches, who waits and who is refused: pure functions over one connector's state. A store keeps the
 * state, and only compares and sets.
 */
import { backoffMs } from "./backoff.ts";

// How long a fetch may take, and when it is tried again. A call waits for it, so these limits are made for the caller:
// an identity service that is back is found after FETCH_TIMEOUT_MS + FETCH_BACKOFF.capMs, 8 s, at the latest, within
// the 10 s that PolyAI gives a function. One process at a time asks for each connector: forty times a minute at most,
// where each is refused at once and the random waits are at their shortest.

/**
 * FETCH_TIMEOUT_MS bounds one fetch, its two or three requests together. A service in good order answers them within a
 * second.
 */
export const FETCH_TIMEOUT_MS = 5_000;

/** FETCH_BACKOFF is the ladder between fetches that found no answer. */
export const FETCH_BACKOFF = { baseMs: 250, capMs: 3_000 } as const;

/**
 * MAX_FETCH_WAIT_MS: a `Retry-After` of the identity service is obeyed for no longer; a call waits, and the next fetch
 * shows whether it is back.
 */
export const MAX_FETCH_WAIT_MS = 30_000;

/**
 * LEASE_MS is how long one process has the right to fetch: FETCH_TIMEOUT_MS and two seconds for the store. One that
 * died blocks the others for no longer.
 */
export const LEASE_MS = FETCH_TIMEOUT_MS + 2_000;

/** REFUSED_MS: refused credentials are not tried again within this time, so that a wrong key is not hammered. */
export const REFUSED_MS = 30_000;

/**
 * RENEWAL_INTERVAL_MS: a connector's token is renewed by force, and its address discovered anew, at most once in this
 * time.
 */
const RENEWAL_INTERVAL_MS = 30_000;

/** ApiAccessPart is the half of an access that CXone refused: the token (401, 403) or the address (3xx). */
export type ApiAccessPart = "token" | "address";

/** OTHER_KEYS_MS: a process with older credentials has not seen their change yet, and asks again after this. */
const OTHER_KEYS_MS = 1_000;

/**
 * LOST_CHANGE_MS: where a process still has older credentials so long after a change, Redis lost the change, by a
 * failover or by a restore of masters from different moments. Longer than the 2 s in which a change holds everywhere
 * and a fetch that began before it together, and than the clocks of two masters may differ (they stop being ready at
 * 1 s from any process's).
 */
export const LOST_CHANGE_MS = 15_000;
/** EARLIEST_MOMENT that a version can be, epoch milliseconds: in 2001. */
const EARLIEST_MOMENT = 1_000_000_000_000;

/**
 * ApiAccessState is what is known of one connector's access. `T` is the access itself, sealed where it rests. Instants
 * are epoch milliseconds on the store's clock.
 */
export interface ApiAccessState<T> {
  /** The connector's version that has these credentials and this target: from its first change on, when that was. */
  readonly credentialsVersion: number;
  readonly access?: {
    readonly value: T;
    readonly version: string;
    readonly expiresAt: number;
    readonly renewAt: number;
  };
  /** One process's right to fetch; `forced` is the part that CXone refused, where it renews by force. */
  readonly lease?: { readonly id: string; readonly endsAt: number; readonly forced?: ApiAccessPart };
  /** After a fetch that found no answer. */
  readonly waiting?: { readonly endsAt: number; readonly detail: string };
  readonly refusal?: ApiAccessRefusal & { readonly endsAt: number };
  /** Fetches without an answer, one after the other. */
  readonly failures: number;
  /** When each part was last renewed by force, as CXone answered. */
  readonly renewedAt: Readonly<Partial<Record<ApiAccessPart, number>>>;
}

/** ApiAccessRefusal is why no process can fetch until the connector is changed. `detail` is CXone's own text. */
export interface ApiAccessRefusal {
  readonly reason: "credentials" | "configuration";
  readonly detail: string;
  readonly httpStatus?: number;
}

/** ApiAccessRequest asks for access; `replacing` is the version of one whose part `what` CXone refused. */
export interface ApiAccessRequest {
  readonly credentialsVersion?: number;
  /** The id of the lease, should this request get one. */
  readonly lease: string;
  readonly replacing?: string;
  readonly what: ApiAccessPart;
}

/**
 * ApiAccessClaim answers a request. `lease`: fetch now; `access` is what there is to build on. `not-allowed`: the same
 * part was renewed by force less than RENEWAL_INTERVAL_MS ago.
 */
export type ApiAccessClaim<T> =
  | { readonly kind: "cached"; readonly access: T }
  | { readonly kind: "lease"; readonly access?: T }
  | { readonly kind: "busy"; readonly retryAt: number }
  | { readonly kind: "waiting"; readonly retryAt: number; readonly detail: string }
  | ({ readonly kind: "refused" } & ApiAccessRefusal)
  | { readonly kind: "not-allowed" };

/** GrantedApiAccess is what the holder of `lease` fetched; from `renewAfterMs` on one process may renew it. */
export interface GrantedApiAccess<T> {
  readonly lease: string;
  readonly access: T;
  readonly version: string;
  readonly lifetimeMs: number;
  readonly renewAfterMs: number;
}

/**
 * ApiAccessFailure is why no access could be had. `unavailable` passes by itself; the others require a change of
 * something. `detail` is redacted and capped.
 */
export interface ApiAccessFailure {
  readonly kind: ApiAccessRefusal["reason"] | "unavailable";
  readonly detail: string;
  readonly httpStatus?: number;
  readonly retryAfterMs?: number;
}

/** FailedApiAccess is how the fetch of the holder of `lease` failed. */
export interface FailedApiAccess extends ApiAccessFailure {
  readonly lease: string;
}

/** createEmptyApiAccessState is the state of credentials that were not used yet. */
export function createEmptyApiAccessState<T>(credentialsVersion = 0): ApiAccessState<T> {
  return { credentialsVersion, failures: 0, renewedAt: {} };
}

/** isLongAgo is false for a version that is no moment: an earlier build counts them from 1. */
function isLongAgo(version: number, now: number): boolean {
  return version >= EARLIEST_MOMENT && now >= version + LOST_CHANGE_MS;
}

/** claimApiAccessOrLease gives the access that is there, the right to fetch one, or why neither. */
export function claimApiAccessOrLease<T>(
  before: ApiAccessState<T>,
  { credentialsVersion = 0, lease: id, replacing, what }: ApiAccessRequest,
  now: number,
): { readonly state: ApiAccessState<T>; readonly claim: ApiAccessClaim<T> } {
  // An attempt whose token was refused may have begun before the change.
  const isChangeLost = replacing === undefined && isLongAgo(before.credentialsVersion, now);
  if (credentialsVersion < before.credentialsVersion && !isChangeLost)
    return { state: before, claim: { kind: "busy", retryAt: now + OTHER_KEYS_MS } };
  const state =
    credentialsVersion === before.credentialsVersion ? before : createEmptyApiAccessState<T>(credentialsVersion);
  const { lease, waiting, refusal, renewedAt } = state;
  const access = lasts(now, state.access?.expiresAt) ? state.access : undefined;
  const isLeased = lease !== undefined && lease.id !== id && lasts(now, lease.endsAt);
  const isHeldUp = isLeased || lasts(now, waiting?.endsAt) || lasts(now, refusal?.endsAt);
  if (access !== undefined && access.version !== replacing && (isHeldUp || now < access.renewAt))
    return { state, claim: { kind: "cached", access: access.value } };
  if (refusal !== undefined && lasts(now, refusal.endsAt)) return { state, claim: refusedClaim(refusal) };
  if (isLeased) return { state, claim: { kind: "busy", retryAt: lease.endsAt } };
  if (waiting !== undefined && lasts(now, waiting.endsAt))
    return { state, claim: { kind: "waiting", retryAt: waiting.endsAt, detail: waiting.detail } };
  const isForced = access !== undefined && access.version === replacing;
  if (isForced && lasts(now, (renewedAt[what] ?? Number.NEGATIVE_INFINITY) + RENEWAL_INTERVAL_MS))
    return { state, claim: { kind: "not-allowed" } };
  return {
    // A refused token is of no use: a process that asks meanwhile waits for the new one.
    state: {
      ...(isForced && what === "token" ? withoutAccess(state) : state),
      lease: { id, endsAt: now + LEASE_MS, ...(isForced ? { forced: what } : {}) },
    },
    claim: { kind: "lease", ...(access === undefined ? {} : { access: access.value }) },
  };
}

/**
 * recordApiAccessFetchSuccess keeps what was fetched and ends the lease; undefined where the lease was lost meanwhile.
 */
export function recordApiAccessFetchSuccess<T>(
  { credentialsVersion, lease, renewedAt }: ApiAccessState<T>,
  granted: GrantedApiAccess<T>,
  now: number,
): ApiAccessState<T> | undefined {
  if (lease?.id !== granted.lease) return undefined;
  const { access: value, version, lifetimeMs, renewAfterMs } = granted;
  return {
    credentialsVersion,
    access: { value, version, expiresAt: now + lifetimeMs, renewAt: now + renewAfterMs },
    failures: 0,
    renewedAt: lease.forced === undefined ? renewedAt : { ...renewedAt, [lease.forced]: now },
  };
}

/**
 * recordApiAccessFetchFailure ends the lease and remembers how the fetch failed; undefined where the lease was lost
 * meanwhile. Only a renewal by force that CXone answered counts against RENEWAL_INTERVAL_MS. `random` is in [0, 1).
 */
export function recordApiAccessFetchFailure<T>(
  state: ApiAccessState<T>,
  { lease: id, kind, detail, httpStatus, retryAfterMs = 0 }: FailedApiAccess,
  { now, random }: { readonly now: number; readonly random: number },
): ApiAccessState<T> | undefined {
  const { lease, ...rest } = state;
  if (lease?.id !== id) return undefined;
  if (kind === "unavailable") {
    const failures = state.failures + 1;
    const endsAt = now + Math.max(retryAfterMs, backoffMs(FETCH_BACKOFF, failures, random));
    return { ...rest, failures, waiting: { endsAt, detail } };
  }
  return {
    ...rest,
    renewedAt: lease.forced === undefined ? rest.renewedAt : { ...rest.renewedAt, [lease.forced]: now },
    refusal: refusalFrom(now, { reason: kind, detail, ...(httpStatus === undefined ? {} : { httpStatus }) }),
  };
}

/** dropOutdatedApiAccess forgets access of older credentials, and how its fetches failed. */
export function dropOutdatedApiAccess<T>(state: ApiAccessState<T>, credentialsVersion: number): ApiAccessState<T> {
  return state.credentialsVersion >= credentialsVersion ? state : createEmptyApiAccessState<T>(credentialsVersion);
}

/** recordCredentialsRefusal remembers that CXone refused these credentials to a process without a lease. */
export function recordCredentialsRefusal<T>(
  state: ApiAccessState<T>,
  credentialsVersion: number,
  { detail, httpStatus, now }: Pick<ApiAccessRefusal, "detail" | "httpStatus"> & { readonly now: number },
): ApiAccessState<T> {
  if (credentialsVersion < state.credentialsVersion) return state;
  const refusal = { reason: "credentials", detail, ...(httpStatus === undefined ? {} : { httpStatus }) } as const;
  return { ...dropOutdatedApiAccess(state, credentialsVersion), refusal: refusalFrom(now, refusal) };
}

/**
 * findRecentCredentialsRefusal says how CXone refused these credentials within the last REFUSED_MS; undefined where it
 * did not.
 */
export function findRecentCredentialsRefusal<T>(
  { credentialsVersion, refusal }: ApiAccessState<T>,
  asked: { readonly credentialsVersion: number; readonly now: number },
): { readonly detail: string; readonly leftMs: number } | undefined {
  if (asked.credentialsVersion !== credentialsVersion || refusal?.reason !== "credentials") return undefined;
  const leftMs = refusal.endsAt - asked.now;
  return leftMs > 0 ? { detail: refusal.detail, leftMs } : undefined;
}

function lasts(now: number, endsAt: number | undefined): boolean {
  return endsAt !== undefined && now < endsAt;
}

function refusedClaim({ reason, detail, httpStatus }: ApiAccessRefusal): ApiAccessClaim<never> {
  return { kind: "refused", reason, detail, ...(httpStatus === undefined ? {} : { httpStatus }) };
}

function refusalFrom(now: number, refusal: ApiAccessRefusal): ApiAccessRefusal & { readonly endsAt: number } {
  return { ...refusal, endsAt: now + REFUSED_MS };
}

function withoutAccess<T>({ access: _, ...rest }: ApiAccessState<T>): ApiAccessState<T> {
  return rest;
}
