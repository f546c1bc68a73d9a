/** Changing a connector: the next version in the place of the one before, whoever else changes it meanwhile. */
import { isDeepStrictEqual } from "node:util";
import type { Connector } from "@baton/domain";
import type { ChangedConnector, StoredConnector } from "@baton/store";
import { claimRefusal } from "./claim-refusal.ts";
import { notFound } from "./not-found.ts";

interface Deps {
  readonly connectors: {
    read(id: string): Promise<StoredConnector | undefined>;
    change(before: StoredConnector, after: StoredConnector): Promise<ChangedConnector>;
  };
  readonly accesses: { drop(connectorId: string, basis: number): Promise<void> };
}

/** Revision is what a change makes of a connector; new credentials are sealed. */
export interface Revision {
  readonly connector: Connector;
  readonly credentials?: string;
}

/**
 * ChangeConnector applies `revise` to the latest version, again should another change come first; what changes nothing
 * leaves the version as it is. Throws Refusal `not-found`, `project-taken`, `number-taken`, and what `revise` throws.
 */
export type ChangeConnector = (id: string, revise: (stored: StoredConnector) => Revision) => Promise<Connector>;

/** createChangeConnector also drops the CXone access that was fetched with other credentials or for another target. */
export function createChangeConnector({ connectors, accesses }: Deps): ChangeConnector {
  return async (id, revise) => {
    for (;;) {
      const before = await connectors.read(id);
      if (before === undefined) throw notFound("connector", id);
      const revision = revise(before);
      if (revision.credentials === undefined && isDeepStrictEqual(revision.connector, before.connector))
        return before.connector;
      const after = nextVersion(before, revision);
      const changed = await connectors.change(before, after);
      if (changed.kind === "stale") continue;
      if (changed.kind !== "changed") throw claimRefusal(changed, after.connector);
      const { version } = after.connector;
      if (after.accessBasis === version) await accesses.drop(id, version);
      return after.connector;
    }
  };
}

function nextVersion(before: StoredConnector, { connector, credentials }: Revision): StoredConnector {
  const version = before.connector.version + 1;
  const { issuer, tenantId, apiEndpoint } = before.connector.cxone;
  const target = connector.cxone;
  const elsewhere = target.issuer !== issuer || target.tenantId !== tenantId || target.apiEndpoint !== apiEndpoint;
  const accessBasis = elsewhere || credentials !== undefined ? version : before.accessBasis;
  return {
    connector: { ...connector, id: before.connector.id, createdAt: before.connector.createdAt, version },
    credentials: credentials ?? before.credentials,
    ...(accessBasis === undefined ? {} : { accessBasis }),
  };
}
