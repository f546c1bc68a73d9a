/** Patching a connector: the members given are replaced, and the whole is checked as if it were new. */
import { type ConnectorPatch, needsCredentials, parseOrRefuse, patchConnector, patchedConnectorSchema } from "@baton/api";
import type { Connector } from "@baton/domain";
import type { StoredConnector } from "@baton/store";
import type { Vault } from "@baton/vault";
import type { ChangeConnector, Revision } from "./change-connector.ts";
import { type AllowedHosts, checkHosts } from "./check-hosts.ts";
import { openCredentials, sealCredentials } from "./credentials.ts";

interface Deps {
  readonly changeConnector: ChangeConnector;
  readonly vault: Pick<Vault, "seal" | "open">;
  readonly allowedHosts: AllowedHosts;
}

/** PatchConnector throws Refusal `not-found`, `invalid-connector`, `project-taken` or `number-taken`. */
export type PatchConnector = (id: string, patch: ConnectorPatch) => Promise<Connector>;

/** createPatchConnector opens the credentials only where a patch gives some of them. */
export function createPatchConnector({ changeConnector, vault, allowedHosts }: Deps): PatchConnector {
  return (id, patch) => changeConnector(id, (stored) => revise(stored, patch));

  function revise({ connector, credentials: sealed }: StoredConnector, patch: ConnectorPatch): Revision {
    const known = needsCredentials(patch) ? openCredentials(vault, connector.id, sealed) : undefined;
    const { credentials, ...members } = parseOrRefuse(patchedConnectorSchema, patchConnector(connector, patch, known), {
      code: "invalid-connector",
      detail: "the connector would not be valid; nothing was changed",
    });
    checkHosts(members.cxone, allowedHosts);
    const { id, version, createdAt } = connector;
    return {
      connector: { ...members, id, version, createdAt },
      ...(credentials === undefined ? {} : { credentials: sealCredentials(vault, id, credentials) }),
    };
  }
}
