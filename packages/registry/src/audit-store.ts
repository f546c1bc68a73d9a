/** The audit in Redis: entries are added, get their result, and are removed by age; nothing else. */
import { randomBytes } from "node:crypto";
import { type AuditEntry, type AuditFacts, type AuditOutcome, encodeBase32 } from "@baton/domain";
import type { RedisConnection } from "@baton/redis/connection";
import {
  CommandTimeout,
  createLuaScript,
  cutReplyIntoRows,
  type Reply,
  readReplyList,
  readReplyNumber,
  readReplyText,
  stringifyForLua,
} from "@baton/redis/lua-script";
import type { Page, PageCursor } from "@baton/redis/shard-pages";
import { registryHashTag } from "@baton/redis/shards";

/** ID_BYTES: 80 bits, 16 digits, so that ids never meet. */
const ID_BYTES = 10;
/** SCAN_PER_STEP entries are looked at by one script: two milliseconds of Redis's time. */
const SCAN_PER_STEP = 200;
/**
 * STEPS_PER_PAGE scripts are run for one page: a filter that few entries fit gives short pages, and does not hold Redis
 * up.
 */
const STEPS_PER_PAGE = 50;
/** VALUES_PER_ENTRY of a page's reply: id, instant, and the entry itself. */
const VALUES_PER_ENTRY = 3;

/** NewAuditEntry has no outcome where the change is yet to be made. */
export interface NewAuditEntry extends AuditFacts {
  readonly outcome?: Exclude<AuditOutcome, "unknown">;
}

/** AuditEnd is how a change ended, and the ids that were not known before. */
export interface AuditEnd {
  readonly outcome: Exclude<AuditOutcome, "unknown">;
  readonly problem?: string;
  readonly targetId?: string;
  readonly connectorId?: string;
}

/**
 * AuditFilter: every one given must fit. `id` is what it was done to, or the connector; written at `from` or later and
 * before `to`, epoch milliseconds.
 */
export interface AuditFilter {
  readonly id?: string;
  readonly connectorId?: string;
  readonly actor?: string;
  readonly action?: string;
  readonly from?: number;
  readonly to?: number;
}

export type AuditStore = ReturnType<typeof createAuditStore>;

/** createAuditStore gives the audit. Throws when Redis cannot be reached. */
export function createAuditStore(redis: RedisConnection, namespace: string) {
  const tag = registryHashTag(namespace);
  const write = createLuaScript(import.meta, "write-or-prune-audit-entries");
  const readPage = createLuaScript(import.meta, "audit-page");

  return {
    /**
     * write adds an entry, and gives its id. After `commandDeadline` (epoch milliseconds on Redis's clock) it adds
     * none, and throws CommandTimeout.
     */
    async write(entry: NewAuditEntry, commandDeadline?: number): Promise<string> {
      const id = `au_${encodeBase32(randomBytes(ID_BYTES))}`;
      const reply = await write(redis, tag, { add: { id, commandDeadline, entry: stringifyForLua(entry) } });
      if (readReplyText(reply, 0) === "late") throw new CommandTimeout("the audit's entry came too late to be written");
      return id;
    },

    /** settle adds how the change ended, once. */
    async settle(id: string, end: AuditEnd): Promise<void> {
      await write(redis, tag, { settle: { id, ended: stringifyForLua(end) } });
    },

    /** page reads up to `limit` entries, the newest first. */
    async page(
      filter: AuditFilter,
      { before, limit }: { readonly before?: PageCursor; readonly limit: number },
    ): Promise<Page<AuditEntry>> {
      const items: AuditEntry[] = [];
      let next = before;
      for (let step = 0; step < STEPS_PER_PAGE; step++) {
        const args = {
          ...pageArgumentsOf(filter),
          before: next && String(next.score),
          limit: limit - items.length,
          scan: SCAN_PER_STEP,
        };
        const reply = await readPage(redis, tag, args);
        items.push(...cutReplyIntoRows(readReplyList(reply, 0), VALUES_PER_ENTRY).map(readEntry));
        if (readReplyText(reply, 1) === "") return { items };
        next = { member: readReplyText(reply, 1), score: readReplyNumber(reply, 2) };
        if (items.length >= limit) break;
      }
      return { items, ...(next === undefined ? {} : { next }) };
    },

    /** prune removes up to `limit` entries written before `before` (epoch milliseconds), and says how many. */
    async prune(before: number, limit: number): Promise<number> {
      return readReplyNumber(await write(redis, tag, { prune: { before: String(before), limit } }), 1);
    },
  };
}

/** pageArgumentsOf picks the index with the fewest entries: by id or connector, else by actor, else all. */
function pageArgumentsOf({ id, from, to, ...where }: AuditFilter) {
  const concerned = id ?? where.connectorId;
  const index = concerned !== undefined ? `:of:${concerned}` : where.actor !== undefined ? `:by:${where.actor}` : "";
  return { ...where, index, from: from?.toString(), to: to?.toString() };
}

/** readEntry reads both lines of an entry as one; the first prevails, as it does in the scripts. */
function readEntry(row: readonly Reply[]): AuditEntry {
  const [written = "{}", ended = "{}"] = readReplyText(row, 2).split("\n");
  const facts = { ...(JSON.parse(ended) as Partial<AuditEnd>), ...(JSON.parse(written) as NewAuditEntry) };
  return {
    ...facts,
    id: readReplyText(row, 0),
    at: Math.floor(readReplyNumber(row, 1)),
    outcome: facts.outcome ?? "unknown",
  };
}
