/** The registry's connectors: who claims which project and which pseudo numbers. */
import { type Connector, digitsOf } from "@baton/domain";
import { registryTag } from "./keys.ts";
import type { RedisConnection } from "./redis.ts";
import { answered, createScript, type Reply, text } from "./script.ts";
import { createTokenStore } from "./token-store.ts";

/** StoredConnector is a connector with its credentials as they rest: sealed. */
export interface StoredConnector {
  readonly connector: Connector;
  readonly credentials: string;
  /** The version since which credentials and target are these; the first unless said. */
  readonly accessBasis?: number;
}

/** ClaimRefused: another connector has the project, or the number (as digits). */
export type ClaimRefused =
  | { readonly kind: "project-taken"; readonly connectorId: string }
  | { readonly kind: "number-taken"; readonly number: string };

export type CreatedConnector = { readonly kind: "created" } | ClaimRefused;
/** ChangedConnector: `stale` where the connector is gone, or somebody else changed it meanwhile. */
export type ChangedConnector = { readonly kind: "changed" } | { readonly kind: "stale" } | ClaimRefused;

export type ConnectorStore = ReturnType<typeof createConnectorStore>;

/** createConnectorStore gives the registry. Throws when Redis cannot be reached. */
export function createConnectorStore(redis: RedisConnection, namespace: string) {
  const tag = registryTag(namespace);
  const create = createScript<object>("connector-create");
  const change = createScript<object>("connector-change");
  const remove = createScript<object>("connector-remove");
  const fetch = createScript<object>("registry-get");

  async function read(id: string): Promise<StoredConnector | undefined> {
    const json = text(await fetch(redis, tag, { keys: [`:cn:${id}`] }), 0);
    return json === "" ? undefined : (JSON.parse(json) as StoredConnector);
  }

  return {
    ...createTokenStore(redis, namespace),
    read,

    /** create claims the project and the numbers in one step: of two who ask at the same moment one wins. */
    async create(stored: StoredConnector): Promise<CreatedConnector> {
      const { id, createdAt } = stored.connector;
      const reply = await create(redis, tag, { id, createdAt, connector: JSON.stringify(stored), ...claimsOf(stored) });
      return text(reply, 0) === "created" ? { kind: "created" } : readRefusal(reply);
    },

    /** change puts `after` in the place of `before`, in one step with its claims. */
    async change(before: StoredConnector, after: StoredConnector): Promise<ChangedConnector> {
      const args = { id: after.connector.id, before: versionOf(before), connector: JSON.stringify(after), ...claimsOf(after) };
      const reply = await change(redis, tag, args);
      const kind = text(reply, 0);
      return kind === "changed" || kind === "stale" ? { kind } : readRefusal(reply);
    },

    /** remove takes a connector out, with its claims, tokens and keys; false where it is gone, or was changed meanwhile. */
    async remove(before: StoredConnector): Promise<boolean> {
      return text(await remove(redis, tag, { id: before.connector.id, before: versionOf(before) }), 0) === "removed";
    },

    /** all gives every connector, the oldest first. */
    async all(): Promise<readonly StoredConnector[]> {
      const ids = await answered(redis.zrange(`${tag}:connectors`, "0", "-1"));
      if (ids.length === 0) return [];
      const documents = await fetch(redis, tag, { keys: ids.map((id) => `:cn:${id}`) });
      return documents.flatMap((document) =>
        typeof document === "string" && document !== "" ? [JSON.parse(document) as StoredConnector] : [],
      );
    },

    /** ownerOf names the connector that a pseudo number belongs to, however it is spelled; undefined where nobody has it. */
    async ownerOf(pseudoNumber: string): Promise<string | undefined> {
      return (await answered(redis.hget(`${tag}:numbers`, digitsOf(pseudoNumber)))) ?? undefined;
    },

    /** stop is everything's pause: processes hear of it with their next beat. */
    async stop(stopped: boolean): Promise<void> {
      await answered<unknown>(stopped ? redis.set(`${tag}:stopped`, "1") : redis.del(`${tag}:stopped`));
    },
  };
}

function versionOf(stored: StoredConnector) {
  return { version: stored.connector.version, credentials: stored.credentials, ...claimsOf(stored) };
}

function claimsOf({ connector }: StoredConnector) {
  const { accountId, projectId, environment, pseudoNumbers } = connector;
  return { project: JSON.stringify([accountId, projectId, environment]), numbers: pseudoNumbers.map(digitsOf) };
}

function readRefusal(reply: readonly Reply[]): ClaimRefused {
  const kind = text(reply, 0) as ClaimRefused["kind"];
  switch (kind) {
    case "project-taken":
      return { kind, connectorId: text(reply, 1) };
    case "number-taken":
      return { kind, number: text(reply, 1) };
  }
}
