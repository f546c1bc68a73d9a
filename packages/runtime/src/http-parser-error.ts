/**
 * Requests that Node's parser refuses before there is a request: still answered with a problem, on the bare
 * socket.
 */
import { type IncomingHttpHeaders, type IncomingMessage, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import { Refusal } from "@baton/domain";
import { endConnectionWithLinger, finishPendingAnswers } from "./malformed-http-connection.ts";
import { type Problem, problemInstanceOfRequest, problemOfRefusal } from "./problem-response.ts";
import { correlationOfRequest, requestIdOf } from "./request-correlation.ts";
import type { RequestLogOptions } from "./request-log.ts";
import type { UnmatchedRequest } from "./route-method-table.ts";

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

/** HttpParserErrorHandler answers and closes the connection. */
export interface HttpParserErrorHandler {
  /**
   * For Node's `clientError`. A method that Node does not know gets what every method gets that no route takes; all
   * else is 408, 431 or 400.
   */
  answer(error: ClientError, socket: Duplex): void;
  /** For Node's `connect`: a tunnel to be opened is the one thing that no path here is. */
  answerConnect(request: Pick<IncomingMessage, "url" | "headers">, socket: Duplex): void;
}

/** createHttpParserErrorHandler asks `refusalFor` about a request's target. */
export function createHttpParserErrorHandler(
  refusalFor: (target: string) => UnmatchedRequest,
  { log, onServed }: RequestLogOptions,
): HttpParserErrorHandler {
  function refuse(socket: Duplex, { refusal, allow }: UnmatchedRequest, headers: IncomingHttpHeaders = {}): void {
    const requestId = requestIdOf(headers["x-request-id"]);
    const { traceparent } = correlationOfRequest(requestId, headers);
    const problem = problemOfRefusal(refusal, problemInstanceOfRequest(requestId));
    const served = { route: "unmatched", method: METHOD, status: problem.status, durationMs: 0 };
    const trace = traceparent === undefined ? {} : { traceparent };
    onServed?.(served, { requestId, ...trace });
    log.info({ ...served, requestId, ...trace, problem: refusal.code }, "request");
    endConnectionWithLinger(
      socket,
      writeAnswer(problem, { "x-request-id": requestId, ...trace, ...(allow === undefined ? {} : { allow }) }),
    );
  }

  return {
    answer(error, socket) {
      if (error.code === "ECONNRESET") return void socket.destroy();
      if (finishPendingAnswers(socket, bodyRefusalOf(error))) return;
      if (!socket.writable) return void socket.destroy();
      const request = isAboutMethod(error) ? readUnparsedRequest(error) : undefined;
      if (request === undefined) refuse(socket, { refusal: refusalOfParserError(error) });
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
 * readUnparsedRequest reads the request that the parser stopped in; undefined where the packet does not hold all of its
 * first line.
 */
function readUnparsedRequest({ rawPacket, bytesParsed = 0 }: ClientError): UnparsedRequest | undefined {
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

function refusalOfParserError({ code }: ClientError): Refusal {
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
  if (error.code === "ERR_HTTP_REQUEST_TIMEOUT") return refusalOfParserError(error);
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
