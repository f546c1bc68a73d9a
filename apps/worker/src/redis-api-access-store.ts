/** A connector's CXone access in Redis, sealed: fetched by one worker, used by all. */

import { randomUUID } from "node:crypto";
import { type ApiAccess, type ApiAccessStore, type Claim, renewalLeadMs } from "@baton/cxone";
import type { SealedApiAccessStore } from "@baton/handoffs/sealed-api-access-store";
import { createSealBinding, openJson, sealJson, type Vault } from "@baton/vault";

interface Deps {
  readonly connectorId: string;
  /** The connector's version since which its credentials and target are these. */
  readonly credentialsVersion: number;
  readonly accesses: SealedApiAccessStore;
  readonly vault: Pick<Vault, "seal" | "open">;
}

/** createRedisApiAccessStore is one connector's ApiAccessStore. It throws when Redis cannot be reached. */
export function createRedisApiAccessStore({ connectorId, credentialsVersion, accesses, vault }: Deps): ApiAccessStore {
  const binding = createSealBinding("access", connectorId);
  const open = (sealed: string) => openJson<ApiAccess>(vault, sealed, binding);

  return {
    async claim({ replacing, what = "token" }): Promise<Claim> {
      const lease = randomUUID();
      const claimed = await accesses.claim({
        connectorId,
        credentialsVersion,
        lease,
        what,
        ...(replacing === undefined ? {} : { replacing }),
      });
      switch (claimed.kind) {
        case "cached":
          return { kind: "cached", access: open(claimed.access) };
        case "lease":
          return { kind: "lease", lease, ...(claimed.access === undefined ? {} : { current: open(claimed.access) }) };
        case "busy":
        case "waiting":
        case "refused":
        case "not-allowed":
          return claimed;
      }
    },
    async grant(lease, access) {
      const sealed = sealJson(vault, access, binding);
      const lifetimeMs = Math.max(0, Math.round(access.expiresAt - access.obtainedAt));
      const renewAfterMs = Math.max(0, Math.round(lifetimeMs - renewalLeadMs(access)));
      await accesses.grant({ connectorId, lease, access: sealed, version: access.version, lifetimeMs, renewAfterMs });
    },
    async fail(lease, failure) {
      await accesses.fail({ connectorId, lease, ...failure });
    },
  };
}
