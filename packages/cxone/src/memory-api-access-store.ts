/**
 * An API access store for one process. Baton's own keeps access sealed in Redis, with one fetcher over all processes.
 */
import { randomUUID } from "node:crypto";
import { claimApiAccess, emptyApiAccess, failApiAccess, grantApiAccess } from "@baton/domain";
import { type ApiAccess, type ApiAccessStore, type Claim, renewalLeadMs } from "./api-access.ts";

export interface MemoryApiAccessStoreOptions {
  /** Epoch milliseconds; Date.now unless given. */
  readonly clock?: () => number;
  /** In [0, 1); Math.random unless given. */
  readonly random?: () => number;
}

/** createMemoryApiAccessStore holds one connector's access, by domain's rules. Never throws. */
export function createMemoryApiAccessStore(options: MemoryApiAccessStoreOptions = {}): ApiAccessStore {
  const { clock = Date.now, random = Math.random } = options;
  let state = emptyApiAccess<ApiAccess>();
  return {
    async claim({ replacing, what = "token" }): Promise<Claim> {
      const lease = randomUUID();
      const request = { lease, what, ...(replacing === undefined ? {} : { replacing }) };
      const claimed = claimApiAccess(state, request, clock());
      state = claimed.state;
      if (claimed.claim.kind !== "lease") return claimed.claim;
      const { access } = claimed.claim;
      return { kind: "lease", lease, ...(access === undefined ? {} : { current: access }) };
    },
    async grant(lease, access) {
      const lifetimeMs = access.expiresAt - access.obtainedAt;
      const renewAfterMs = lifetimeMs - renewalLeadMs(access);
      const granted = { lease, access, version: access.version, lifetimeMs, renewAfterMs };
      state = grantApiAccess(state, granted, clock()) ?? state;
    },
    async fail(lease, failure) {
      state = failApiAccess(state, { lease, ...failure }, { now: clock(), random: random() }) ?? state;
    },
  };
}
