/** One request and what became of it, with the truth about what its socket did. */
import type { Socket } from "node:net";
import type { Client, Dispatcher } from "undici";
import type { ConnectionPool } from "./connection-pool.ts";
import { ConnectionFailed } from "./egress-socket-opener.ts";
import type { ConnectionFault, Reply, ReplyHeaders } from "./http-reply.ts";

/** MAX_ANSWER_BYTES: what is read of an answer. CXone's tokens are a few KiB; more than this says nothing useful. */
const MAX_ANSWER_BYTES = 65_536;

/** PROXY_REFUSES: only a proxy itself asks for a login, and it forwarded nothing then. */
const PROXY_REFUSES = 407;

/** undici's codes for a connection that the other side, or `close`, ended; Node calls it so. */
const CLOSED_CODES = new Set(["UND_ERR_SOCKET", "UND_ERR_DESTROYED"]);
const CLOSED = "ECONNRESET";

/** ExchangeRequest is one request as it goes out. */
export interface ExchangeRequest {
  readonly url: URL;
  readonly method: "GET" | "POST";
  readonly headers: Record<string, string>;
  readonly body: string | undefined;
  readonly timeLimitMs: number;
  readonly signal: AbortSignal | undefined;
  /** A connection for this request alone. */
  readonly fresh: boolean;
  /** It goes to a proxy, which sends it on. */
  readonly forwarded: boolean;
}

/**
 * sendHttpRequest sends one request and settles once, with the first thing that decides it. Never rejects for what the
 * network does.
 */
export function sendHttpRequest(pool: ConnectionPool, request: ExchangeRequest): Promise<Reply> {
  const { promise, resolve } = Promise.withResolvers<Reply>();
  new Exchange(pool, request, resolve).begin();
  return promise;
}

class Exchange implements Dispatcher.DispatchHandler {
  readonly #pool: ConnectionPool;
  readonly #request: ExchangeRequest;
  readonly #resolve: (reply: Reply) => void;
  readonly #origin: string;
  /** On performance.now()'s clock, milliseconds. */
  readonly #endsAt: number;
  readonly #timer: NodeJS.Timeout;
  #client: Client | undefined;
  /** Whether the connection served another request before. */
  #reused = false;
  /** Set before the request's first byte is written, in the same turn. */
  #controller: Dispatcher.DispatchController | undefined;
  #status: number | undefined;
  #headers: ReplyHeaders = {};
  readonly #chunks: Buffer[] = [];
  #bytes = 0;
  #settled = false;

  constructor(pool: ConnectionPool, request: ExchangeRequest, resolve: (reply: Reply) => void) {
    this.#pool = pool;
    this.#request = request;
    this.#resolve = resolve;
    this.#origin = request.url.origin;
    this.#endsAt = performance.now() + request.timeLimitMs;
    // A process that stood still finds the time over and the answer in its socket at once: what is known is not thrown
    // away.
    this.#timer = setTimeout(() => setImmediate(this.#endTime), request.timeLimitMs);
  }

  begin(): void {
    const { signal } = this.#request;
    signal?.addEventListener("abort", this.#drop, { once: true });
    if (signal?.aborted === true) this.#drop();
    else this.#findConnection();
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    // A process that stood still has its connection when the time is over, and another attempt may be under way by now.
    if (performance.now() >= this.#endsAt) this.#endTime();
    if (this.#settled) controller.abort(new Error("too late"));
    else this.#controller = controller;
  }

  onResponseStart(_: Dispatcher.DispatchController, status: number, headers: ReplyHeaders): void {
    if (status < 200) return;
    this.#status = status;
    this.#headers = headers;
    if (this.#request.forwarded && status === PROXY_REFUSES) {
      const detail = `the proxy refused its credentials with HTTP ${PROXY_REFUSES}`;
      this.#settle({ kind: "unsent", detail, fault: "proxy-refused" });
    }
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    if (this.#bytes <= MAX_ANSWER_BYTES) return;
    this.#answer(true);
    controller.abort(new Error("too long"));
  }

  onResponseEnd(): void {
    this.#answer(false);
    if (this.#client !== undefined && !this.#request.fresh) this.#pool.giveBack(this.#origin, this.#client);
  }

  onResponseError(_: Dispatcher.DispatchController | undefined, error: Error): void {
    // Closed by the other side before the request was written on it.
    const wasStale = this.#reused && this.#controller === undefined && this.#client?.destroyed === false;
    if (wasStale && !this.#settled) this.#findConnection();
    else if (this.#controller === undefined) this.#fail(error.message);
    else if (this.#status === undefined)
      this.#fail(`the connection was lost before an answer (${networkErrorCodeOf(error)})`);
    else this.#fail(`the answer was cut off (${networkErrorCodeOf(error)})`);
  }

  #findConnection(): void {
    const { fresh, url } = this.#request;
    const idle = fresh ? undefined : this.#pool.takeIdle(this.#origin);
    const unused = fresh || idle !== undefined ? undefined : this.#pool.takeUnused(this.#origin);
    this.#reused = idle !== undefined;
    if (idle !== undefined) this.#send(idle);
    else if (unused !== undefined) this.#useSocket(unused);
    else
      this.#pool.connect(url).then(
        (socket) => this.#useSocket(socket),
        (error: Error) => this.#fail(error.message, error instanceof ConnectionFailed ? error.fault : undefined),
      );
  }

  #useSocket(socket: Socket): void {
    if (!this.#settled) this.#send(this.#pool.open(this.#origin, socket));
    else if (this.#request.fresh) socket.destroy();
    else this.#pool.keepUnused(this.#origin, socket);
  }

  #send(client: Client): void {
    const { method, url, forwarded, headers, body, fresh } = this.#request;
    const path = forwarded ? url.href : url.pathname + url.search;
    this.#client = client;
    client.dispatch({ method, path, headers, body: body ?? null, reset: fresh }, this);
  }

  readonly #endTime = (): void =>
    this.#giveUp(this.#controller === undefined ? "no connection in time" : "no whole answer in time");

  readonly #drop = (): void => this.#giveUp("the caller gave the request up");

  #giveUp(detail: string): void {
    if (this.#settled) return;
    this.#fail(detail);
    this.#controller?.abort(new Error(detail));
  }

  #fail(detail: string, fault?: ConnectionFault): void {
    const status = this.#status === undefined ? {} : { status: this.#status };
    this.#settle(
      this.#controller === undefined
        ? { kind: "unsent", detail, ...(fault === undefined ? {} : { fault }) }
        : { kind: "unanswered", ...status, detail },
    );
  }

  #answer(cut: boolean): void {
    const body = this.#bytes === 0 ? "" : Buffer.concat(this.#chunks).toString("utf8");
    this.#settle({ kind: "answered", status: this.#status ?? 0, headers: this.#headers, body, cut });
  }

  #settle(reply: Reply): void {
    if (this.#settled) return;
    this.#settled = true;
    clearTimeout(this.#timer);
    this.#request.signal?.removeEventListener("abort", this.#drop);
    this.#resolve(reply);
  }
}

function networkErrorCodeOf(error: Error): string {
  const code = (error as NodeJS.ErrnoException).code ?? error.name;
  return CLOSED_CODES.has(code) ? CLOSED : code;
}
