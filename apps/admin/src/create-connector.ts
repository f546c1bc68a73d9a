/** Creating a connector: hosts checked, credentials sealed, project and numbers claimed. */
import { randomBytes } from "node:crypto";
import { type ConnectorInput, digitsOf } from "@baton/api";
import { type Complaint, type Connector, type CxOneTarget, createId, ID_RANDOM_BYTES, Refusal } from "@baton/domain";
import type { CreatedConnector, StoredConnector } from "@baton/store";
import type { Binding } from "@baton/vault";

interface Deps {
  readonly connectors: { create(stored: StoredConnector): Promise<CreatedConnector> };
  readonly vault: { seal(plain: string, binding: Binding): Buffer };
  readonly allowedHosts: { check(url: string): { readonly ok: true } | { readonly ok: false; readonly detail: string } };
  /** The shard of a new connector. */
  readonly pickShard: () => number;
  /** Epoch milliseconds on Redis's clock. */
  readonly now: () => number;
}

/** CreateConnector throws Refusal `invalid-connector`, `project-taken` or `number-taken`. */
export type CreateConnector = (input: ConnectorInput) => Promise<Connector>;

/** createCreateConnector seals the credentials before anything leaves this process. */
export function createCreateConnector({ connectors, vault, allowedHosts, pickShard, now }: Deps): CreateConnector {
  return async ({ credentials, ...input }) => {
    const complaints = complaintsAboutHosts(input.cxone, allowedHosts);
    if (complaints.length > 0) {
      const detail = "its addresses are not allowed; BATON_ALLOWED_HOSTS adds to CXone's own hosts";
      throw new Refusal("invalid-connector", detail, { errors: complaints });
    }
    const createdAt = now();
    const id = createId("cn", pickShard(), createdAt, randomBytes(ID_RANDOM_BYTES));
    const connector: Connector = { ...input, id, version: 1, createdAt };
    const sealed = vault.seal(JSON.stringify(credentials), { connectorId: id, record: id, field: "credentials" });
    const created = await connectors.create({ connector, credentials: sealed.toString("base64url") });
    return accepted(created, connector);
  };
}

function accepted(created: CreatedConnector, connector: Connector): Connector {
  switch (created.kind) {
    case "created":
      return connector;
    case "project-taken":
      throw new Refusal("project-taken", `this project and environment have connector ${created.connectorId}; a project has one`);
    case "number-taken": {
      const index = connector.pseudoNumbers.findIndex((number) => digitsOf(number) === created.number);
      const errors = [{ pointer: `/pseudoNumbers/${index}`, message: "belongs to another connector" }];
      throw new Refusal("number-taken", "a pseudo number belongs to one connector; only digits are compared", { errors });
    }
  }
}

function complaintsAboutHosts({ issuer, apiEndpoint }: CxOneTarget, allowedHosts: Deps["allowedHosts"]): readonly Complaint[] {
  return Object.entries({ issuer, apiEndpoint }).flatMap(([name, url]) => {
    const verdict = url === undefined ? { ok: true as const } : allowedHosts.check(url);
    return verdict.ok ? [] : [{ pointer: `/cxone/${name}`, message: verdict.detail }];
  });
}
