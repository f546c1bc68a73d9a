/**
 * Connections kept between requests. Each in use is an undici client on a socket that stands already, for one request
 * at a time.
 */
import type { Socket } from "node:net";
import { Client } from "undici";
import type { OpenSocket } from "./egress-socket-opener.ts";

/**
 * IDLE_MS: idle connections are dropped before a gateway drops them (common limits are 5 s and more), so that few
 * requests meet a closed one.
 */
const IDLE_MS = 4_000;

/** HINT_LEEWAY_MS: where the other side says how long it keeps an idle connection, it is dropped so much earlier. */
const HINT_LEEWAY_MS = 1_000;

/** ConnectionPool opens connections with `connect`, and keeps those that are given back, by origin. */
export class ConnectionPool {
  readonly #connect: OpenSocket;
  readonly #idle = new Map<string, Client[]>();
  /** Connected sockets that no request has used: theirs gave up waiting for them. */
  readonly #unused = new Map<string, Socket[]>();
  readonly #clients = new Set<Client>();
  readonly #connecting = new Set<AbortController>();

  constructor(connect: OpenSocket) {
    this.#connect = connect;
  }

  /** takeIdle gives the connection that was used last; undefined where none is idle. */
  takeIdle(origin: string): Client | undefined {
    for (;;) {
      const client = this.#idle.get(origin)?.pop();
      if (client === undefined || client.stats.connected) return client;
    }
  }

  /** connect makes a connection. It rejects with a ConnectionFailed. */
  async connect(url: URL): Promise<Socket> {
    const connecting = new AbortController();
    this.#connecting.add(connecting);
    try {
      return await this.#connect(url, connecting.signal);
    } finally {
      this.#connecting.delete(connecting);
    }
  }

  /**
   * open gives a client that sends on `socket`, and on no other: the caller decides what follows on a connection
   * that is gone.
   */
  open(origin: string, socket: Socket): Client {
    let unused: Socket | undefined = socket;
    const client = new Client(origin, {
      connect(_, callback) {
        const given = unused;
        unused = undefined;
        queueMicrotask(() =>
          given === undefined ? callback(new Error("the connection is gone"), null) : callback(null, given),
        );
      },
      allowH2: false,
      keepAliveTimeout: IDLE_MS,
      keepAliveMaxTimeout: IDLE_MS,
      keepAliveTimeoutThreshold: HINT_LEEWAY_MS,
      // Each request has a time limit of its own, for all of it.
      headersTimeout: 0,
      bodyTimeout: 0,
    });
    this.#clients.add(client);
    client.on("disconnect", () => {
      this.#clients.delete(client);
      removeFromList(this.#idle, origin, client);
    });
    return client;
  }

  /** giveBack keeps a connection for the next request. */
  giveBack(origin: string, client: Client): void {
    if (this.#clients.has(client)) addToList(this.#idle, origin, client);
  }

  /** keepUnused keeps a socket that came too late for the request that asked for it. */
  keepUnused(origin: string, socket: Socket): void {
    const drop = () => socket.destroy();
    addToList(this.#unused, origin, socket);
    socket.unref().setTimeout(IDLE_MS, drop).on("error", drop);
    // No request was sent on it, so any byte that comes ends it.
    socket.on("data", drop).on("close", () => removeFromList(this.#unused, origin, socket));
  }

  /** takeUnused gives a socket of keepUnused; undefined where there is none. */
  takeUnused(origin: string): Socket | undefined {
    for (;;) {
      const socket = this.#unused.get(origin)?.pop();
      if (socket === undefined) return undefined;
      if (socket.destroyed) continue;
      socket.removeAllListeners("data").removeAllListeners("timeout").pause();
      return socket.setTimeout(0).ref();
    }
  }

  /** close drops every connection, also those in use and those being made. */
  close(): void {
    for (const connecting of this.#connecting) connecting.abort();
    for (const client of this.#clients) void client.destroy();
    for (const socket of [...this.#unused.values()].flat()) socket.destroy();
    this.#clients.clear();
    this.#idle.clear();
    this.#unused.clear();
  }
}

function addToList<T>(lists: Map<string, T[]>, origin: string, item: T): void {
  const list = lists.get(origin);
  if (list === undefined) lists.set(origin, [item]);
  else list.push(item);
}

function removeFromList<T>(lists: Map<string, T[]>, origin: string, item: T): void {
  const list = lists.get(origin) ?? [];
  const at = list.indexOf(item);
  if (at >= 0) list.splice(at, 1);
  if (list.length === 0) lists.delete(origin);
}
