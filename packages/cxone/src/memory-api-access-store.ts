/** An ApiAccessStore in memory: one connector's access, for one process. */
import { randomUUID } from "node:crypto";
import {
  claimApiAccessOrLease,
  createEmptyApiAccessState,
  recordApiAccessFetchFailure,
  recordApiAccessFetchSuccess,
} from "@baton/domain";
import { type ApiAccess, type ApiAccessStore, type Claim, renewalLeadMs } from "./api-access-store.ts";

export interface MemoryApiAccessStoreOptions {
  /** Epoch milliseconds; Date.now unless given. */
  readonly clock?: () => number;
  /** In [0, 1); Math.random unless given. */
  readonly random?: () => number;
}

/**
 * createMemoryApiAccessStore holds one connector's access for one process, by domain's rules; Baton's own store keeps
 * access sealed in Redis, with one fetcher over all processes. Never throws.
 */
export function createMemoryApiAccessStore(options: MemoryApiAccessStoreOptions = {}): ApiAccessStore {
  const { clock = Date.now, random = Math.random } = options;
  let state = createEmptyApiAccessState<ApiAccess>();
  return {
    async claim({ replacing, what = "token" }): Promise<Claim> {
      const lease = randomUUID();
      const request = { lease, what, ...(replacing === undefined ? {} : { replacing }) };
      const claimed = claimApiAccessOrLease(state, request, clock());
      state = claimed.state;
      if (claimed.claim.kind !== "lease") return claimed.claim;
      const { access } = claimed.claim;
      return { kind: "lease", lease, ...(access === undefined ? {} : { current: access }) };
    },
    async grant(lease, access) {
      const lifetimeMs = access.expiresAt - access.obtainedAt;
      const renewAfterMs = lifetimeMs - renewalLeadMs(access);
      const granted = { lease, access, version: access.version, lifetimeMs, renewAfterMs };
      state = recordApiAccessFetchSuccess(state, granted, clock()) ?? state;
    },
    async fail(lease, failure) {
      state = recordApiAccessFetchFailure(state, { lease, ...failure }, { now: clock(), random: random() }) ?? state;
    },
  };
}
