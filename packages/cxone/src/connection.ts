/**
 * Connections that tell the truth. A request is given a socket only once that socket is connected (TCP, proxy and TLS);
 * so a request that never had one has sent nothing, and a request that had one may have.
 */
import { type ClientRequestArgs, Agent as HttpAgent, request as httpRequest } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";

/** IDLE_MS: idle sockets are dropped before a gateway drops them (common limits are 5 s and more), so that few requests meet a closed one. */
const IDLE_MS = 4_000;

/** CONNECT_MS bounds a connection whose request gave up waiting; every request has its own, mostly shorter, limit. */
const CONNECT_MS = 10_000;

/** EgressProxy is an HTTP proxy: `authorization` is the value of `Proxy-Authorization`. */
export interface EgressProxy {
  readonly host: string;
  readonly port: number;
  readonly authorization?: string;
}

/** ConnectionFailed says which step failed; `message` holds an error code and no address. */
class ConnectionFailed extends Error {
  override readonly name = "ConnectionFailed";
}

/** Agents hands out connections: kept alive, or fresh for one request each. */
export interface Agents {
  readonly kept: { readonly http: HttpAgent; readonly https: HttpsAgent };
  readonly fresh: { readonly http: HttpAgent; readonly https: HttpsAgent };
  close(): void;
}

/** createAgents leads every connection through `proxy`, where there is one. */
export function createAgents(proxy: EgressProxy | undefined): Agents {
  // A proxy that forwards may close a connection after any answer without a word (tinyproxy does): the next request would be lost on
  // it. A tunnel ends with CXone, and is kept.
  const kept = { http: new PlainAgent(proxy, proxy === undefined), https: new SecureAgent(proxy, true) };
  const fresh = { http: new PlainAgent(proxy, false), https: new SecureAgent(proxy, false) };
  return {
    kept,
    fresh,
    close() {
      for (const agent of [kept.http, kept.https, fresh.http, fresh.https]) agent.destroy();
    },
  };
}

/** parseProxy reads `http://[user:pass@]host:port`. Throws an Error that does not repeat the credentials. */
export function parseProxy(text: string): EgressProxy {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== "http:" || url.pathname !== "/") {
    throw new Error("the egress proxy is not understood; write http://[user:pass@]host:port");
  }
  const address = { host: url.hostname.replace(/^\[|\]$/g, ""), port: Number(url.port || 80) };
  if (url.username === "") return address;
  const credentials = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  return { ...address, authorization: `Basic ${Buffer.from(credentials).toString("base64")}` };
}

type Handover = (error: Error | null, socket?: Duplex) => void;

class PlainAgent extends HttpAgent {
  readonly #proxy: EgressProxy | undefined;

  constructor(proxy: EgressProxy | undefined, keepAlive: boolean) {
    super({ keepAlive, timeout: IDLE_MS });
    this.#proxy = proxy;
  }

  override createConnection(options: ClientRequestArgs, handover: Handover): undefined {
    const via = this.#proxy === undefined ? options : { ...options, host: this.#proxy.host, port: this.#proxy.port };
    handWhenConnected(super.createConnection(via) as Socket, { event: "connect", proxied: this.#proxy !== undefined }, handover);
  }
}

class SecureAgent extends HttpsAgent {
  readonly #proxy: EgressProxy | undefined;

  constructor(proxy: EgressProxy | undefined, keepAlive: boolean) {
    super({ keepAlive, timeout: IDLE_MS });
    this.#proxy = proxy;
  }

  override createConnection(options: ClientRequestArgs, handover: Handover): undefined {
    if (this.#proxy === undefined) {
      this.#secure(options, handover);
      return;
    }
    const host = options.host ?? "";
    const target = `${host.includes(":") ? `[${host}]` : host}:${options.port ?? 443}`;
    openTunnel(this.#proxy, target, (error, tunnel) => {
      if (error === null) this.#secure({ ...options, socket: tunnel } as ClientRequestArgs, handover);
      else handover(error);
    });
  }

  /** Node's own createConnection resumes TLS sessions, which makes fresh connections cheap. */
  #secure(options: ClientRequestArgs, handover: Handover): void {
    handWhenConnected(super.createConnection(options) as Socket, { event: "secureConnect", proxied: false }, handover);
  }
}

interface Awaited {
  /** The event that ends the last handshake. */
  readonly event: "connect" | "secureConnect";
  readonly proxied: boolean;
}

/** handWhenConnected hands the socket over once, connected and without listeners of ours; or says why it never will be. */
function handWhenConnected(socket: Socket, { event, proxied }: Awaited, handover: Handover): void {
  let reached = !socket.connecting;
  const onReached = () => {
    reached = true;
  };
  const fail = (error: Error) => {
    stopListening();
    socket.on("error", () => {}); // destroyed sockets may still report what is known already
    socket.destroy();
    handover(new ConnectionFailed(explain(error, reached, proxied), { cause: error }));
  };
  const onClose = () => fail(new Error("closed"));
  const onReady = () => {
    stopListening();
    handover(null, socket);
  };
  const timer = setTimeout(() => fail(new Error("timed out")), CONNECT_MS);
  const stopListening = () => {
    clearTimeout(timer);
    socket.off("connect", onReached).off("error", fail).off("close", onClose).off(event, onReady);
  };
  socket.on("connect", onReached).on("error", fail).on("close", onClose).on(event, onReady);
}

/** openTunnel asks the proxy for a tunnel to `target` (`host:port`). */
function openTunnel(proxy: EgressProxy, target: string, handover: Handover): void {
  const headers = proxy.authorization === undefined ? {} : { "proxy-authorization": proxy.authorization };
  const request = httpRequest({
    method: "CONNECT",
    host: proxy.host,
    port: proxy.port,
    path: target,
    headers: { host: target, ...headers },
    agent: false,
  });
  const timer = setTimeout(() => request.destroy(new Error("timed out")), CONNECT_MS);
  request.once("connect", ({ statusCode = 0 }, socket) => {
    clearTimeout(timer);
    if (statusCode >= 200 && statusCode < 300) return handover(null, socket);
    socket.destroy();
    handover(new ConnectionFailed(`the proxy refused the tunnel with HTTP ${statusCode}`));
  });
  request.on("error", (error) => {
    clearTimeout(timer);
    handover(new ConnectionFailed(explain(error, false, true), { cause: error }));
  });
  request.end();
}

function explain(error: Error, reached: boolean, proxied: boolean): string {
  const { code, syscall } = error as NodeJS.ErrnoException;
  const why = `(${code ?? error.message})`;
  const whom = proxied ? "the proxy's" : "the";
  if (syscall === "getaddrinfo") return `${whom} name was not resolved ${why}`;
  if (reached) return `TLS failed ${why}`;
  return `${whom} connection was not made ${why}`;
}
