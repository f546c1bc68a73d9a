/** Lua scripts: read once with what they include, run by their hash, sent whole only where Redis does not know them. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { COMMAND_TIMEOUT_MS, type RedisConnection } from "./connection.ts";
import {
  excludeLagBeforeRedisAnswer,
  nowWithoutEventLoopLag,
  withEventLoopAwareTimeout,
} from "./event-loop-aware-redis-timeout.ts";

/** Reply is what a script gives back: numbers and strings, nested. */
export type Reply = string | number | null | readonly Reply[];

/** LuaScript runs on the shard (or registry) that `tag` names, with one JSON object as its argument. */
type LuaScript = (redis: RedisConnection, tag: string, args: object) => Promise<readonly Reply[]>;

/** Caller is the module that a script belongs to: its `import.meta`. */
type Caller = Pick<ImportMeta, "dirname">;

/**
 * createLuaScript loads `scripts/<name>.lua` beside its caller, with the parts that it includes (`readLuaSource`).
 */
export function createLuaScript(caller: Caller, name: string): LuaScript {
  const script = createArgvLuaScript(caller, name);
  return (redis, tag, args) => script(redis, tag, [JSON.stringify(args)]);
}

/**
 * ArgvLuaScript is a script of the hot path: it takes its arguments one by one, since JSON costs Redis more than they
 * do.
 */
type ArgvLuaScript = (
  redis: RedisConnection,
  tag: string,
  args: readonly (string | number)[],
) => Promise<readonly Reply[]>;

/** createArgvLuaScript is createLuaScript for a script that reads ARGV itself. */
export function createArgvLuaScript({ dirname }: Caller, name: string): ArgvLuaScript {
  const source = readLuaSource(dirname, name);
  const sha = createHash("sha1").update(source).digest("hex");
  return async (redis, tag, args) => {
    try {
      const reply = redis
        .evalsha(sha, 1, tag, ...args)
        .catch(sendWholeWhereUnknown(() => redis.eval(source, 1, tag, ...args)));
      return (await withCommandTimeout(reply)) as readonly Reply[];
    } catch (error) {
      throw toVersionMismatch(error);
    }
  };
}

/**
 * readLuaSource reads a script with its parts. A line `--- @include part` stands for `scripts/parts/part.lua`, where a
 * part is included for the first time; a part includes what it needs itself.
 *
 * A line `--- @enclose` puts all that follows into a function of its own: each run creates all functions of a script,
 * and to create one, Lua searches a list for every local that it uses of the function directly around it, but copies
 * those of functions further out at once. The search took half of the time of a script that does nothing.
 */
export function readLuaSource(dirname: string, name: string): string {
  const included = new Set<string>();
  const read = (path: string): string =>
    readFileSync(join(dirname, "scripts", path), "utf8").replaceAll(INCLUDE, (_, part: string) => {
      if (included.has(part)) return "";
      included.add(part);
      return read(`parts/${part}.lua`);
    });
  const [outermost = "", ...inner] = read(`${name}.lua`).split(/^--- @enclose$/m);
  return (
    [outermost, ...inner.map((part) => `return (function(...)${part}`)].join("") + "\nend)(...)".repeat(inner.length)
  );
}

const INCLUDE = /^--- @include ([\w-]+)\n/gm;

/** sendWholeWhereUnknown sends the whole script where Redis does not know its hash. */
function sendWholeWhereUnknown(send: () => Promise<unknown>): (error: unknown) => Promise<unknown> {
  return (error) => {
    if (!(error instanceof Error && error.message.startsWith("NOSCRIPT"))) throw error;
    return send();
  };
}

/**
 * RecordVersionMismatch is thrown for a handoff that another version of Baton wrote, and that this one therefore leaves
 * alone.
 */
export class RecordVersionMismatch extends Error {
  override readonly name = "RecordVersionMismatch";

  constructor(id: string, writer: "NEWER" | "OLDER", options: { readonly cause: unknown }) {
    const remedy =
      writer === "NEWER"
        ? "upgrade this one, or ask a newer one"
        : "let the older one finish what it accepted (see the changelog)";
    super(`${id} was written by ${writer === "NEWER" ? "a newer" : "an older"} Baton; ${remedy}`, options);
  }
}

/** toVersionMismatch knows the scripts' own words for it (parts/shard-keys-clock-and-record.lua). */
function toVersionMismatch(error: unknown): unknown {
  const [, writer, id] = /^(NEWER|OLDER) (\S+) /.exec(error instanceof Error ? error.message : "") ?? [];
  return id === undefined ? error : new RecordVersionMismatch(id, writer as "NEWER" | "OLDER", { cause: error });
}

/** CommandTimeout is thrown when Redis did not answer in time: the script may have run, or may still run. */
export class CommandTimeout extends Error {
  override readonly name = "CommandTimeout";
}

/**
 * withCommandTimeout waits for a command at most COMMAND_TIMEOUT_MS (event-loop-aware-redis-timeout.ts), then throws
 * CommandTimeout: the driver's own time limit is off where scripts run.
 */
export function withCommandTimeout<T>(asked: Promise<T>): Promise<T> {
  asked.then(excludeLagBeforeRedisAnswer, ignore);
  const giveUp = () => new CommandTimeout(`Redis did not answer within ${COMMAND_TIMEOUT_MS} ms`);
  return withEventLoopAwareTimeout(asked, nowWithoutEventLoopLag() + COMMAND_TIMEOUT_MS, giveUp);
}

function ignore(): void {}

/** stringifyForLua writes JSON that the scripts can read: they know no half of a surrogate pair. */
export function stringifyForLua(value: object): string {
  return JSON.stringify(value, (_, member: unknown) => (typeof member === "string" ? member.toWellFormed() : member));
}

/** readReplyText reads a member of a reply as a string; '' where there is none. */
export function readReplyText(reply: readonly Reply[], index: number): string {
  const value = reply[index];
  return value === null || value === undefined ? "" : String(value);
}

/** readReplyNumber reads a member of a reply as a number; NaN where it is none. */
export function readReplyNumber(reply: readonly Reply[], index: number): number {
  return Number.parseFloat(readReplyText(reply, index));
}

/** readReplyInstantAsProperty reads a member of a reply as a property of this name; no property where there is none. */
export function readReplyInstantAsProperty<Name extends string>(
  reply: readonly Reply[],
  index: number,
  name: Name,
): { readonly [name in Name]?: number } {
  const value = readReplyText(reply, index);
  return (value === "" ? {} : { [name]: Number(value) }) as { readonly [name in Name]?: number };
}

/** readReplyList reads a member of a reply as a list; empty where there is none. */
export function readReplyList(reply: readonly Reply[], index: number): readonly Reply[] {
  const value = reply[index];
  return Array.isArray(value) ? value : [];
}

/** readReplyRows reads a list of lists, one for each row. */
export function readReplyRows(list: readonly Reply[]): readonly (readonly Reply[])[] {
  return list.map((_, index) => readReplyList(list, index));
}

/** cutReplyIntoRows cuts a flat list into rows of `width` members. */
export function cutReplyIntoRows(flat: readonly Reply[], width: number): readonly (readonly Reply[])[] {
  return Array.from({ length: flat.length / width }, (_, row) => flat.slice(row * width, (row + 1) * width));
}

/** readReplyNumbersByName reads a flat list of names and numbers, such as `ZRANGE … WITHSCORES` gives, in its order. */
export function readReplyNumbersByName(flat: readonly Reply[]): ReadonlyMap<string, number> {
  return new Map(cutReplyIntoRows(flat, 2).map((row) => [readReplyText(row, 0), readReplyNumber(row, 1)]));
}

/** readReplyTextsByName reads a flat list of names and values, such as `HGETALL` gives. */
export function readReplyTextsByName(flat: readonly Reply[]): Readonly<Record<string, string>> {
  return Object.fromEntries(cutReplyIntoRows(flat, 2).map((row) => [readReplyText(row, 0), readReplyText(row, 1)]));
}

const TIME = "return redis.call('TIME')";

/**
 * readRedisTime gives the time on the clock of the Redis that has a tag's keys, epoch milliseconds. The command TIME
 * alone would go to any master of a cluster, whose clock is another.
 */
export async function readRedisTime(redis: RedisConnection, tag: string): Promise<number> {
  const [seconds, micros] = (await withCommandTimeout(redis.eval(TIME, 1, tag))) as readonly [string, string];
  return Number(seconds) * 1_000 + Math.floor(Number(micros) / 1_000);
}
