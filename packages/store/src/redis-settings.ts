/** What Baton demands of a Redis: that it lets Baton in, drops nothing of its own accord, keeps what it took, and takes writes. */
import { Cluster } from "ioredis";
import type { RedisConnection } from "./redis.ts";
import { answered } from "./script.ts";

/** How often, beside each time a connection is made: someone may change a setting while Redis runs. Milliseconds. */
const CHECK_MS = 5_000;

/** SettingsFault is a setting with which Baton must not run, in a sentence that names the remedy. */
export type SettingsFault = string;

/** SettingsLog hears of each finding once, for as long as it lasts. */
export interface SettingsLog {
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** RedisSettings looks at Redis's settings from `start` to `close`. Redis away is no finding: the pulse tells that. */
export class RedisSettings {
  readonly #redis: RedisConnection;
  readonly #log: SettingsLog;
  readonly #replicas: boolean;
  #findings: RedisFindings = { faults: [], troubles: [], warnings: [] };
  #timer: NodeJS.Timeout | undefined;
  #shutOut: SettingsFault | undefined;
  #started = false;
  readonly #look = () => void this.#check();

  /** `replicas`: whether this process needs one to follow each master. */
  constructor(redis: RedisConnection, log: SettingsLog, { replicas = false } = {}) {
    this.#redis = redis;
    this.#log = log;
    this.#replicas = replicas;
    redis.on("error", (error) => this.#hear(error));
  }

  /**
   * start looks once, and gives what must keep a process from starting; a Redis that is away is looked at as soon as it is back.
   * Who starts tells these faults; the log has those that are found later.
   */
  async start(): Promise<readonly SettingsFault[]> {
    await this.#check();
    this.#started = true;
    this.#redis.on("ready", this.#look);
    this.#timer = setInterval(this.#look, CHECK_MS);
    return this.#shutOut === undefined ? this.#findings.faults : [this.#shutOut];
  }

  /** trouble says why a process should be given no work, as of the last look; undefined when all is well. */
  get trouble(): string | undefined {
    return this.#shutOut ?? this.#findings.faults[0] ?? this.#findings.troubles[0];
  }

  close(): void {
    clearInterval(this.#timer);
    this.#redis.off("ready", this.#look);
  }

  /** A login is refused while the connection is made, so no command tells of it. */
  #hear(error: unknown): void {
    const fault = judgeLogin(error);
    if (fault === undefined || fault === this.#shutOut) return;
    this.#shutOut = fault;
    if (this.#started) this.#log.error({}, fault);
  }

  async #check(): Promise<void> {
    const found = await readFindings(this.#redis, this.#replicas).catch(() => undefined);
    if (found === undefined) return;
    this.#shutOut = undefined;
    const before = this.#findings;
    this.#findings = found;
    if (this.#started) for (const fault of news(found.faults, before.faults)) this.#log.error({}, fault);
    for (const warning of news([...found.troubles, ...found.warnings], [...before.troubles, ...before.warnings]))
      this.#log.warn({}, warning);
  }
}

/** RedisFindings are sentences of the shape `what is wrong; what to do`, each told once for all masters. Troubles and warnings keep no process from starting. */
export interface RedisFindings {
  readonly faults: readonly SettingsFault[];
  readonly troubles: readonly string[];
  readonly warnings: readonly string[];
}

/** judgeLogin gives the fault that a refused login is; undefined for another error. It knows Redis's words for a login that is missing or wrong; a cluster hides them behind an error of its own. */
export function judgeLogin(error: unknown): SettingsFault | undefined {
  const cause = error instanceof Error && "lastNodeError" in error ? error.lastNodeError : error;
  const [, code] = /^(NOAUTH|WRONGPASS) /.exec(cause instanceof Error ? cause.message : "") ?? [];
  if (code === undefined) return undefined;
  return code === "NOAUTH"
    ? "BATON_REDIS_URL: this Redis asks for a password, and none is given; write it as redis://:password@host or redis://user:password@host"
    : "BATON_REDIS_URL: this Redis refuses the user and password that are given";
}

/** readFindings asks every master by INFO, which also the hosted ones allow that forbid CONFIG. `replicas`: whether each needs one. */
export async function readFindings(redis: RedisConnection, replicas: boolean): Promise<RedisFindings> {
  const nodes = redis instanceof Cluster ? redis.nodes("master") : [redis];
  const infos = await Promise.all(nodes.map((node) => answered(node.info())));
  const found = infos.map((info) => judgeInfo(info, replicas));
  return {
    faults: [...new Set(found.flatMap(({ faults }) => faults))],
    troubles: [...new Set(found.flatMap(({ troubles }) => troubles))],
    warnings: [...new Set(found.flatMap(({ warnings }) => warnings))],
  };
}

/** judgeInfo reads one server's INFO. What it does not tell is taken to be well. */
function judgeInfo(info: string, replicas: boolean): RedisFindings {
  const policy = fieldOf(info, "maxmemory_policy") ?? "noeviction";
  const evicts = policy !== "noeviction";
  return {
    faults: evicts
      ? [
          `BATON_REDIS_URL: this Redis drops accepted handoffs when its memory is full: its maxmemory-policy is ${policy}, and Baton needs noeviction; ` +
            "write `maxmemory-policy noeviction` into its configuration, or run `redis-cli CONFIG SET maxmemory-policy noeviction`",
        ]
      : [],
    troubles: [
      ...(fieldOf(info, "role") === "slave" ? ["this Redis is a replica and takes no writes; point BATON_REDIS_URL at its master"] : []),
      ...(replicas && fieldOf(info, "connected_slaves") === "0"
        ? [
            "BATON_DURABILITY is replicated, and no replica follows this Redis: every handoff is refused; start a replica, or set BATON_DURABILITY=local where losing the last second is bearable",
          ]
        : []),
    ],
    warnings:
      fieldOf(info, "aof_enabled") === "0"
        ? [
            "this Redis keeps no append-only file: a restart of it loses accepted handoffs; set `appendonly yes`, or run `redis-cli CONFIG SET appendonly yes`",
          ]
        : [],
  };
}

/** fieldOf reads a field of INFO; undefined where this Redis does not tell it. */
export function fieldOf(info: string, field: string): string | undefined {
  return new RegExp(`^${field}:([^\\r\\n]*)`, "m").exec(info)?.[1];
}

function news(now: readonly string[], before: readonly string[]): readonly string[] {
  return now.filter((finding) => !before.includes(finding));
}
