/**
 * Everything that rests sealed, for moving it to another key: found in small steps, and put back only where it was
 * not changed meanwhile.
 */
import type { RedisConnection } from "@baton/redis/connection";
import { createLuaScript, readRedisTime, readReplyNumbersByName, withCommandTimeout } from "@baton/redis/lua-script";
import type { PageCursor } from "@baton/redis/shard-pages";
import { requireShardTagOfId, type Shards } from "@baton/redis/shards";

/**
 * SealedValue is one sealed thing, base64url. `record` is the handoff's id, or the connector's own; `head` its first
 * characters.
 */
export interface SealedValue {
  readonly kind: "credentials" | "access" | "params" | "context";
  readonly connectorId: string;
  readonly record: string;
  readonly head: string;
}

/** SealedPage is a page of a shard's handoffs; `last` is where the next one begins, undefined at the end. */
export interface SealedPage {
  readonly handoffs: number;
  readonly entries: readonly SealedValue[];
  readonly last?: PageCursor;
}

/** SealedSwap puts `after` in the place of `before`. */
export interface SealedSwap {
  readonly entry: SealedValue;
  readonly before: string;
  readonly after: string;
}

/** ResealCheckpoint is how far a reseal to the key `to` has come in a shard: `passed` handoffs, up to `last`. */
export interface ResealCheckpoint {
  readonly to: string;
  readonly passed: number;
  readonly last: PageCursor;
}

/** SealedCredentials finds the connectors' credentials, which lie in the registry, and puts them back. */
export interface SealedCredentials {
  all(): Promise<readonly { readonly connector: { readonly id: string }; readonly credentials: string }[]>;
  read(connectorId: string): Promise<{ readonly credentials: string } | undefined>;
  /** Puts `after` in the place of `before`; false where the credentials are others meanwhile, or gone. */
  swapCredentials(connectorId: string, swap: { readonly before: string; readonly after: string }): Promise<boolean>;
}

/** A page holds so many handoffs. */
const PAGE_LIMIT = 100;
/**
 * One script takes in so much, in characters: the largest context, sealed, needs 88,000 as it was and as it will be.
 */
const SWAP_CHARACTERS = 131_072;
/** In base64url, 48 characters hold 36 bytes: the key's id ends before. */
const HEAD_CHARACTERS = 48;
/** Fields of a shard's own hash: until when a key of the ring is needed for fingerprints, and how far a reseal came. */
const FINGERPRINT = "fingerprint:";
const RESEAL = "reseal";

export type ResealableValueStore = ReturnType<typeof createResealableValueStore>;

/**
 * createResealableValueStore looks over all shards. Every method throws `CommandTimeout` or the driver's error when
 * Redis cannot be reached, and may be asked twice.
 */
export function createResealableValueStore(shards: Shards, connectors: SealedCredentials) {
  const { redis } = shards;
  const reseal = createLuaScript(import.meta, "swap-resealed-values");
  const metaKey = (tag: string) => `${tag}:meta`;

  async function accessOf(connectorId: string): Promise<SealedValue[]> {
    const access = await withCommandTimeout(
      redis.hget(`${requireShardTagOfId(shards, "cn", connectorId)}:a:${connectorId}`, "access"),
    );
    return access ? [{ kind: "access", connectorId, record: connectorId, head: access.slice(0, HEAD_CHARACTERS) }] : [];
  }

  async function swapInShard(tag: string, swaps: readonly SealedSwap[]): Promise<number> {
    const args = { swaps: swaps.map(({ entry, before, after }) => ({ ...keyOfSealedValue(entry), before, after })) };
    return (await reseal(redis, tag, args)).reduce<number>((sum, done) => sum + Number(done), 0);
  }

  return {
    /**
     * connectors gives every connector's credentials, and its CXone access where one is kept. Throws where one is of a
     * shard that is not looked over.
     */
    async connectors(): Promise<readonly SealedValue[]> {
      const entries: SealedValue[] = [];
      for (const { connector, credentials } of await connectors.all()) {
        const { id } = connector;
        entries.push({ kind: "credentials", connectorId: id, record: id, head: credentials.slice(0, HEAD_CHARACTERS) });
        entries.push(...(await accessOf(id)));
      }
      return entries;
    },

    /**
     * handoffs gives a page of a shard's, the oldest first. Those that are accepted meanwhile come last, so that
     * reading to the end finds all.
     */
    async handoffs(tag: string, after?: PageCursor): Promise<SealedPage> {
      const { cursors, isLast } = await readCursors(redis, `${tag}:all`, after);
      const reads = cursors.map(({ member }) => readEntries(redis, tag, member));
      const entries = await withCommandTimeout(Promise.all(reads));
      const last = cursors.at(-1);
      return {
        handoffs: cursors.length,
        entries: entries.flat(),
        ...(isLast || last === undefined ? {} : { last }),
      };
    },

    /** count is how many handoffs a shard has. */
    count: (tag: string): Promise<number> => withCommandTimeout(redis.zcard(`${tag}:all`)),

    /** read gives an entry whole; undefined where it is gone. */
    async read(entry: SealedValue): Promise<string | undefined> {
      if (entry.kind === "credentials") return (await connectors.read(entry.connectorId))?.credentials;
      const { key, field } = keyOfSealedValue(entry);
      const place = `${requireShardTagOfId(shards, "cn", entry.connectorId)}${key}`;
      return (await withCommandTimeout(field === undefined ? redis.get(place) : redis.hget(place, field))) || undefined;
    },

    /**
     * swap puts what was sealed anew in its place, but for what was changed or removed meanwhile; gives how many it
     * put.
     */
    async swap(swaps: readonly SealedSwap[]): Promise<number> {
      let done = 0;
      for (const { entry, before, after } of swaps.filter(isCredentials)) {
        if (await connectors.swapCredentials(entry.connectorId, { before, after })) done += 1;
      }
      const byShard = Map.groupBy(
        swaps.filter((swap) => !isCredentials(swap)),
        ({ entry }) => requireShardTagOfId(shards, "cn", entry.connectorId),
      );
      for (const [tag, own] of byShard) for (const some of cutIntoBatches(own)) done += await swapInShard(tag, some);
      return done;
    },

    /** place gives how far an interrupted reseal has come in a shard. */
    async place(tag: string): Promise<ResealCheckpoint | undefined> {
      const json = await withCommandTimeout(redis.hget(metaKey(tag), RESEAL));
      return json === null ? undefined : (JSON.parse(json) as ResealCheckpoint);
    },

    /** remember notes how far a reseal has come in a shard. */
    async remember(tag: string, place: ResealCheckpoint): Promise<void> {
      await withCommandTimeout(redis.hset(metaKey(tag), RESEAL, JSON.stringify(place)));
    },

    /** forget strikes that note out. */
    async forget(tag: string): Promise<void> {
      await withCommandTimeout(redis.hdel(metaKey(tag), RESEAL));
    },

    /**
     * fingerprints gives, by key id, when the last body under an idempotency key is forgotten that is known by it.
     * Epoch milliseconds.
     */
    async fingerprints(tag: string): Promise<ReadonlyMap<string, number>> {
      const [now, fields] = await Promise.all([
        readRedisTime(redis, tag),
        withCommandTimeout(redis.hgetall(metaKey(tag))),
      ]);
      const all = Object.entries(fields)
        .filter(([name]) => name.startsWith(FINGERPRINT))
        .map(([name, at]) => [name.slice(FINGERPRINT.length), Number(at)] as const);
      return new Map(all.filter(([, at]) => at >= now));
    },
  };
}

function isCredentials({ entry }: SealedSwap): boolean {
  return entry.kind === "credentials";
}

/** keyOfSealedValue is where a shard keeps an entry, behind its tag. */
function keyOfSealedValue({ kind, record }: SealedValue): {
  readonly key: string;
  readonly field?: string;
  readonly handoffId?: string;
} {
  switch (kind) {
    case "access":
      return { key: `:a:${record}`, field: "access" };
    case "params":
      return { key: `:p:${record}`, handoffId: record };
    case "context":
      return { key: `:x:${record}`, handoffId: record };
    case "credentials":
      throw new Error("credentials lie in no shard");
  }
}

/**
 * readCursors gives up to PAGE_LIMIT entries of a sorted set behind the cursor, and whether they are its last. More are
 * read where more than a page have the cursor's score.
 */
async function readCursors(
  redis: RedisConnection,
  key: string,
  after: PageCursor | undefined,
): Promise<{ readonly cursors: readonly PageCursor[]; readonly isLast: boolean }> {
  const from = after?.score ?? "-inf";
  for (let most = PAGE_LIMIT + 1; ; most *= 2) {
    const flat = await withCommandTimeout(
      redis.zrange(key, from, "+inf", "BYSCORE", "LIMIT", "0", String(most), "WITHSCORES"),
    );
    const read = Array.from(readReplyNumbersByName(flat), ([member, score]) => ({ score, member }));
    const found = read.filter((cursor) => isAfterCursor(cursor, after));
    const isLast = read.length < most && found.length <= PAGE_LIMIT;
    if (isLast || found.length > 0) return { cursors: found.slice(0, PAGE_LIMIT), isLast };
  }
}

/** Entries of one score are ordered by member. */
function isAfterCursor({ score, member }: PageCursor, after: PageCursor | undefined): boolean {
  return after === undefined || score > after.score || member > after.member;
}

/** readEntries gives what a handoff has sealed: the beginning of each, which names its key. */
async function readEntries(redis: RedisConnection, tag: string, id: string): Promise<readonly SealedValue[]> {
  const head = (key: string) => redis.getrange(`${tag}:${key}:${id}`, 0, HEAD_CHARACTERS - 1);
  const [connectorId, params, context] = await Promise.all([redis.hget(`${tag}:h:${id}`, "cn"), head("p"), head("x")]);
  if (connectorId === null) return [];
  const of = { connectorId, record: id };
  const entries = [
    { kind: "params", ...of, head: params },
    { kind: "context", ...of, head: context },
  ] as const;
  return entries.filter((entry) => entry.head !== "");
}

/** cutIntoBatches cuts swaps so that no script takes in too much. */
function cutIntoBatches(swaps: readonly SealedSwap[]): readonly (readonly SealedSwap[])[] {
  const pieces: SealedSwap[][] = [];
  let room = 0;
  for (const swap of swaps) {
    const size = swap.before.length + swap.after.length;
    if (size > room) {
      pieces.push([]);
      room = SWAP_CHARACTERS;
    }
    pieces.at(-1)?.push(swap);
    room -= size;
  }
  return pieces;
}
