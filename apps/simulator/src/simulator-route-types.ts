/** Routes: everything but the signal, as a table. */
import type { IncomingHttpHeaders } from "node:http";
import type { Reply } from "./send-reply.ts";

/** RouteRequest is one request to a route. `origin` is this simulator's address as the client wrote it. */
export interface RouteRequest {
  readonly origin: string;
  readonly path: readonly string[];
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Route serves one method of one path; `path` in a call holds the pattern's groups, decoded. */
export interface Route {
  readonly method: "GET" | "POST" | "DELETE";
  readonly pattern: RegExp;
  readonly serve: (call: RouteRequest) => Reply;
}

/** Endpoint is what a request must look like: its method, and the whole path as a regular expression. */
export interface Endpoint {
  readonly method: string;
  readonly path: RegExp;
}
