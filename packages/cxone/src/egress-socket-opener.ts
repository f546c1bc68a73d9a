/**
 * Connections that are open: a socket is given only once it is connected (TCP, proxy and TLS); so a request
 * that never had one has sent nothing.
 */
import { request as httpRequest } from "node:http";
import { connect as connectTcp, isIP, type LookupFunction, type Socket } from "node:net";
import { type ConnectionOptions, connect as connectTls } from "node:tls";

import type { ConnectionFault } from "./http-reply.ts";

/** CONNECT_MS bounds a connection whose request gave up waiting; every request has its own, mostly shorter, limit. */
const CONNECT_MS = 10_000;

/** MAX_SESSIONS: so many hosts' TLS sessions are kept, as Node's own agent does. */
const MAX_SESSIONS = 100;

/** EgressProxy is an HTTP proxy: `authorization` is the value of `Proxy-Authorization`. */
export interface EgressProxy {
  readonly host: string;
  readonly port: number;
  readonly authorization?: string;
}

/**
 * OpenSocketOptions: every connection leads through `proxy`, where there is one; `lookup` resolves names, Node's own
 * unless given.
 */
export interface OpenSocketOptions {
  readonly proxy?: EgressProxy | undefined;
  readonly lookup?: LookupFunction | undefined;
}

/**
 * OpenSocket opens a connection to a URL's host. It rejects with a ConnectionFailed; an aborted `signal` ends the
 * attempt.
 */
export type OpenSocket = (url: URL, signal: AbortSignal) => Promise<Socket>;

/** ConnectionFailed says which step failed; `message` holds an error code and no address. */
export class ConnectionFailed extends Error {
  override readonly name = "ConnectionFailed";
  readonly fault: ConnectionFault | undefined;

  constructor({ detail, fault }: FailureExplanation, options?: ErrorOptions) {
    super(detail, options);
    this.fault = fault;
  }
}

interface FailureExplanation {
  readonly detail: string;
  readonly fault?: ConnectionFault;
}

/** parseEgressProxy reads `http://[user:pass@]host:port`. Throws an Error that does not repeat the credentials. */
export function parseEgressProxy(text: string): EgressProxy {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== "http:" || url.pathname !== "/") {
    throw new Error("the egress proxy is not understood; write http://[user:pass@]host:port");
  }
  const address = { host: hostOf(url), port: Number(url.port || 80) };
  if (url.username === "") return address;
  const credentials = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  return { ...address, authorization: `Basic ${Buffer.from(credentials).toString("base64")}` };
}

/**
 * createEgressSocketOpener: plain http goes to the proxy itself, which forwards it; https through a tunnel. TLS
 * sessions are resumed.
 */
export function createEgressSocketOpener({ proxy, lookup }: OpenSocketOptions): OpenSocket {
  const names = lookup === undefined ? {} : { lookup };
  const sessions = new Map<string, Buffer>();
  return async (url, signal) => {
    const host = hostOf(url);
    if (url.protocol !== "https:") {
      const to = proxy ?? { host, port: Number(url.port || 80) };
      const socket = connectTcp({ host: to.host, port: to.port, noDelay: true, ...names });
      return waitUntilConnected(socket, { event: "connect", proxied: proxy !== undefined, signal });
    }
    const port = Number(url.port || 443);
    const tunnel = proxy === undefined ? {} : { socket: await openTunnel({ proxy, host, port, names, signal }) };
    return connectWithTls({ host, port, ...names, ...tunnel }, { key: url.host, sessions, signal });
  };
}

/** hostOf gives a URL's host as sockets take it: an IPv6 address without its brackets. */
function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[|\]$/g, "");
}

interface TlsOptions {
  readonly key: string;
  readonly sessions: Map<string, Buffer>;
  readonly signal: AbortSignal;
}

/** connectWithTls makes a TLS connection; resuming the last session makes fresh connections cheap. */
function connectWithTls(
  options: ConnectionOptions & { readonly host: string },
  { key, sessions, signal }: TlsOptions,
): Promise<Socket> {
  const session = sessions.get(key);
  const socket = connectTls({
    ...options,
    servername: isIP(options.host) === 0 ? options.host : "",
    ALPNProtocols: ["http/1.1"],
    ...(session === undefined ? {} : { session }),
  });
  // A session that is refused must not be offered again.
  sessions.delete(key);
  socket.on("session", (renewed) => {
    if (sessions.size >= MAX_SESSIONS) sessions.clear();
    sessions.set(key, renewed);
  });
  socket.setNoDelay(true);
  return waitUntilConnected(socket, { event: "secureConnect", proxied: false, signal });
}

interface HandshakeOptions {
  /** The event that ends the last handshake. */
  readonly event: "connect" | "secureConnect";
  readonly proxied: boolean;
  readonly signal: AbortSignal;
}

/**
 * waitUntilConnected gives the socket once it is connected, without listeners of ours; or says why it never will be.
 */
function waitUntilConnected(socket: Socket, { event, proxied, signal }: HandshakeOptions): Promise<Socket> {
  const { promise, resolve, reject } = Promise.withResolvers<Socket>();
  let reached = !socket.connecting;
  const onReached = () => {
    reached = true;
  };
  const fail = (error: Error) => {
    stopListening();
    socket.on("error", () => {}); // destroyed sockets may still report what is known already
    socket.destroy();
    reject(new ConnectionFailed(explainFailure(error, reached, proxied), { cause: error }));
  };
  const onClose = () => fail(new Error("closed"));
  const onAbort = () => fail(new Error("dropped"));
  const onReady = () => {
    stopListening();
    resolve(socket);
  };
  const timer = setTimeout(() => fail(new Error("timed out")), CONNECT_MS);
  const stopListening = () => {
    clearTimeout(timer);
    signal.removeEventListener("abort", onAbort);
    socket.off("connect", onReached).off("error", fail).off("close", onClose).off(event, onReady);
  };
  signal.addEventListener("abort", onAbort);
  socket.on("connect", onReached).on("error", fail).on("close", onClose).on(event, onReady);
  return promise;
}

interface Tunnel {
  readonly proxy: EgressProxy;
  readonly host: string;
  readonly port: number;
  readonly names: { readonly lookup?: LookupFunction };
  readonly signal: AbortSignal;
}

/** openTunnel asks the proxy for a tunnel to a host. */
function openTunnel({ proxy, host, port, names, signal }: Tunnel): Promise<Socket> {
  const { promise, resolve, reject } = Promise.withResolvers<Socket>();
  const target = `${isIP(host) === 6 ? `[${host}]` : host}:${port}`;
  const headers = proxy.authorization === undefined ? {} : { "proxy-authorization": proxy.authorization };
  const request = httpRequest({
    method: "CONNECT",
    host: proxy.host,
    port: proxy.port,
    path: target,
    headers: { host: target, ...headers },
    agent: false,
    signal,
    ...names,
  });
  const timer = setTimeout(() => request.destroy(new Error("timed out")), CONNECT_MS);
  request.once("connect", ({ statusCode = 0 }, socket: Socket) => {
    clearTimeout(timer);
    if (statusCode >= 200 && statusCode < 300) return resolve(socket);
    socket.destroy();
    reject(
      new ConnectionFailed({ detail: `the proxy refused the tunnel with HTTP ${statusCode}`, fault: "proxy-refused" }),
    );
  });
  request.on("error", (error) => {
    clearTimeout(timer);
    reject(new ConnectionFailed(explainFailure(error, false, true), { cause: error }));
  });
  request.end();
  return promise;
}

function explainFailure(error: Error, reached: boolean, proxied: boolean): FailureExplanation {
  const { code, syscall } = error as NodeJS.ErrnoException;
  const why = `(${code ?? error.message})`;
  const whom = proxied ? "the proxy's" : "the";
  if (syscall === "getaddrinfo") return { detail: `${whom} name was not resolved ${why}`, fault: "name-not-resolved" };
  if (reached) return { detail: `TLS failed ${why}`, fault: "tls-failed" };
  return { detail: `${whom} connection was not made ${why}`, ...(proxied ? { fault: "proxy-refused" } : {}) };
}
