/**
 * What Baton demands of a Redis: that it lets Baton in, drops nothing of its own accord, keeps what it took, and takes
 * writes.
 */
import { Cluster, type Redis } from "ioredis";
import { isSelectDatabaseRefusal, mastersOf, type RedisConnection, type RedisTarget } from "./connection.ts";
import { diagnoseRedisConnection } from "./connection-diagnosis.ts";
import { CommandTimeout, withCommandTimeout } from "./lua-script.ts";

/** How often, beside each time a connection is made: someone may change a setting while Redis runs. Milliseconds. */
const CHECK_MS = 5_000;

/** SettingsFault is a setting with which Baton must not run, in a sentence that names the remedy. */
export type SettingsFault = string;

/**
 * SettingsLog gets each warning once, for as long as it lasts. Faults and troubles turn readiness off, and are logged
 * with it.
 */
export interface SettingsLog {
  warn(fields: object, message: string): void;
}

/**
 * SettingsOptions: `target` is where the connection leads; `replicas`, whether this process needs one for each master.
 */
export interface SettingsOptions {
  readonly target: RedisTarget;
  readonly replicas?: boolean;
}

/**
 * RequiredSettings looks at Redis's settings from `start` to `close`, and why there is no connection where Redis is
 * there.
 */
export class RequiredSettings {
  readonly #redis: RedisConnection;
  readonly #log: SettingsLog;
  readonly #options: SettingsOptions;
  #findings: RedisFindings = { faults: [], troubles: [], warnings: [] };
  #timer: NodeJS.Timeout | undefined;
  #loginFault: SettingsFault | undefined;
  #connectionFault: SettingsFault | undefined;
  #failure: string | undefined;
  #triedAt = Number.NEGATIVE_INFINITY;
  #trying: Promise<void> = Promise.resolve();
  readonly #look = () => void this.#check();
  readonly #fail = (error: unknown) => this.#failed(error);
  readonly #lost = () => void this.#tryOut();

  constructor(redis: RedisConnection, log: SettingsLog, options: SettingsOptions) {
    this.#redis = redis;
    this.#log = log;
    this.#options = options;
    redis.on("error", this.#fail).on("close", this.#lost);
  }

  /**
   * start checks once, and gives what must keep a process from starting; the caller reports it. A Redis that is
   * away is looked at as soon as it is back.
   */
  async start(): Promise<readonly SettingsFault[]> {
    if (!(await this.#check())) await this.#tryOut();
    this.#redis.on("ready", this.#look);
    this.#timer = setInterval(this.#look, CHECK_MS);
    const shutOut = this.#loginFault ?? this.#connectionFault;
    return shutOut === undefined ? this.#findings.faults : [shutOut];
  }

  /** trouble says why a process should be given no work, as of the last look; undefined when all is well. */
  get trouble(): string | undefined {
    return this.#loginFault ?? this.#connectionFault ?? this.#findings.faults[0] ?? this.#findings.troubles[0];
  }

  /** failure is the code that the last connection failed with, such as ECONNREFUSED; undefined while there is one. */
  get failure(): string | undefined {
    return this.#failure;
  }

  close(): void {
    clearInterval(this.#timer);
    this.#redis.off("ready", this.#look).off("error", this.#fail).off("close", this.#lost);
  }

  /** A login is refused while the connection is made, so no command fails with it. */
  #failed(error: unknown): void {
    if (isLateCommand(error)) return;
    this.#failure = codeOf(error) ?? this.#failure;
    this.#loginFault = describeRefusedLogin(error) ?? describeRefusedDatabase(error);
    if (this.#loginFault === undefined) void this.#tryOut();
  }

  /** The driver does not say what is wrong with the address or the certificate, or says it differently each time. */
  #tryOut(): Promise<void> {
    const now = performance.now();
    if (now - this.#triedAt >= CHECK_MS && this.#redis.status !== "ready") {
      this.#triedAt = now;
      this.#trying = diagnoseRedisConnection(this.#options.target).then((fault) => {
        if (this.#redis.status !== "ready") this.#connectionFault = fault;
      });
    }
    return this.#trying;
  }

  /** check gives whether Redis answered. */
  async #check(): Promise<boolean> {
    const found = await checkRedisSettings(this.#redis, this.#options.replicas ?? false).catch(findingsOfError);
    if (found === undefined) return false;
    this.#loginFault = undefined;
    this.#connectionFault = undefined;
    this.#failure = undefined;
    this.#triedAt = Number.NEGATIVE_INFINITY;
    for (const warning of newEntries(found.warnings, this.#findings.warnings)) this.#log.warn({}, warning);
    this.#findings = found;
    return true;
  }
}

/**
 * RedisFindings are sentences of the shape `what is wrong; what to do`, each given once for all masters. Troubles and
 * warnings keep no process from starting.
 */
export interface RedisFindings {
  readonly faults: readonly SettingsFault[];
  readonly troubles: readonly string[];
  readonly warnings: readonly string[];
}

/**
 * describeRefusedLogin gives the fault that a refused login is, by Redis's words for it; undefined for another error.
 */
export function describeRefusedLogin(error: unknown): SettingsFault | undefined {
  const cause = causeOf(error);
  const [, code] = /^(NOAUTH|WRONGPASS) /.exec(cause instanceof Error ? cause.message : "") ?? [];
  if (code === undefined) return undefined;
  return code === "NOAUTH"
    ? "BATON_REDIS_URL: this Redis asks for a password, and none is given; write it as redis://:password@host or redis://user:password@host"
    : "BATON_REDIS_URL: this Redis refuses the user and password that are given";
}

/** isLateCommand: the driver's own next command on a connection that was given up says nothing of the reason. */
function isLateCommand(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith("Stream isn't writeable");
}

/**
 * describeRefusedDatabase gives the fault that a database is which Redis does not have; undefined for another error.
 */
function describeRefusedDatabase(error: unknown): SettingsFault | undefined {
  if (!isSelectDatabaseRefusal(error)) return undefined;
  return (
    describeMissingRight(error) ??
    `BATON_REDIS_URL: this Redis does not take the database that the address names (${error.message}); leave the number out, or give one that is there`
  );
}

/** describeMissingRight gives the fault that a missing right of this Redis user is; undefined for another error. */
export function describeMissingRight(error: unknown): SettingsFault | undefined {
  const message = error instanceof Error ? error.message : "";
  if (!/^NOPERM |The user executing the script can't/.test(message)) return undefined;
  const [said = ""] = message.split(" script: ");
  return `BATON_REDIS_URL: this Redis user lacks a right that Baton needs (${said}); docs/redis.md has all of them`;
}

/** findingsOfError reads an error of INFO; undefined where Redis is away. */
function findingsOfError(error: unknown): RedisFindings | undefined {
  const fault = describeMissingRight(error);
  return fault === undefined ? undefined : { faults: [fault], troubles: [], warnings: [] };
}

/** A cluster hides what its nodes failed of behind an error of its own. */
function causeOf(error: unknown): unknown {
  return error instanceof Error && "lastNodeError" in error ? error.lastNodeError : error;
}

function codeOf(error: unknown): string | undefined {
  const cause = causeOf(error);
  return cause instanceof Error && "code" in cause && typeof cause.code === "string" ? cause.code : undefined;
}

/**
 * checkRedisSettings asks every master by INFO, which also the hosted ones allow that forbid CONFIG. `replicas`:
 * whether each needs one.
 */
export async function checkRedisSettings(redis: RedisConnection, replicas: boolean): Promise<RedisFindings> {
  const nodes = mastersOf(redis);
  if (nodes.length === 0) throw new CommandTimeout("no master of the cluster is known yet");
  const infos = await Promise.all(nodes.map((node) => withCommandTimeout(node.info())));
  const found = infos.map((info) => findingsOfInfo(info, replicas));
  const schemeFaults = redis instanceof Cluster ? [] : await findClusterFaults(redis, infos);
  return {
    faults: [...schemeFaults, ...new Set(found.flatMap(({ faults }) => faults))],
    troubles: [...new Set(found.flatMap(({ troubles }) => troubles))],
    warnings: [...new Set(found.flatMap(({ warnings }) => warnings))],
  };
}

/** findClusterFaults: one node of several takes only what is in its own slots, and may have the registry's. */
async function findClusterFaults(redis: Redis, infos: readonly string[]): Promise<readonly SettingsFault[]> {
  if (!infos.some((info) => readInfoField(info, "redis_mode") === "cluster")) return [];
  const masters = Number(readInfoField(String(await withCommandTimeout(redis.cluster("INFO"))), "cluster_size"));
  return masters > 1
    ? [
        `BATON_REDIS_URL: this Redis is one of ${masters} masters of a cluster; write redis+cluster:// in place of redis://`,
      ]
    : [];
}

/** findingsOfInfo reads one server's INFO. What it lacks is taken to be well. */
function findingsOfInfo(info: string, replicas: boolean): RedisFindings {
  const policy = readInfoField(info, "maxmemory_policy") ?? "noeviction";
  const evicts = policy !== "noeviction";
  return {
    faults: evicts
      ? [
          `BATON_REDIS_URL: this Redis drops accepted handoffs when its memory is full: its maxmemory-policy is ${policy}, and Baton needs noeviction; ` +
            "write `maxmemory-policy noeviction` into its configuration, or run `redis-cli CONFIG SET maxmemory-policy noeviction`",
        ]
      : [],
    troubles: [
      ...(readInfoField(info, "role") === "slave"
        ? ["this Redis is a replica and takes no writes; point BATON_REDIS_URL at its master"]
        : []),
      ...(replicas && readInfoField(info, "connected_slaves") === "0"
        ? [
            "BATON_DURABILITY is replicated, and no replica follows this Redis: every handoff is refused; start a replica, or set BATON_DURABILITY=local where losing the last second is bearable",
          ]
        : []),
    ],
    warnings:
      readInfoField(info, "aof_enabled") === "0"
        ? [
            "this Redis keeps no append-only file: a restart of it loses accepted handoffs; set `appendonly yes`, or run `redis-cli CONFIG SET appendonly yes`",
          ]
        : [],
  };
}

/** readInfoField reads a field of INFO; undefined where this Redis does not have it. */
export function readInfoField(info: string, field: string): string | undefined {
  return new RegExp(`^${field}:([^\\r\\n]*)`, "m").exec(info)?.[1];
}

function newEntries(now: readonly string[], before: readonly string[]): readonly string[] {
  return now.filter((finding) => !before.includes(finding));
}
