/**
 * How long fetching a connector's CXone access (token and address) may take, and when it is tried again.
 *
 * A call waits for it, so these are made for the caller: an identity service that is back is found after FETCH_MS +
 * FETCH_BACKOFF.capMs, 8 s, at the latest, within the 10 s that PolyAI gives a function. One process at a time asks for
 * each connector: forty times a minute at most, where each is refused at once and luck is at its shortest.
 */

/**
 * FETCH_MS bounds one fetch, its two or three requests together: a service that is well answers them within a second.
 */
export const FETCH_MS = 5_000;

/** FETCH_BACKOFF is the ladder between fetches that found no answer. */
export const FETCH_BACKOFF = { baseMs: 250, capMs: 3_000 } as const;

/**
 * MAX_FETCH_WAIT_MS: a `Retry-After` of the identity service is obeyed for no longer; a call waits, and the next fetch
 * shows whether it is back.
 */
export const MAX_FETCH_WAIT_MS = 30_000;

/**
 * LEASE_MS is how long one process has the right to fetch: FETCH_MS and two seconds for the store. One that died
 * blocks the others for no longer.
 */
export const LEASE_MS = FETCH_MS + 2_000;

/** REFUSED_MS: refused credentials are not tried again within this time, so that a wrong key is not hammered. */
export const REFUSED_MS = 30_000;

/**
 * RENEWAL_INTERVAL_MS: a connector's token is renewed by force, and its address discovered anew, at most once in this
 * time.
 */
export const RENEWAL_INTERVAL_MS = 30_000;
