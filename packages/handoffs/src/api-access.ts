/**
 * CXone access (token and address) of each connector, fetched by one process for all. What is stored is sealed by the
 * caller.
 */
import { FETCH_BACKOFF, LEASE_MS, REFUSED_MS, RENEWAL_INTERVAL_MS } from "@baton/domain";
import { createScript, number, type Reply, text } from "@baton/redis/script";
import { mustTagOf, type Shards } from "@baton/redis/shards";

/**
 * AccessClaim asks for access; `replacing` is the version of an access that CXone refused, `basis` the connector's
 * version that has the credentials and the target in question (0 unless said): access of an older one is forgotten.
 */
export interface AccessClaim {
  readonly connectorId: string;
  readonly basis?: number;
  readonly lease: string;
  readonly replacing?: string;
  readonly what: "token" | "address";
}

export type ClaimedAccess =
  | { readonly kind: "cached"; readonly access: string }
  | { readonly kind: "lease"; readonly access?: string }
  | { readonly kind: "busy"; readonly retryAt: number }
  | { readonly kind: "waiting"; readonly retryAt: number; readonly detail: string }
  | {
      readonly kind: "refused";
      readonly reason: "credentials" | "configuration";
      readonly httpStatus?: number;
      readonly detail: string;
    }
  | { readonly kind: "not-allowed" };

export interface AccessGrant {
  readonly connectorId: string;
  readonly lease: string;
  /** Sealed. */
  readonly access: string;
  readonly version: string;
  readonly lifetimeMs: number;
  /** From then on one process may renew it ahead of its end. */
  readonly renewAfterMs: number;
}

export interface AccessFailure {
  readonly connectorId: string;
  readonly lease: string;
  readonly kind: "credentials" | "configuration" | "unavailable";
  readonly detail: string;
  readonly httpStatus?: number;
  readonly retryAfterMs?: number;
}

/** AccessBasis names a connector's keys: `basis` is the connector's version that has them. */
export interface AccessBasis {
  readonly connectorId: string;
  readonly basis: number;
}

/** AccessRefusal: CXone's words, and how long it is not to be asked again, milliseconds. */
export interface AccessRefusal {
  readonly detail: string;
  readonly leftMs: number;
}

export type SealedAccessStore = ReturnType<typeof createSealedAccessStore>;

/**
 * createSealedAccessStore gives the accesses of all connectors; `chance` is in [0, 1). Throws when Redis cannot be
 * reached.
 */
export function createSealedAccessStore(shards: Shards, chance: () => number) {
  const claim = createScript<object>(import.meta, "access-claim");
  const grant = createScript<object>(import.meta, "access-grant");
  const fail = createScript<object>(import.meta, "access-fail");
  const drop = createScript<object>(import.meta, "access-drop");
  const refusal = createScript<object>(import.meta, "access-refusal");
  const tagOf = (connectorId: string) => mustTagOf(shards, "cn", connectorId);

  return {
    /** claim gives the access that is there, the right to fetch one, or why neither. */
    async claim(request: AccessClaim): Promise<ClaimedAccess> {
      const args = { basis: 0, ...request, leaseMs: LEASE_MS, renewalIntervalMs: RENEWAL_INTERVAL_MS };
      const reply = await claim(shards.redis, tagOf(request.connectorId), args);
      const kind = text(reply, 0) as ClaimedAccess["kind"];
      switch (kind) {
        case "cached":
          return { kind, access: text(reply, 1) };
        case "lease":
          return text(reply, 1) === "" ? { kind } : { kind, access: text(reply, 1) };
        case "busy":
          return { kind, retryAt: number(reply, 1) };
        case "waiting":
          return { kind, retryAt: number(reply, 1), detail: text(reply, 2) };
        case "refused": {
          const status = text(reply, 2);
          const reason = text(reply, 1) as "credentials" | "configuration";
          return { kind, reason, detail: text(reply, 3), ...(status === "" ? {} : { httpStatus: Number(status) }) };
        }
        case "not-allowed":
          return { kind };
      }
    },

    /** grant stores what was fetched; false when the lease was lost meanwhile. */
    async grant(granted: AccessGrant): Promise<boolean> {
      return text(await grant(shards.redis, tagOf(granted.connectorId), granted), 0) === "granted";
    },

    /**
     * refusal tells how CXone refused these keys within the last REFUSED_MS, and how long it is not to be asked yet;
     * undefined where it may be.
     */
    async refusal({ connectorId, basis }: AccessBasis): Promise<AccessRefusal | undefined> {
      return readRefusal(await refusal(shards.redis, tagOf(connectorId), { connectorId, basis }));
    },

    /** refuse remembers that CXone refused these keys to somebody who asked without a lease. */
    async refuse(
      { connectorId, basis }: AccessBasis,
      { detail, httpStatus }: Pick<AccessFailure, "detail" | "httpStatus">,
    ): Promise<void> {
      const refused = { detail, httpStatus, refusedMs: REFUSED_MS };
      await refusal(shards.redis, tagOf(connectorId), { connectorId, basis, refused });
    },

    /** drop forgets access of an older basis, and its failures; those who wait for a token may go. */
    async drop(connectorId: string, basis: number): Promise<void> {
      await drop(shards.redis, tagOf(connectorId), { connectorId, basis });
    },

    /** fail remembers that the fetch failed. */
    async fail(failure: AccessFailure): Promise<void> {
      await fail(shards.redis, tagOf(failure.connectorId), {
        ...failure,
        chance: chance(),
        backoff: FETCH_BACKOFF,
        refusedMs: REFUSED_MS,
      });
    },
  };
}

function readRefusal(reply: readonly Reply[]): AccessRefusal | undefined {
  return text(reply, 0) === "refused" ? { leftMs: number(reply, 1), detail: text(reply, 2) } : undefined;
}
