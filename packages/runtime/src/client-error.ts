/** Requests that Node's parser refuses before there is a request: answered with a problem all the same, on the bare socket. */
import { randomUUID } from "node:crypto";
import { type IncomingMessage, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import { Refusal } from "@baton/domain";
import { type Problem, problemOf } from "./problem.ts";
import type { RequestLogOptions } from "./request-log.ts";
import type { Unrouted } from "./unrouted.ts";

/** ClientError is what Node's parser says; `rawPacket` is the packet that it gave up in, `bytesParsed` how far into it. */
interface ClientError extends Error {
  readonly code?: string;
  readonly rawPacket?: unknown;
  readonly bytesParsed?: number;
}

/** A request line (RFC 9112 §3) whose method may be any token. */
const REQUEST_LINE = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+ (\S+) [A-Z]+\/\d\.\d\r?$/m;
/** METHOD is told where a request's own method is none that a route can have: a metric's label must not be anything at all. */
const METHOD = "other";

/** ClientErrors answer and close the connection. */
export interface ClientErrors {
  /** For Node's `clientError`. A method that Node does not know gets what every method gets that no route takes; all else is 408, 431 or 400. */
  answer(error: ClientError, socket: Duplex): void;
  /** For Node's `connect`: a tunnel to be opened is the one thing that no path here is. */
  answerConnect(request: Pick<IncomingMessage, "url">, socket: Duplex): void;
}

/** createClientErrors asks `unrouted` about a request's target. */
export function createClientErrors(unrouted: (target: string) => Unrouted, { log, onServed }: RequestLogOptions): ClientErrors {
  function refuse(socket: Duplex, { refusal, allow }: Unrouted): void {
    const requestId = randomUUID();
    const problem = problemOf(refusal, `urn:uuid:${requestId}`);
    const served = { route: "unmatched", method: METHOD, status: problem.status, durationMs: 0 };
    onServed?.(served);
    log.info({ ...served, requestId, problem: refusal.code }, "request");
    socket.end(writeAnswer(problem, { "x-request-id": requestId, ...(allow === undefined ? {} : { allow }) }));
  }

  return {
    answer(error, socket) {
      // Node keeps a socket's unfinished answer under this name: another answer must not be written into it.
      const isAnswering = Boolean(Reflect.get(socket, "_httpMessage"));
      if (error.code === "ECONNRESET" || !socket.writable || isAnswering) return void socket.destroy();
      const target = isAboutMethod(error) ? targetOf(error) : undefined;
      refuse(socket, target === undefined ? { refusal: refusalOf(error) } : unrouted(target));
    },
    answerConnect: ({ url = "" }, socket) => refuse(socket, unrouted(url)),
  };
}

/** isAboutMethod: llhttp calls a method of another protocol (RTSP's, say) an invalid constant. */
function isAboutMethod({ code, message }: ClientError): boolean {
  return code === "HPE_INVALID_METHOD" || (code === "HPE_INVALID_CONSTANT" && message.includes("method"));
}

/** targetOf reads the request line that the parser stopped in; undefined where the packet does not hold all of it. */
function targetOf({ rawPacket, bytesParsed = 0 }: ClientError): string | undefined {
  if (!Buffer.isBuffer(rawPacket)) return undefined;
  const start = rawPacket.subarray(0, bytesParsed).lastIndexOf("\n") + 1;
  const [line = ""] = rawPacket.toString("latin1", start).split("\n", 1);
  return REQUEST_LINE.exec(line)?.[1];
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
