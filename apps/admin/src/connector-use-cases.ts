/** Connectors: create, list, read, change, delete. */
import { randomBytes } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import type { ConnectorInput, ConnectorPatch, Page } from "@baton/api";
import {
  type Connector,
  createIdInShard,
  currentPauseOfConnector,
  ID_RANDOM_BYTES,
  normalizePseudoNumberToDigits,
  Refusal,
} from "@baton/domain";
import type { ConnectorStore, StoredConnector, UniquenessConflict } from "@baton/registry/connector-store";
import type { Vault } from "@baton/vault";
import {
  type AllowedHosts,
  type ApplyConnectorPatch,
  listPointersToChangedFields,
  type Revision,
  refuseDisallowedCxOneHosts,
} from "./apply-connector-patch.ts";
import { buildPageWithNextCursor, type PageRequest, readListCursor } from "./cursor-pagination.ts";
import type { ExpireOverdueBeforeReading } from "./expire-overdue-before-reading.ts";
import { findConnectorOrRefuse } from "./find-connector-or-refuse.ts";
import { sealCredentials } from "./sealed-connector-credentials.ts";

interface Deps {
  readonly connectors: Pick<ConnectorStore, "create" | "page" | "read" | "remove">;
  readonly vault: Pick<Vault, "seal">;
  readonly allowedHosts: AllowedHosts;
  readonly applyConnectorPatch: ApplyConnectorPatch;
  readonly changeConnectorWithRetry: ChangeConnectorWithRetry;
  /** Keeps a connector from accepting more; false where handoffs are pending. */
  readonly closeConnector: (id: string) => Promise<boolean>;
  readonly expireOverdue: ExpireOverdueBeforeReading;
  /** The shard of a new connector. */
  readonly pickShard: () => number;
  /** Epoch milliseconds on Redis's clock. */
  readonly now: () => number;
}

/**
 * ConnectorUseCases: those that take an id throw Refusal `not-found`. A preview changes nothing, so it cannot tell
 * whether project and numbers are still free.
 */
export interface ConnectorUseCases {
  /** Throws Refusal `invalid-connector`, `project-taken` or `number-taken`. */
  createConnector(input: ConnectorInput): Promise<Connector>;
  /** Gives JSON pointers to the fields of a new connector. Throws Refusal `invalid-connector`. */
  previewConnectorCreation(input: ConnectorInput): readonly string[];
  /** Gives a page, the oldest first. */
  listConnectors(page: PageRequest): Promise<Page<Connector>>;
  readConnector(id: string): Promise<Connector>;
  /** Replaces the fields given. Throws Refusal `invalid-connector`, `project-taken` or `number-taken`, too. */
  patchConnector(id: string, patch: ConnectorPatch): Promise<Connector>;
  /** Gives JSON pointers to what a patch would change. Throws Refusal `invalid-connector`, too. */
  previewConnectorPatch(id: string, patch: ConnectorPatch): Promise<readonly string[]>;
  /** Its dead letters stay for as long as they are kept. Throws Refusal `handoffs-pending`, too. */
  deleteConnector(id: string): Promise<void>;
}

export function createConnectorUseCases(deps: Deps): ConnectorUseCases {
  const { connectors, allowedHosts, applyConnectorPatch, changeConnectorWithRetry } = deps;
  return {
    createConnector: (input) => createConnector(deps, input),
    previewConnectorCreation(input) {
      refuseDisallowedCxOneHosts(input.cxone, allowedHosts);
      return listPointersToChangedFields({ cxone: {}, credentials: {}, delivery: {} }, input);
    },
    listConnectors: (page) => listConnectors(deps, page),
    readConnector: async (id) => (await findConnectorOrRefuse(connectors, id)).connector,
    patchConnector: (id, patch) => changeConnectorWithRetry(id, (stored) => applyConnectorPatch(stored, patch)),
    async previewConnectorPatch(id, patch) {
      const stored = await findConnectorOrRefuse(connectors, id);
      return applyConnectorPatch(stored, patch).changed;
    },
    deleteConnector: (id) => deleteConnector(deps, id),
  };
}

/** createConnector seals the credentials before anything leaves this process. */
async function createConnector(
  { connectors, vault, allowedHosts, pickShard, now }: Deps,
  { credentials, ...input }: ConnectorInput,
): Promise<Connector> {
  refuseDisallowedCxOneHosts(input.cxone, allowedHosts);
  const createdAt = now();
  const id = createIdInShard("cn", pickShard(), createdAt, randomBytes(ID_RANDOM_BYTES));
  const connector: Connector = { ...input, id, version: 1, createdAt };
  const created = await connectors.create({
    connector,
    credentials: sealCredentials(vault, id, credentials),
    ...pausedSinceOf(connector, undefined, createdAt),
  });
  if (created.kind !== "created") throw uniquenessRefusal(created, connector);
  return connector;
}

/** LIST names the list in its cursors. */
const LIST = "connectors";

/** listConnectors reads one more than a page holds, to know whether another follows. */
async function listConnectors({ connectors }: Deps, { cursor, limit }: PageRequest): Promise<Page<Connector>> {
  const after = cursor === undefined ? {} : { after: readListCursor(LIST, cursor) };
  const found = (await connectors.page({ ...after, limit: limit + 1 })).map(({ connector }) => connector);
  const items = found.slice(0, limit);
  const last = items.at(-1);
  const hasNext = last !== undefined && found.length > limit;
  return buildPageWithNextCursor(LIST, items, hasNext ? { score: last.createdAt, member: last.id } : undefined);
}

/** deleteConnector closes a connector before it removes it, and begins again if it was changed in between. */
async function deleteConnector({ connectors, closeConnector, expireOverdue }: Deps, id: string): Promise<void> {
  for (;;) {
    const stored = await findConnectorOrRefuse(connectors, id);
    await expireOverdue(id);
    if (!(await closeConnector(id))) {
      throw new Refusal(
        "handoffs-pending",
        `${id} has handoffs queued or being sent; disable it, and let them end or cancel them`,
      );
    }
    if (await connectors.remove(stored)) return;
  }
}

interface ChangeDeps {
  readonly connectors: Pick<ConnectorStore, "read" | "change">;
  readonly accesses: { drop(connectorId: string, credentialsVersion: number): Promise<void> };
  /** Epoch milliseconds on Redis's clock. */
  readonly now: () => number;
}

/**
 * ChangeConnectorWithRetry applies `revise` to the latest version, and again where another change came first. A
 * revision that changes nothing leaves the version as it is. Throws Refusal `not-found`, `project-taken`,
 * `number-taken`, and what `revise` throws.
 */
export type ChangeConnectorWithRetry = (
  id: string,
  revise: (stored: StoredConnector) => Revision,
) => Promise<Connector>;

/**
 * createChangeConnectorWithRetry also drops the CXone access that was fetched with other credentials or for another
 * target.
 */
export function createChangeConnectorWithRetry({ connectors, accesses, now }: ChangeDeps): ChangeConnectorWithRetry {
  return async (id, revise) => {
    for (;;) {
      const before = await findConnectorOrRefuse(connectors, id);
      const revision = revise(before);
      if (revision.credentials === undefined && isDeepStrictEqual(revision.connector, before.connector))
        return before.connector;
      const after = nextVersion(before, revision, now());
      const changed = await connectors.change(before, after);
      if (changed.kind === "stale") continue;
      if (changed.kind !== "changed") throw uniquenessRefusal(changed, after.connector);
      const { version } = after.connector;
      if (after.credentialsVersion === version) await accesses.drop(id, version);
      return after.connector;
    }
  };
}

/**
 * nextVersion gives the version the moment of the change: where Redis loses the latest one, the next one is not taken
 * for it.
 */
function nextVersion(before: StoredConnector, { connector, credentials }: Revision, now: number): StoredConnector {
  const version = Math.max(before.connector.version + 1, now);
  const { issuer, tenantId, apiEndpoint } = before.connector.cxone;
  const target = connector.cxone;
  const isRetargeted = target.issuer !== issuer || target.tenantId !== tenantId || target.apiEndpoint !== apiEndpoint;
  const credentialsVersion = isRetargeted || credentials !== undefined ? version : before.credentialsVersion;
  return {
    connector: { ...connector, id: before.connector.id, createdAt: before.connector.createdAt, version },
    credentials: credentials ?? before.credentials,
    ...(credentialsVersion === undefined ? {} : { credentialsVersion }),
    ...pausedSinceOf(connector, before, now),
  };
}

/** pausedSinceOf says since when a connector is paused: a pause that goes on keeps its beginning. */
function pausedSinceOf(
  connector: Pick<Connector, "paused" | "pausedUntil">,
  before: StoredConnector | undefined,
  now: number,
): Pick<StoredConnector, "pausedSince"> {
  if (currentPauseOfConnector(connector, now) === undefined) return {};
  if (before === undefined || currentPauseOfConnector(before.connector, now) === undefined) return { pausedSince: now };
  return before.pausedSince === undefined ? {} : { pausedSince: before.pausedSince };
}

/** uniquenessRefusal names the owner of the project; a number's owner may be another client, and is not named. */
function uniquenessRefusal(refused: UniquenessConflict, { pseudoNumbers }: Connector): Refusal {
  switch (refused.kind) {
    case "project-taken":
      return new Refusal(
        "project-taken",
        `this project and environment have connector ${refused.connectorId}; a project has one`,
      );
    case "number-taken": {
      const index = pseudoNumbers.findIndex((number) => normalizePseudoNumberToDigits(number) === refused.number);
      const errors = [{ pointer: `/pseudoNumbers/${index}`, message: "belongs to another connector" }];
      return new Refusal("number-taken", "a pseudo number belongs to one connector; only digits are compared", {
        errors,
      });
    }
  }
}
