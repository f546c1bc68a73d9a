/** The registry: connectors and the hashes of their tokens. */
import type { Connector } from "@baton/domain";
import { registryTag } from "./keys.ts";
import type { RedisConnection } from "./redis.ts";
import { answered, createScript, number, text } from "./script.ts";

/** StoredConnector is a connector with its credentials as they rest: sealed. */
export interface StoredConnector {
  readonly connector: Connector;
  readonly credentials: string;
}

/** StoredToken is a connector token as it rests: its hash. Instants are epoch milliseconds. */
export interface StoredToken {
  readonly connectorId: string;
  readonly hash: string;
  readonly createdAt: number;
  readonly expiresAt?: number;
}

export type CreatedConnector =
  | { readonly kind: "created" }
  | { readonly kind: "project-taken"; readonly connectorId: string }
  | { readonly kind: "number-taken"; readonly number: string };

/** TokenIssue: `overlapMs` is how long the connector's older tokens still work; absent, they stay as they are. */
export interface TokenIssue {
  readonly connectorId: string;
  readonly tokenId: string;
  readonly hash: string;
  readonly overlapMs?: number;
}

export type ConnectorStore = ReturnType<typeof createConnectorStore>;

/** createConnectorStore gives the registry. Throws when Redis cannot be reached. */
export function createConnectorStore(redis: RedisConnection, namespace: string) {
  const tag = registryTag(namespace);
  const create = createScript<object>("connector-create");
  const issue = createScript<object>("token-issue");
  const fetch = createScript<object>("registry-get");

  async function read(id: string): Promise<StoredConnector | undefined> {
    const json = text(await fetch(redis, tag, { keys: [`:cn:${id}`] }), 0);
    return json === "" ? undefined : (JSON.parse(json) as StoredConnector);
  }

  return {
    read,

    /** create claims the project and the numbers in one step: of two who ask at the same moment one wins. */
    async create(stored: StoredConnector): Promise<CreatedConnector> {
      const { connector } = stored;
      const reply = await create(redis, tag, {
        id: connector.id,
        project: JSON.stringify([connector.accountId, connector.projectId, connector.environment]),
        numbers: connector.pseudoNumbers.map(digitsOf),
        connector: JSON.stringify(stored),
        createdAt: connector.createdAt,
      });
      const kind = text(reply, 0) as CreatedConnector["kind"];
      switch (kind) {
        case "created":
          return { kind };
        case "project-taken":
          return { kind, connectorId: text(reply, 1) };
        case "number-taken":
          return { kind, number: text(reply, 1) };
      }
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

    /** issueToken keeps a new token's hash; undefined where the connector does not exist. */
    async issueToken(token: TokenIssue): Promise<{ createdAt: number } | undefined> {
      const reply = await issue(redis, tag, token);
      return text(reply, 0) === "issued" ? { createdAt: number(reply, 1) } : undefined;
    },

    /** token finds a token by its id. */
    async token(tokenId: string): Promise<StoredToken | undefined> {
      const reply = await fetch(redis, tag, { hash: `:token:${tokenId}`, fields: ["connectorId", "hash", "createdAt", "expiresAt"] });
      if (text(reply, 0) === "") return undefined;
      const expiresAt = text(reply, 3);
      return {
        connectorId: text(reply, 0),
        hash: text(reply, 1),
        createdAt: number(reply, 2),
        ...(expiresAt === "" ? {} : { expiresAt: Number(expiresAt) }),
      };
    },
  };
}

/** digitsOf is how pseudo numbers are compared: `+1 (555) 0100` is `15550100`. */
export function digitsOf(pseudoNumber: string): string {
  return pseudoNumber.replaceAll(/\D/g, "");
}
