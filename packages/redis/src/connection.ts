/** Connections to Redis, Redis Cluster and Sentinel, each fit for its use. */
import { Cluster, Redis, type RedisOptions } from "ioredis";

/** RedisTarget is what a `BATON_REDIS_URL` names. */
export type RedisTarget = { readonly login: RedisLogin } & (
  | { readonly kind: "single"; readonly node: RedisNode }
  | { readonly kind: "cluster"; readonly nodes: readonly RedisNode[] }
  | { readonly kind: "sentinel"; readonly nodes: readonly RedisNode[]; readonly master: string }
);

/** RedisLogin is what goes with every connection: user, password, TLS and database. */
export type RedisLogin = Pick<RedisOptions, "username" | "password" | "tls" | "db">;

/** RedisNode is the address of one server. */
export interface RedisNode {
  readonly host: string;
  readonly port: number;
}

/** RedisConnection is a connection to one Redis, or to all of a cluster. */
export type RedisConnection = Redis | Cluster;

/** mastersOf gives the connection to each master: the one, or those of a cluster that are known by now. */
export function mastersOf(redis: RedisConnection): readonly Redis[] {
  return redis instanceof Cluster ? redis.nodes("master") : [redis];
}

/**
 * RedisUse is what a connection is for. `scripts` gives up on a Redis that is gone, and never sends a command again
 * whose answer was lost: it may have run. `blocking` waits as long as BullMQ's worker asks for, and sends again what
 * was lost, because every step of it may run twice: the driver would otherwise leave a lost command without any answer.
 * `replication` is as `scripts`, for WAIT, which holds up what follows. `events` listens to channels.
 */
export type RedisUse = "scripts" | "replication" | "blocking" | "events";

/** COMMAND_TIMEOUT_MS bounds the wait for a script: a caller is answered 503 within one second. */
export const COMMAND_TIMEOUT_MS = 800;

const MAX_PORT = 65_535;
/** HOST is an IPv6 address in brackets, or a name or IPv4 address. */
const HOST = /^(\[[0-9a-f:.]+\]|[\w.-]+)(?::(\d+))?$/i;

// A Redis whose machine is gone closes no connection: after so long without an answer the connection is made anew.
// Milliseconds; longer than any blocking command of ours, and than a Redis that is back soon.
const SILENCE_MS = 5_000;
// A sentinel that does not answer is passed over for the next one. Milliseconds.
const SENTINEL_MS = 1_000;

// Fast enough to be back within a second of Redis, slow enough not to drown one that is starting. Milliseconds.
const RECONNECT_MS = { first: 50, most: 500 };

/**
 * parseRedisUrl reads `redis://`, `rediss://`, `redis+cluster://[user:pass@]h1:p1,h2:p2[?tls]` and
 * `redis+sentinel://[user:pass@]h1:p1,h2:p2/master-name[?tls]`. Throws an Error that never repeats the password.
 */
export function parseRedisUrl(text: string): RedisTarget {
  const parsed =
    /^(redis|rediss|redis\+cluster|redis\+sentinel):\/\/(?:([^@/]*)@)?([^/?]+)(?:\/([^?]*))?(?:\?(.*))?$/.exec(text);
  if (parsed === null)
    throw new Error("expected redis://, rediss://, redis+cluster:// or redis+sentinel:// with at least one host");
  const [, scheme, credentials, hosts = "", path = "", query] = parsed;
  // A word that is not understood may have been meant to ask for TLS.
  if (query !== undefined && query !== "tls") throw new Error("the part behind ? may only be tls");
  const nodes = hosts.split(",").map(parseNode);
  const login: RedisLogin = {
    ...parseCredentials(credentials),
    ...(scheme === "rediss" || query === "tls" ? { tls: {} } : {}),
  };
  if (scheme === "redis+cluster") {
    if (path !== "") throw new Error("a cluster has no databases: its address ends with its hosts");
    return { kind: "cluster", nodes, login };
  }
  if (scheme === "redis+sentinel") {
    if (path === "") throw new Error("a redis+sentinel:// address ends with /master-name");
    return { kind: "sentinel", nodes, master: path, login };
  }
  const [node, ...more] = nodes;
  if (node === undefined || more.length > 0)
    throw new Error("redis:// takes one host; use redis+cluster:// or redis+sentinel:// for several");
  if (!/^\d*$/.test(path)) throw new Error("the part behind the host is a database number");
  return { kind: "single", node, login: path === "" ? login : { ...login, db: Number(path) } };
}

/** openRedis makes a connection and begins to connect; it reconnects by itself for as long as it is open. */
export function openRedis(target: RedisTarget, use: RedisUse): RedisConnection {
  const redis = connect(target, { ...target.login, ...optionsFor(use) });
  if (redis instanceof Cluster) redis.on("+node", batchWrites);
  else batchWrites(redis);
  return redis.on("error", (error: unknown) => {
    // The driver would go on with database 0, where another environment may be.
    if (isSelectDatabaseRefusal(error)) redis.disconnect(true);
  });
}

/** isSelectDatabaseRefusal says that Redis did not take the database which the address names. */
export function isSelectDatabaseRefusal(error: unknown): error is Error {
  return error instanceof Error && "command" in error && (error.command as { name?: string }).name === "select";
}

function connect(target: RedisTarget, options: RedisLogin & ReturnType<typeof optionsFor>): RedisConnection {
  switch (target.kind) {
    case "single":
      return new Redis({ ...options, ...target.node });
    case "sentinel":
      return reopenWhenEnded(
        new Redis({
          ...options,
          sentinels: [...target.nodes],
          name: target.master,
          // The login's `tls` alone would have the driver speak TLS to neither the sentinels nor the master.
          ...(target.login.tls && { sentinelTLS: target.login.tls, enableTLSForSentinelMode: true }),
          sentinelRetryStrategy: reconnectAfter,
          sentinelCommandTimeout: SENTINEL_MS,
          // Leaves a master at once that the sentinels have replaced: it may still answer, and lose every
          // write.
          failoverDetector: true,
        }),
      );
    case "cluster":
      return new Cluster([...target.nodes], {
        redisOptions: options,
        // A certificate is out to a node's name, which the driver would otherwise replace by its address.
        dnsLookup: (name, found) => found(null, name),
        enableOfflineQueue: options.enableOfflineQueue,
        // By itself the driver sends a command again that a node took along when its connection closed.
        ...(options.maxRetriesPerRequest === 0 ? { retryDelayOnFailover: 0 } : {}),
        clusterRetryStrategy: reconnectAfter,
        slotsRefreshTimeout: COMMAND_TIMEOUT_MS,
      });
  }
}

/**
 * reopenWhenEnded opens a connection again that has ended though it was not closed here: the driver gives up for good
 * where a sentinel announces a failover while the driver asks it (ioredis 6, FailoverDetector).
 */
function reopenWhenEnded(redis: Redis): Redis {
  const disconnect = redis.disconnect.bind(redis);
  let isClosed = false;
  redis.disconnect = (reconnect = false) => {
    isClosed ||= !reconnect;
    disconnect(reconnect);
  };
  return redis.on("end", () => {
    if (isClosed) return;
    // What goes wrong is emitted as an event, and tried again.
    setTimeout(() => {
      if (!isClosed) redis.connect().catch(() => undefined);
    }, RECONNECT_MS.first);
  });
}

/**
 * waitForConnection resolves once a new connection takes commands, or after COMMAND_TIMEOUT_MS; it never rejects, and
 * the connection goes on trying.
 */
export async function waitForConnection(redis: RedisConnection): Promise<void> {
  if (redis.status === "ready") return;
  await new Promise<void>((resolve) => {
    const done = () => {
      clearTimeout(timer);
      redis.off("ready", done);
      resolve();
    };
    const timer = setTimeout(done, COMMAND_TIMEOUT_MS);
    redis.on("ready", done);
  });
}

/**
 * isRedisUnavailable distinguishes a Redis that cannot be reached, hangs, or takes no writes from a fault in the
 * program.
 */
export function isRedisUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (UNAVAILABLE_NAMES.has(error.name)) return true;
  if (SAID_BY_DRIVER.test(error.message) || SAID_BY_REDIS.test(error.message)) return true;
  return "code" in error && typeof error.code === "string" && /^E[A-Z]+$/.test(error.code);
}

/** isRedisFull says whether Redis refused it because its memory is full. */
export function isRedisFull(error: unknown): boolean {
  return error instanceof Error && /^OOM |OOM command not allowed/.test(error.message);
}

const UNAVAILABLE_NAMES = new Set([
  "CommandTimeout",
  "NotReplicated",
  "MaxRetriesPerRequestError",
  "ClusterAllFailedError",
  "AbortError",
]);
/** What the driver says by itself, as in the sources of ioredis 6. */
const SAID_BY_DRIVER =
  /Command timed out|Connection is closed|Socket timeout\. Expecting data|Stream isn't writeable|Cluster isn't ready|Cluster is disconnect|Node is disconnected|None of startup nodes|Too many Cluster redirections|Failed to refresh slots/;
/** What Redis answers while it starts, is full, is a replica, or its cluster finds itself anew. */
const SAID_BY_REDIS =
  /^(?:LOADING|READONLY|OOM|MASTERDOWN|MISCONF|NOREPLICAS|TRYAGAIN|UNBLOCKED|BUSY|CLUSTERDOWN|MOVED|ASK) |CLUSTERDOWN|OOM command not allowed|READONLY You can't write|attempted to access a non local key/;

/**
 * NEVER_RESENDING: what has no answer when its connection is lost fails at once, so nothing is left to be sent again.
 */
const NEVER_RESENDING = { maxRetriesPerRequest: 0, enableOfflineQueue: false } as const;
const RESENDING = {
  maxRetriesPerRequest: null,
  enableOfflineQueue: true,
  autoResendUnfulfilledCommands: true,
} as const;

function optionsFor(use: RedisUse) {
  const always = {
    retryStrategy: reconnectAfter,
    connectTimeout: 2_000,
    socketTimeout: SILENCE_MS,
    reconnectOnError,
  };
  switch (use) {
    case "scripts":
    case "replication":
      return { ...always, ...NEVER_RESENDING };
    case "blocking":
      return { ...always, ...RESENDING };
    case "events":
      return { ...always, ...RESENDING, autoResubscribe: true };
  }
}

function reconnectAfter(times: number): number {
  return Math.min(RECONNECT_MS.most, RECONNECT_MS.first * times);
}

/** A master that became a replica answers READONLY on its old connections: only a new one finds the new master. */
function reconnectOnError(error: Error): boolean {
  return error.message.startsWith("READONLY");
}

function parseNode(text: string): RedisNode {
  const [, host, port = "6379"] = HOST.exec(text) ?? [];
  if (host === undefined)
    throw new Error(
      "a host is written host or host:port, an IPv6 address in brackets; in a password @ is written %40, and / %2F",
    );
  if (Number(port) < 1 || Number(port) > MAX_PORT) throw new Error(`a port is 1 to ${MAX_PORT}`);
  return { host: host.replace(/^\[|\]$/g, ""), port: Number(port) };
}

function parseCredentials(text: string | undefined): RedisLogin {
  if (text === undefined || text === "") return {};
  const colon = text.indexOf(":");
  const username = colon < 0 ? "" : decodePart(text.slice(0, colon));
  const password = decodePart(text.slice(colon + 1));
  return username === "" ? { password } : { username, password };
}

function decodePart(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new Error("the user or the password has a % that is not followed by two hexadecimal digits; write it %25");
  }
}

/**
 * batchWrites makes `redis` hold back what it writes until the turn's own work is done, and no longer: the microtasks
 * that follow one reply, or one batch of jobs. The driver's autopipelining waits for the next turn, which is felt where
 * little is going on.
 */
function batchWrites(redis: Redis): void {
  const send = redis.sendCommand.bind(redis);
  redis.sendCommand = (command, stream) => {
    const socket = redis.stream;
    // There is none before the first connection.
    if (socket !== undefined && socket.writableCorked === 0) {
      socket.cork();
      process.nextTick(() => socket.uncork());
    }
    return send(command, stream);
  };
}
