/** Lua scripts: read once with what they include, run by their hash, sent whole only where Redis does not know them. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { attentionNow, heardFromRedis, inAttention } from "./attention.ts";
import { COMMAND_TIMEOUT_MS, type RedisConnection } from "./redis.ts";

/** Reply is what a script gives back: numbers and strings, nested. */
export type Reply = string | number | null | readonly Reply[];

/** Script runs on the shard (or registry) that `tag` names, with one JSON object as its argument. */
export type Script<Args> = (redis: RedisConnection, tag: string, args: Args) => Promise<readonly Reply[]>;

/** createScript loads `scripts/<name>.lua`; a line `--- @include part` stands for `scripts/parts/part.lua`. */
export function createScript<Args>(name: string): Script<Args> {
  const source = load(`${name}.lua`).replaceAll(/^--- @include ([\w-]+)$/gm, (_, part: string) => load(`parts/${part}.lua`));
  const script = { source, sha: createHash("sha1").update(source).digest("hex") };
  return async (redis, tag, args) => {
    try {
      return replyOf(await run(redis, script, tag, args));
    } catch (error) {
      throw asNewer(error);
    }
  };
}

/** LoadedScript is a script with its SHA-1. */
export interface LoadedScript {
  readonly source: string;
  readonly sha: string;
}

/** createRunner runs scripts that others brought along as it does its own: on the same connection, within the same time. */
export function createRunner(redis: RedisConnection) {
  return (script: LoadedScript, tag: string, args: object): Promise<unknown> => run(redis, script, tag, args);
}

function run(redis: RedisConnection, { source, sha }: LoadedScript, tag: string, args: unknown): Promise<unknown> {
  const argument = JSON.stringify(args);
  return answered(redis.evalsha(sha, 1, tag, argument).catch(unknownScript(() => redis.eval(source, 1, tag, argument))));
}

/** unknownScript sends the whole script where Redis does not know its hash. */
function unknownScript(send: () => Promise<unknown>): (error: unknown) => Promise<unknown> {
  return (error) => {
    if (!(error instanceof Error && error.message.startsWith("NOSCRIPT"))) throw error;
    return send();
  };
}

/** NewerRecord is thrown for a handoff that a newer Baton wrote: this one must be upgraded before it may touch it. */
export class NewerRecord extends Error {
  override readonly name = "NewerRecord";

  constructor(id: string, options: { readonly cause: unknown }) {
    super(`${id} was written by a newer Baton; upgrade this one, or ask a newer one`, options);
  }
}

/** asNewer knows the scripts' own words for it (parts/shard.lua). */
function asNewer(error: unknown): unknown {
  const [, id] = /^NEWER (\S+) /.exec(error instanceof Error ? error.message : "") ?? [];
  return id === undefined ? error : new NewerRecord(id, { cause: error });
}

/** NoAnswer is thrown when Redis did not answer in time: the script may have run, or may still run. */
export class NoAnswer extends Error {
  override readonly name = "NoAnswer";
}

/** answered waits for a command at most COMMAND_TIMEOUT_MS of attention, then throws NoAnswer: the driver's own time limit is off where scripts run. */
export function answered<T>(asked: Promise<T>): Promise<T> {
  asked.then(heardFromRedis, ignore);
  const giveUp = () => new NoAnswer(`Redis did not answer within ${COMMAND_TIMEOUT_MS} ms`);
  return inAttention(asked, attentionNow() + COMMAND_TIMEOUT_MS, giveUp);
}

function ignore(): void {}

/** text reads a member of a reply as a string; '' where there is none. */
export function text(reply: readonly Reply[], index: number): string {
  const value = reply[index];
  return value === null || value === undefined ? "" : String(value);
}

/** number reads a member of a reply as a number; NaN where it is none. */
export function number(reply: readonly Reply[], index: number): number {
  return Number.parseFloat(text(reply, index));
}

/** instant reads a member of a reply as a property of this name; no property where there is none. */
export function instant<Name extends string>(reply: readonly Reply[], index: number, name: Name): { readonly [name in Name]?: number } {
  const value = text(reply, index);
  return (value === "" ? {} : { [name]: Number(value) }) as { readonly [name in Name]?: number };
}

/** list reads a member of a reply as a list; empty where there is none. */
export function list(reply: readonly Reply[], index: number): readonly Reply[] {
  const value = reply[index];
  return Array.isArray(value) ? value : [];
}

function load(path: string): string {
  return readFileSync(new URL(`./scripts/${path}`, import.meta.url), "utf8");
}

function replyOf(value: unknown): readonly Reply[] {
  return value as readonly Reply[];
}
