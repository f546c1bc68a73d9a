/** The one file that imports axios, and the adapter under it: node:http, with the truth about what the socket did. */
import { request as httpRequest, type IncomingHttpHeaders, type IncomingMessage } from "node:http";
import { Axios, type AxiosAdapter } from "axios";
import { type Agents, createAgents, type EgressProxy, parseProxy } from "./connection.ts";

/** MAX_ANSWER_BYTES: what is read of an answer. CXone's tokens are a few KiB; more than this says nothing useful. */
const MAX_ANSWER_BYTES = 65_536;

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

/**
 * Reply is what became of a request. Redirects are answers like any other.
 *
 * `answered`: a whole answer, or its first 64 KiB with `cut`. `unsent`: it never had a connection, so no byte of it left.
 * `unanswered`: it had one, so it may have arrived; `status` when the answer's head came and its end did not.
 */
export type Reply =
  | {
      readonly kind: "answered";
      readonly status: number;
      readonly headers: IncomingHttpHeaders;
      readonly body: string;
      readonly cut: boolean;
    }
  | { readonly kind: "unsent"; readonly detail: string }
  | { readonly kind: "unanswered"; readonly status?: number; readonly detail: string };

/** CxOneHttp is the pool of connections to CXone; share one between all clients of a process. */
export interface CxOneHttp {
  /** Never rejects for what the network or the other side does. */
  send(request: HttpRequest): Promise<Reply>;
  /** Drops every connection; requests still out end `unanswered`. */
  close(): void;
}

export interface CxOneHttpOptions {
  /** `http://[user:pass@]host:port`: every request goes through it, https by CONNECT. */
  readonly egressProxy?: string;
}

/** createCxOneHttp opens nothing until the first request. Throws when `egressProxy` is not understood. The environment's proxies are ignored. */
export function createCxOneHttp(options: CxOneHttpOptions = {}): CxOneHttp {
  const proxy = options.egressProxy === undefined ? undefined : parseProxy(options.egressProxy);
  const agents = createAgents(proxy);
  const kept = createClient(agents.kept, proxy);
  const fresh = createClient(agents.fresh, proxy);
  return {
    async send(request) {
      if (!(request.timeLimitMs > 0)) return { kind: "unsent", detail: "no time was left" };
      const response = await (request.fresh === true ? fresh : kept).request<Reply>({
        method: request.method,
        url: request.url,
        headers: { "Content-Type": false, "User-Agent": "baton", Accept: "application/json", ...request.headers },
        data: request.body,
        timeout: request.timeLimitMs,
        ...(request.signal === undefined ? {} : { signal: request.signal }),
      });
      return response.data;
    },
    close: () => agents.close(),
  };
}

/** createClient: the adapter settles with a Reply as the response's data, so nothing of axios's own judgement is in the way. */
function createClient(agents: Agents["kept"], proxy: EgressProxy | undefined): Axios {
  const adapter: AxiosAdapter = async (config) => {
    const headers = config.headers.toJSON() as Record<string, string>;
    const url = new URL(config.url ?? "");
    const data = await exchange({
      agents,
      proxy,
      url,
      headers,
      method: config.method ?? "get",
      body: config.data,
      timeLimitMs: config.timeout ?? 0,
      signal: config.signal as AbortSignal | undefined,
    });
    return { data, status: 200, statusText: "", headers: {}, config };
  };
  // Without axios's own defaults: it merges them anew for each request, and none is meant for us.
  return new Axios({ adapter, transformRequest: [], transformResponse: [], headers: {} });
}

interface Exchange {
  readonly agents: Agents["kept"];
  readonly proxy: EgressProxy | undefined;
  readonly url: URL;
  readonly method: string;
  readonly headers: Record<string, string>;
  readonly body: string | undefined;
  readonly timeLimitMs: number;
  readonly signal: AbortSignal | undefined;
}

/** exchange sends one request and settles once, with the first thing that decides it. */
function exchange({ agents, proxy, url, method, headers, body, timeLimitMs, signal }: Exchange): Promise<Reply> {
  return new Promise((resolve) => {
    let connected = false;
    let status: number | undefined;
    let settled = false;
    const secure = url.protocol === "https:";
    const forwarded = !secure && proxy !== undefined;
    if (forwarded && proxy.authorization !== undefined) headers["Proxy-Authorization"] = proxy.authorization;
    if (method !== "get") headers["Content-Length"] = String(body === undefined ? 0 : Buffer.byteLength(body));
    const agent = secure ? agents.https : agents.http;
    const request = httpRequest(url, { method, headers, agent, ...(forwarded && { path: url.href }), ...(signal && { signal }) });

    const settle = (reply: Reply) => {
      clearTimeout(timer);
      settled = true;
      resolve(reply);
    };
    const fail = (detail: string) => {
      if (!connected) return settle({ kind: "unsent", detail });
      settle(status === undefined ? { kind: "unanswered", detail } : { kind: "unanswered", status, detail });
    };
    const giveUp = () => {
      if (settled) return;
      fail(connected ? "no whole answer in time" : "no connection in time");
      request.destroy();
    };
    // A process that stood still finds the time over and the answer in its socket at once: what is known is not thrown away.
    const timer = setTimeout(() => setImmediate(giveUp), timeLimitMs);

    request.once("socket", () => {
      connected = true;
    });
    request.on("error", (error) => fail(connected ? lostAnswer(error) : error.message));
    request.once("response", (response) => {
      status = response.statusCode;
      if (forwarded && status === 407) {
        // Only the proxy itself asks for this: it forwarded nothing.
        response.resume();
        return settle({ kind: "unsent", detail: "the proxy refused its credentials with HTTP 407" });
      }
      readAnswer(response, settle, fail);
    });
    request.end(body);
  });
}

function readAnswer(response: IncomingMessage, settle: (reply: Reply) => void, fail: (detail: string) => void): void {
  const chunks: Buffer[] = [];
  let bytes = 0;
  const answer = (cut: boolean) => {
    const body = bytes === 0 ? "" : Buffer.concat(chunks).toString("utf8");
    settle({ kind: "answered", status: response.statusCode ?? 0, headers: response.headers, body, cut });
  };
  response.on("data", (chunk: Buffer) => {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes <= MAX_ANSWER_BYTES) return;
    answer(true);
    response.destroy();
  });
  response.on("end", () => (response.complete ? answer(false) : fail("the answer was cut off")));
  response.on("error", (error) => fail(`the answer was cut off (${codeOf(error)})`));
}

function lostAnswer(error: Error): string {
  return `the connection was lost before an answer (${codeOf(error)})`;
}

function codeOf(error: Error): string {
  return (error as NodeJS.ErrnoException).code ?? error.name;
}
