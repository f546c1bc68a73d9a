/**
 * Requests that Node's parser refuses before there is a request: still answered with a problem, on the bare
 * socket.
 */
import { type IncomingHttpHeaders, type IncomingMessage, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import { Refusal } from "@baton/domain";
import { endConnection, finishAnswers } from "./broken-connection.ts";
import { correlationOf, requestIdOf } from "./correlation.ts";
import { instanceOf, type Problem, problemOf } from "./problem.ts";
import type { RequestLogOptions } from "./request-log.ts";
import type { UnmatchedRequest } from "./route-table.ts";

/**
 * ClientError is what Node's parser says; `rawPacket` is the packet that it gave up in, `bytesParsed` how far into it.
 */
interface ClientError extends Error {
  readonly code?: string;
  readonly rawPacket?: unknown;
  readonly bytesParsed?: number;
}

/** A request line (RFC 9112 §3) whose method may be any token. */
const REQUEST_LINE = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+ (\S+) [A-Z]+\/\d\.\d\r?$/m;
const CORRELATION_HEADER = /^(x-request-id|traceparent):[ \t]*(.*?)[ \t]*\r?$/gim;
/**
 * METHOD stands for a method that no route can have: a metric's label must not be free text.
 */
const METHOD = "other";

/** ClientErrors answer and close the connection. */
export interface ClientErrors {
  /**
   * For Node's `clientError`. A method that Node does not know gets what every method gets that no route takes; all
   * else is 408, 431 or 400.
   */
  answer(error: ClientError, socket: Duplex): void;
  /** For Node's `connect`: a tunnel to be opened is the one thing that no path here is. */
  answerConnect(request: Pick<IncomingMessage, "url" | "headers">, socket: Duplex): void;
}

/** createClientErrors asks `refusalFor` about a request's target. */
export function createClientErrors(
  refusalFor: (target: string) => UnmatchedRequest,
  { log, onServed }: RequestLogOptions,
): ClientErrors {
  function refuse(socket: Duplex, { refusal, allow }: UnmatchedRequest, headers: IncomingHttpHeaders = {}): void {
    const requestId = requestIdOf(headers["x-request-id"]);
    const { traceparent } = correlationOf(requestId, headers);
    const problem = problemOf(refusal, instanceOf(requestId));
    const served = { route: "unmatched", method: METHOD, status: problem.status, durationMs: 0 };
    const trace = traceparent === undefined ? {} : { traceparent };
    onServed?.(served, { requestId, ...trace });
    log.info({ ...served, requestId, ...trace, problem: refusal.code }, "request");
    endConnection(
      socket,
      writeAnswer(problem, { "x-request-id": requestId, ...trace, ...(allow === undefined ? {} : { allow }) }),
    );
  }

  return {
    answer(error, socket) {
      if (error.code === "ECONNRESET") return void socket.destroy();
      if (finishAnswers(socket, bodyRefusalOf(error))) return;
      if (!socket.writable) return void socket.destroy();
      const request = isAboutMethod(error) ? requestOf(error) : undefined;
      if (request === undefined) refuse(socket, { refusal: refusalOf(error) });
      else refuse(socket, refusalFor(request.target), request.headers);
    },
    answerConnect: ({ url = "", headers }, socket) => refuse(socket, refusalFor(url), headers),
  };
}

/** isAboutMethod: llhttp calls a method of another protocol (RTSP's, say) an invalid constant. */
function isAboutMethod({ code, message }: ClientError): boolean {
  return code === "HPE_INVALID_METHOD" || (code === "HPE_INVALID_CONSTANT" && message.includes("method"));
}

interface UnparsedRequest {
  readonly target: string;
  /** Those that say what it is known by, where the packet holds them. */
  readonly headers: IncomingHttpHeaders;
}

/**
 * requestOf reads the request that the parser stopped in; undefined where the packet does not hold all of its first
 * line.
 */
function requestOf({ rawPacket, bytesParsed = 0 }: ClientError): UnparsedRequest | undefined {
  if (!Buffer.isBuffer(rawPacket)) return undefined;
  const start = rawPacket.subarray(0, bytesParsed).lastIndexOf("\n") + 1;
  const [head = ""] = rawPacket.toString("latin1", start).split("\r\n\r\n", 1);
  const [line = ""] = head.split("\n", 1);
  const target = REQUEST_LINE.exec(line)?.[1];
  if (target === undefined) return undefined;
  const headers = [...head.matchAll(CORRELATION_HEADER)].map(([, name = "", value = ""]) => [
    name.toLowerCase(),
    value,
  ]);
  return { target, headers: Object.fromEntries(headers) };
}

function refusalOf({ code }: ClientError): Refusal {
  switch (code) {
    case "ERR_HTTP_REQUEST_TIMEOUT":
      return new Refusal("request-timeout", "the request did not arrive whole in the time that it may take");
    case "HPE_HEADER_OVERFLOW":
      return new Refusal("headers-too-large", "the headers are larger than is taken here");
    default:
      return new Refusal("invalid-request", "this is no HTTP/1.1 request");
  }
}

function bodyRefusalOf(error: ClientError): Refusal {
  if (error.code === "ERR_HTTP_REQUEST_TIMEOUT") return refusalOf(error);
  return new Refusal("malformed-json", "the body ended too early, or breaks HTTP's rules");
}

function writeAnswer(problem: Problem, headers: Readonly<Record<string, string>>): string {
  const body = JSON.stringify(problem);
  const fields = {
    ...headers,
    "content-type": "application/problem+json",
    "content-length": String(Buffer.byteLength(body)),
    connection: "close",
  };
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status] ?? ""}\r\n${lines.join("")}\r\n${body}`;
}
