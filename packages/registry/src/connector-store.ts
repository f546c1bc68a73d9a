/** The registry's connectors: who claims which project and which pseudo numbers. */
import { type Connector, normalizePseudoNumberToDigits } from "@baton/domain";
import type { RedisConnection } from "@baton/redis/connection";
import {
  createLuaScript,
  cutReplyIntoRows,
  type Reply,
  readReplyNumber,
  readReplyText,
  withCommandTimeout,
} from "@baton/redis/lua-script";
import type { PageCursor } from "@baton/redis/shard-pages";
import { registryHashTag } from "@baton/redis/shards";
import { createConnectorTokenStore } from "./connector-token-store.ts";

/** StoredConnector is a connector with its credentials as they rest: sealed. */
export interface StoredConnector {
  readonly connector: Connector;
  readonly credentials: string;
  /** The version since which credentials and target are these; the first unless said. */
  readonly credentialsVersion?: number;
  /** Since when it is paused, epoch milliseconds; absent where it is not, or where that is not known. */
  readonly pausedSince?: number;
}

/** UniquenessConflict: another connector has the project, or the number (as digits). */
export type UniquenessConflict =
  | { readonly kind: "project-taken"; readonly connectorId: string }
  | { readonly kind: "number-taken"; readonly number: string };

/** CreateConnectorResult says who has the project or the number, where it is not free. */
export type CreateConnectorResult = { readonly kind: "created" } | UniquenessConflict;
/** ChangeConnectorResult: `stale` where the connector is gone, or was changed meanwhile. */
export type ChangeConnectorResult = { readonly kind: "changed" } | { readonly kind: "stale" } | UniquenessConflict;

/** ConnectorEntry is what the list of connectors says of each. `createdAt` is epoch milliseconds. */
export interface ConnectorEntry {
  readonly id: string;
  readonly createdAt: number;
  readonly paused: boolean;
}

/** ConnectorPage is asked for behind an entry of the one before; the first page without. */
export interface ConnectorPage {
  readonly after?: PageCursor;
  readonly limit: number;
}

/** CONNECTORS_PER_STEP are read in one command: one or two milliseconds of Redis's time. */
const CONNECTORS_PER_STEP = 500;

export type ConnectorStore = ReturnType<typeof createConnectorStore>;

/** createConnectorStore gives the registry. Throws when Redis cannot be reached. */
export function createConnectorStore(redis: RedisConnection, namespace: string) {
  const tag = registryHashTag(namespace);
  const write = createLuaScript(import.meta, "connector-write");
  const readPage = createLuaScript(import.meta, "connector-page");
  const pauseOrResume = createLuaScript(import.meta, "pause-or-resume-everything");

  async function read(id: string): Promise<StoredConnector | undefined> {
    const json = await withCommandTimeout(redis.get(`${tag}:cn:${id}`));
    return json === null ? undefined : (JSON.parse(json) as StoredConnector);
  }

  /** change puts `after` in the place of `before`, in one step with its claims. */
  async function change(before: StoredConnector, after: StoredConnector): Promise<ChangeConnectorResult> {
    const args = { id: before.connector.id, before: storedVersionArguments(before), next: nextVersionArguments(after) };
    const reply = await write(redis, tag, args);
    const kind = readReplyText(reply, 0);
    if (kind === "stale") return { kind };
    return kind === "written" ? { kind: "changed" } : readConflict(reply);
  }

  /** page gives a page of connectors, the oldest first; a short one is the last. */
  async function page({ after, limit }: ConnectorPage): Promise<readonly StoredConnector[]> {
    const flat = await readPage(redis, tag, { after, limit, documents: true });
    return documentsIn(rowsOf(flat));
  }

  /** readInSteps goes through all connectors, the oldest first. */
  async function* readInSteps(documents: boolean): AsyncGenerator<readonly ConnectorRow[]> {
    let after: PageCursor | undefined;
    for (;;) {
      const rows = rowsOf(await readPage(redis, tag, { after, limit: CONNECTORS_PER_STEP, documents }));
      yield rows;
      const last = rows.at(-1);
      if (last === undefined || rows.length < CONNECTORS_PER_STEP) return;
      after = { score: last.createdAt, member: last.id };
    }
  }

  return {
    ...createConnectorTokenStore(redis, namespace),
    read,
    page,

    /** entries goes through all connectors, the oldest first, in steps. */
    entries: (): AsyncGenerator<readonly ConnectorEntry[]> => readInSteps(false),

    /** count gives how many there are. */
    count: (): Promise<number> => withCommandTimeout(redis.zcard(`${tag}:connectors`)),

    /** readSome gives those of these that exist, in their order. */
    async readSome(ids: readonly string[]): Promise<readonly StoredConnector[]> {
      const found: StoredConnector[] = [];
      for (let first = 0; first < ids.length; first += CONNECTORS_PER_STEP) {
        const keys = ids.slice(first, first + CONNECTORS_PER_STEP).map((id) => `${tag}:cn:${id}`);
        const documents = await withCommandTimeout(redis.mget(keys));
        for (const document of documents) if (document !== null) found.push(JSON.parse(document));
      }
      return found;
    },

    /** missing gives those of these ids that no connector has. */
    async missing(ids: readonly string[]): Promise<readonly string[]> {
      const missing: string[] = [];
      for (let first = 0; first < ids.length; first += CONNECTORS_PER_STEP) {
        const some = ids.slice(first, first + CONNECTORS_PER_STEP);
        const scores = await withCommandTimeout(redis.zmscore(`${tag}:connectors`, ...some));
        missing.push(...some.filter((_, i) => scores[i] === null));
      }
      return missing;
    },

    /** create claims the project and the numbers in one step: of two who ask at the same moment one wins. */
    async create(stored: StoredConnector): Promise<CreateConnectorResult> {
      const reply = await write(redis, tag, { id: stored.connector.id, next: nextVersionArguments(stored) });
      return readReplyText(reply, 0) === "written" ? { kind: "created" } : readConflict(reply);
    },

    change,

    /**
     * swapCredentials puts credentials that were sealed anew in the place of `before`; false where they are others
     * meanwhile, or gone. Nothing else of the connector changes.
     */
    async swapCredentials(id: string, swap: { readonly before: string; readonly after: string }): Promise<boolean> {
      for (;;) {
        const stored = await read(id);
        if (stored?.credentials !== swap.before) return false;
        const { kind } = await change(stored, { ...stored, credentials: swap.after });
        // It is stale where something else of the connector was changed in between.
        if (kind !== "stale") return kind === "changed";
      }
    },

    /**
     * remove takes a connector out, with its claims, tokens and keys; false where it is gone, or was changed meanwhile.
     */
    async remove(before: StoredConnector): Promise<boolean> {
      const args = { id: before.connector.id, before: storedVersionArguments(before) };
      return readReplyText(await write(redis, tag, args), 0) === "written";
    },

    /**
     * all gives every connector, the oldest first: for commands that go through everything, not for a process that
     * serves.
     */
    async all(): Promise<readonly StoredConnector[]> {
      const all: StoredConnector[] = [];
      for await (const rows of readInSteps(true)) all.push(...documentsIn(rows));
      return all;
    },

    /**
     * ownerOf names the connector that a pseudo number belongs to, however it is spelled; undefined where none
     * has it.
     */
    async ownerOf(pseudoNumber: string): Promise<string | undefined> {
      return (
        (await withCommandTimeout(
          redis.hget(`${tag}:owners`, `number:${normalizePseudoNumberToDigits(pseudoNumber)}`),
        )) ?? undefined
      );
    },

    /**
     * pauseEverything keeps the pause of everything: processes see it with their next heartbeat. `since` is left out
     * where there is a pause already: its beginning stays.
     */
    async pauseEverything({ paused, pausedUntil }: GlobalPause, since?: number): Promise<void> {
      const begun = since === undefined ? {} : { pausedSince: String(since) };
      await pauseOrResume(redis, tag, paused ? { paused: String(pausedUntil ?? 1), ...begun } : {});
    },

    /** everythingPausedSince is when the last pause of everything began; undefined where that is not known. */
    async everythingPausedSince(): Promise<number | undefined> {
      const since = await withCommandTimeout(redis.hget(`${tag}:meta`, "pausedSince"));
      return since === null ? undefined : Number(since);
    },
  };
}

/** GlobalPause: `pausedUntil` is when it ends by itself, epoch milliseconds. */
export interface GlobalPause {
  readonly paused: boolean;
  readonly pausedUntil?: number;
}

function storedVersionArguments(stored: StoredConnector) {
  return { version: stored.connector.version, credentials: stored.credentials, ...uniqueClaimsOf(stored) };
}

function nextVersionArguments(stored: StoredConnector) {
  const { version, createdAt, paused } = stored.connector;
  return { version, createdAt, paused, document: JSON.stringify(stored), ...uniqueClaimsOf(stored) };
}

/** uniqueClaimsOf gives what only one connector may have. */
function uniqueClaimsOf({ connector }: StoredConnector) {
  const { accountId, projectId, environment, pseudoNumbers } = connector;
  return {
    project: JSON.stringify([accountId, projectId, environment]),
    numbers: pseudoNumbers.map(normalizePseudoNumberToDigits),
  };
}

/** ConnectorRow is a connector in a script's reply; '' where no document was asked for. */
type ConnectorRow = ConnectorEntry & { readonly document: string };

function documentsIn(rows: readonly ConnectorRow[]): readonly StoredConnector[] {
  return rows.flatMap(({ document }) => (document === "" ? [] : [JSON.parse(document) as StoredConnector]));
}

function rowsOf(flat: readonly Reply[]): readonly ConnectorRow[] {
  return cutReplyIntoRows(flat, 4).map((row) => ({
    id: readReplyText(row, 0),
    createdAt: readReplyNumber(row, 1),
    paused: readReplyText(row, 2) === "1",
    document: readReplyText(row, 3),
  }));
}

function readConflict(reply: readonly Reply[]): UniquenessConflict {
  const kind = readReplyText(reply, 0) as UniquenessConflict["kind"];
  switch (kind) {
    case "project-taken":
      return { kind, connectorId: readReplyText(reply, 1) };
    case "number-taken":
      return { kind, number: readReplyText(reply, 1) };
  }
}
