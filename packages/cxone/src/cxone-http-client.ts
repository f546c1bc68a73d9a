/** The one file that imports axios, and the adapter under it, which sends through undici. */
import type { LookupFunction } from "node:net";
import { Axios, type AxiosAdapter } from "axios";
import { ConnectionPool } from "./connection-pool.ts";
import { createEgressSocketOpener, type EgressProxy, parseEgressProxy } from "./egress-socket-opener.ts";
import { sendHttpRequest } from "./http-exchange.ts";
import type { Reply } from "./http-reply.ts";

/** HttpRequest is one request. `timeLimitMs` covers all of it, from the name's resolution to the answer's last byte. */
export interface HttpRequest {
  readonly method: "GET" | "POST";
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly timeLimitMs: number;
  /** A new connection for this request alone. */
  readonly fresh?: boolean;
  /** Once aborted, the request is dropped: it ends `unsent` or `unanswered`. */
  readonly signal?: AbortSignal | undefined;
}

/** CxOneHttpClient is the pool of connections to CXone; share one between all clients of a process. */
export interface CxOneHttpClient {
  /** Never rejects for what the network or the other side does. */
  send(request: HttpRequest): Promise<Reply>;
  /** Drops every connection; requests still out end `unanswered`. */
  close(): void;
}

export interface CxOneHttpClientOptions {
  /** `http://[user:pass@]host:port`: every request goes through it, https by CONNECT. */
  readonly egressProxy?: string;
  /** How names become addresses; Node's own look-up unless given. */
  readonly lookup?: LookupFunction;
}

/**
 * createCxOneHttpClient opens nothing until the first request. Throws when `egressProxy` is not understood. The
 * environment's proxies are ignored.
 */
export function createCxOneHttpClient(options: CxOneHttpClientOptions = {}): CxOneHttpClient {
  const proxy = options.egressProxy === undefined ? undefined : parseEgressProxy(options.egressProxy);
  const pool = new ConnectionPool(createEgressSocketOpener({ proxy, lookup: options.lookup }));
  // Without axios's own defaults: it merges them anew for each request, and none is meant for us. Headers are the
  // adapter's, since axios copies and normalizes them four times on their way, also where there are none.
  const client = new Axios({});
  return {
    async send(request) {
      if (!(request.timeLimitMs > 0)) return { kind: "unsent", detail: "no time was left" };
      const response = await client.request<Reply>({
        method: request.method,
        url: request.url,
        data: request.body,
        adapter: createAdapter(pool, proxy, request),
      });
      return response.data;
    },
    close: () => pool.close(),
  };
}

/** Headers of each request, unless it has its own. */
const ALWAYS = { "User-Agent": "baton", Accept: "application/json" } as const;

/** createAdapter: it settles with a Reply as the response's data, so nothing of axios's own judgement is in the way. */
function createAdapter(pool: ConnectionPool, proxy: EgressProxy | undefined, request: HttpRequest): AxiosAdapter {
  return async (config) => {
    const url = new URL(request.url);
    const headers: Record<string, string> = { ...ALWAYS, ...request.headers };
    const forwarded = proxy !== undefined && url.protocol === "http:";
    if (forwarded && proxy.authorization !== undefined) headers["Proxy-Authorization"] = proxy.authorization;
    const { method, body, timeLimitMs, signal, fresh = false } = request;
    // A proxy that forwards may close a connection after any answer without a word (tinyproxy does): the next request
    // would be lost on it. A tunnel ends with CXone, and is kept.
    const data = await sendHttpRequest(pool, {
      url,
      method,
      headers,
      body,
      timeLimitMs,
      signal,
      fresh: fresh || forwarded,
      forwarded,
    });
    return { data, status: 200, statusText: "", headers: {}, config };
  };
}
