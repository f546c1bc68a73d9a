/**
 * Why no connection to a Redis can be made that is there: its certificate is not trusted, or only one side speaks TLS.
 */
import { connect as connectPlain, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { Redis } from "ioredis";
import type { RedisLogin, RedisNode, RedisTarget } from "./connection.ts";

/** ANSWER_MS is how long a server is waited for: one that is well answers within a few. Milliseconds. */
const ANSWER_MS = 1_000;
const PING = "PING\r\n";
/** What every answer of Redis to PING begins with: `+PONG`, or an error such as NOAUTH. */
const REDIS_ANSWER = /^[+-]/;

/**
 * diagnoseRedisConnection tries each of the target's servers by itself, without a login, and gives the first fault in a
 * sentence that names the remedy. Undefined where there is none, or no server answers. Never rejects.
 */
export async function diagnoseRedisConnection(target: RedisTarget): Promise<string | undefined> {
  for (const servers of serversOf(target)) {
    const faults = await Promise.all((await servers.nodes).map((node) => faultOf(node, servers.kind, target.login)));
    const fault = faults.find((found) => found !== undefined);
    if (fault !== undefined) return `BATON_REDIS_URL: ${fault}`;
  }
  const fault = await findSchemeFault(target);
  return fault === undefined ? undefined : `BATON_REDIS_URL: ${fault}`;
}

/** findSchemeFault gives what shows that the servers are of another kind than the address says. */
async function findSchemeFault(target: RedisTarget): Promise<string | undefined> {
  switch (target.kind) {
    case "single":
      return undefined;
    case "cluster": {
      const { nodes, login } = target;
      const answers = await Promise.all(nodes.map((node) => ask({ ...node, ...login }, ["CLUSTER", "INFO"])));
      return answers.some(isRefusal("cluster support disabled")) ? NO_CLUSTER : undefined;
    }
    case "sentinel": {
      const { nodes, login, master } = target;
      const answers = await Promise.all(nodes.map((node) => askForMaster(master, node, login)));
      if (answers.some(isRefusal("unknown command"))) return NO_SENTINEL;
      return answers.every((answer) => answer === null) ? UNKNOWN_MASTER : undefined;
    }
  }
}

function isRefusal(words: string): (answer: unknown) => boolean {
  return (answer) => answer instanceof Error && answer.message.includes(words);
}

const NO_CLUSTER = "this Redis is no cluster; write redis:// in place of redis+cluster://";
const NO_SENTINEL =
  "no sentinel answers there, but a Redis; name the sentinels' ports, or write redis:// for one Redis";
const UNKNOWN_MASTER = "these sentinels know no master of the name at the end of the address";

/** Servers are those of one kind, found out only when they are asked for. */
interface Servers {
  readonly kind: keyof typeof SPEAKS_TLS;
  readonly nodes: Promise<readonly RedisNode[]> | readonly RedisNode[];
}

function* serversOf(target: RedisTarget): Generator<Servers> {
  switch (target.kind) {
    case "single":
      return yield { kind: "single", nodes: [target.node] };
    case "cluster":
      return yield { kind: "cluster", nodes: target.nodes };
    case "sentinel":
      yield { kind: "sentinel", nodes: target.nodes };
      yield { kind: "master", nodes: mastersOf(target) };
  }
}

async function mastersOf({ nodes, master, login }: RedisTarget & { kind: "sentinel" }): Promise<readonly RedisNode[]> {
  return (await Promise.all(nodes.map((sentinel) => findMasterAddress(master, sentinel, login)))).flat();
}

async function findMasterAddress(name: string, sentinel: RedisNode, login: RedisLogin): Promise<readonly RedisNode[]> {
  const address = await askForMaster(name, sentinel, login);
  return Array.isArray(address) ? [{ host: String(address[0]), port: Number(address[1]) }] : [];
}

/** askForMaster asks a sentinel, without a login; null: it knows none of that name. */
function askForMaster(name: string, sentinel: RedisNode, { tls }: RedisLogin): Promise<unknown> {
  return ask({ ...sentinel, ...(tls && { tls }) }, ["SENTINEL", "GET-MASTER-ADDR-BY-NAME", name]);
}

/** ask gives a server's answer to one command, or the error. */
async function ask(server: RedisNode & RedisLogin, [name, ...args]: readonly [string, ...string[]]): Promise<unknown> {
  const limits = {
    connectTimeout: ANSWER_MS,
    commandTimeout: ANSWER_MS,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  };
  const redis = new Redis({ ...server, ...limits }).on("error", () => undefined);
  try {
    return await redis.call(name, ...args);
  } catch (error) {
    return error;
  } finally {
    redis.disconnect();
  }
}

async function faultOf(node: RedisNode, kind: Servers["kind"], login: RedisLogin): Promise<string | undefined> {
  if (await answersPlain(node)) return login.tls === undefined ? undefined : SPEAKS_NO_TLS[kind];
  const secure = await tryTls(node, login.tls);
  if (secure === undefined) return undefined;
  if (login.tls === undefined) return SPEAKS_TLS[kind];
  return secure.fault === undefined ? undefined : sentenceOf(secure.fault);
}

const SPEAKS_TLS = {
  single: "this Redis speaks TLS, and nothing else; write rediss:// in place of redis://",
  cluster: "this cluster speaks TLS, and nothing else; add ?tls at the end",
  sentinel: "these sentinels speak TLS, and nothing else; add ?tls at the end",
  master: "this master speaks TLS, and nothing else; add ?tls at the end",
} as const;

const SPEAKS_NO_TLS = {
  single: "this Redis speaks no TLS on that port; name its TLS port, or write redis:// in place of rediss://",
  cluster: "this cluster speaks no TLS on that port; name its TLS ports, or leave ?tls out",
  sentinel: "these sentinels speak no TLS on that port; name their TLS ports, or leave ?tls out",
  master: "this master speaks no TLS on that port; have its TLS port announced, or leave ?tls out",
} as const;

function sentenceOf(code: string): string {
  if (code === "CERT_HAS_EXPIRED") return `this Redis's TLS certificate has expired (${code}); renew it`;
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID") {
    return `this Redis's TLS certificate is made out to another name (${code}); write the address as the certificate has it`;
  }
  if (CLIENT_CERTIFICATE.test(code)) {
    return `this Redis asks for a client certificate, and Baton has none (${code}); set \`tls-auth-clients no\` there`;
  }
  return `this Redis's TLS certificate is not trusted (${code}); name a file with its authority in NODE_EXTRA_CA_CERTS`;
}

/** What OpenSSL calls the end of a handshake that lacks a client's certificate: in TLS 1.3, and before. */
const CLIENT_CERTIFICATE = /CERTIFICATE_REQUIRED|HANDSHAKE_FAILURE/;

/** answersPlain says whether a Redis answers without TLS. */
async function answersPlain({ host, port }: RedisNode): Promise<boolean> {
  const socket = connectPlain({ host, port });
  socket.once("connect", () => socket.write(PING));
  const { answer } = await readFirstAnswer(socket);
  return answer !== undefined && REDIS_ANSWER.test(answer);
}

/**
 * tryTls gives what stands in the way of a connection over TLS, if anything; undefined where no server answers in TLS.
 */
async function tryTls({ host, port }: RedisNode, tls: object = {}): Promise<{ readonly fault?: string } | undefined> {
  let untrusted: string | undefined;
  let isSecure = false;
  const socket = connectTls({ host, port, ...tls, rejectUnauthorized: false });
  socket.once("secureConnect", () => {
    isSecure = true;
    // Node's types say Error; it is the error's code.
    if (!socket.authorized) untrusted = String(socket.authorizationError);
    socket.write(PING);
  });
  const { answer, code } = await readFirstAnswer(socket);
  if (code !== undefined && CLIENT_CERTIFICATE.test(code)) return { fault: untrusted ?? code };
  if (!isSecure || answer === undefined || !REDIS_ANSWER.test(answer)) return undefined;
  return untrusted === undefined ? {} : { fault: untrusted };
}

/** readFirstAnswer gives what a socket says first, or the code that it fails with, and closes it. */
function readFirstAnswer(socket: Socket): Promise<{ readonly answer?: string; readonly code?: string }> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => done({}), ANSWER_MS);
    function done(result: { answer?: string; code?: string }) {
      clearTimeout(timer);
      resolve(result);
      socket.destroy();
    }
    socket.once("data", (data) => done({ answer: data.toString("latin1") }));
    socket.on("error", (error: NodeJS.ErrnoException) => done({ code: error.code ?? "" }));
    socket.once("close", () => done({}));
  });
}
