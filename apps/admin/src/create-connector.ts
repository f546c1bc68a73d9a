/** Creating a connector: hosts checked, credentials sealed, project and numbers claimed. */
import { randomBytes } from "node:crypto";
import type { ConnectorInput } from "@baton/api";
import { type Connector, createId, ID_RANDOM_BYTES } from "@baton/domain";
import type { CreatedConnector, StoredConnector } from "@baton/store";
import type { Vault } from "@baton/vault";
import { type AllowedHosts, checkHosts } from "./check-hosts.ts";
import { claimRefusal } from "./claim-refusal.ts";
import { sealCredentials } from "./credentials.ts";
import { differences } from "./revise-connector.ts";

interface Deps {
  readonly connectors: { create(stored: StoredConnector): Promise<CreatedConnector> };
  readonly vault: Pick<Vault, "seal">;
  readonly allowedHosts: AllowedHosts;
  /** The shard of a new connector. */
  readonly pickShard: () => number;
  /** Epoch milliseconds on Redis's clock. */
  readonly now: () => number;
}

/** CreateConnector throws Refusal `invalid-connector`, `project-taken` or `number-taken`. */
export type CreateConnector = (input: ConnectorInput) => Promise<Connector>;

/** PreviewCreate gives JSON pointers to all that a connector would be made of. Throws Refusal `invalid-connector`. */
export type PreviewCreate = (input: ConnectorInput) => readonly string[];

/** createPreviewCreate makes nothing; whether project and numbers are free shows only when they are claimed. */
export function createPreviewCreate({ allowedHosts }: Pick<Deps, "allowedHosts">): PreviewCreate {
  return (input) => {
    checkHosts(input.cxone, allowedHosts);
    return differences({ cxone: {}, credentials: {}, delivery: {} }, input);
  };
}

/** createCreateConnector seals the credentials before anything leaves this process. */
export function createCreateConnector({ connectors, vault, allowedHosts, pickShard, now }: Deps): CreateConnector {
  return async ({ credentials, ...input }) => {
    checkHosts(input.cxone, allowedHosts);
    const createdAt = now();
    const id = createId("cn", pickShard(), createdAt, randomBytes(ID_RANDOM_BYTES));
    const connector: Connector = { ...input, id, version: 1, createdAt };
    const created = await connectors.create({ connector, credentials: sealCredentials(vault, id, credentials) });
    if (created.kind !== "created") throw claimRefusal(created, connector);
    return connector;
  };
}
