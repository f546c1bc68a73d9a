/** Answers: what goes back to the client, and what a fault makes of it on the way. */
import { type ServerResponse, STATUS_CODES } from "node:http";
import type { Settings } from "./behavior-settings.ts";
import { type Fault, httpStatusOfFault } from "./faults.ts";

/** Answer is a response as a value. The `body` is text, sent as it is. */
export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/**
 * Reply is an answer with what happens to its delivery. `answered` is called with the status once the answer leaves in
 * full.
 */
export interface Reply {
  readonly answer: Answer;
  readonly fault?: Fault | undefined;
  readonly delayMs?: number;
  readonly answered?: (status: number) => void;
}

/** What a truncated answer promises and does not send. */
const MISSING_BYTES = 64;

export function jsonAnswer(status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): Answer {
  return {
    status,
    headers: { "content-type": "application/json; charset=utf-8", ...headers },
    body: JSON.stringify(value),
  };
}

/**
 * cxoneErrorAnswer is an error in the shape that `settings.errorMember` selects; `error` is the short code beside the
 * text.
 */
export function cxoneErrorAnswer(
  settings: Settings,
  status: number,
  { error, text }: { error: string; text: string },
): Answer {
  return jsonAnswer(status, { error, [settings.errorMember]: text });
}

/** simulatorProblemAnswer is a refusal by the simulator itself, not by the CXone that it plays. */
export function simulatorProblemAnswer(
  status: number,
  detail: string,
  errors?: readonly { readonly pointer: string; readonly message: string }[],
): Answer {
  const body = {
    type: "about:blank",
    title: "The simulator refused this",
    status,
    detail,
    ...(errors === undefined ? {} : { errors }),
  };
  return jsonAnswer(status, body, { "content-type": "application/problem+json" });
}

type Errors = Readonly<Record<number, { readonly error: string; readonly text: string }>>;

/** FaultContext is what an error of a fault's making is worded with. */
export interface FaultContext {
  readonly settings: Settings;
  /** What the error may repeat: the parameters, decoded and as they were sent. */
  readonly signal?: { readonly params: Readonly<Record<string, string>>; readonly sent: string };
  /** Words by status where they differ from the API's. */
  readonly errors?: Errors;
}

/**
 * applyFaultToAnswer is `usual` as the fault changes it: status, headers and body; when and whether it leaves is
 * `sendReply`'s business.
 */
export function applyFaultToAnswer(usual: Answer, fault: Fault | undefined, context: FaultContext): Answer {
  if (fault === undefined) return usual;
  const status = httpStatusOfFault(fault);
  if (status === undefined && fault.body === undefined && fault.contentType === undefined) return usual;
  const base = status === undefined || status === usual.status ? usual : errorAnswerOfFault(fault, status, context);
  const body = fault.body === undefined ? base.body : bodyText(fault.body);
  const type =
    fault.contentType ?? (fault.body === undefined ? base.headers?.["content-type"] : contentTypeOf(fault.body));
  return {
    status: status ?? usual.status,
    headers: {
      ...(type === undefined ? {} : { "content-type": type }),
      ...(fault.retryAfter === undefined ? {} : { "retry-after": String(fault.retryAfter) }),
      ...(fault.redirectTo === undefined ? {} : { location: fault.redirectTo }),
      ...(fault.icStatusDescription === undefined ? {} : { icStatusDescription: fault.icStatusDescription }),
    },
    ...(body === undefined ? {} : { body }),
  };
}

function errorAnswerOfFault(fault: Fault, status: number, { settings, signal, errors = {} }: FaultContext): Answer {
  if (fault.echoParams === true && signal !== undefined) {
    const values = Object.entries(signal.params).map(([name, value]) => `${name}=${value}`);
    const text = `Invalid parameters: ${values.join(", ")} (received ${signal.sent})`;
    return cxoneErrorAnswer(settings, status, { error: "invalid_request", text });
  }
  if (status < 400 || fault.icStatusDescription !== undefined) return { status };
  return cxoneErrorAnswer(
    settings,
    status,
    errors[status] ?? ERRORS[status] ?? { error: "server_error", text: STATUS_CODES[status] ?? "Error" },
  );
}

/** The words are the simulator's own: NICE publishes none for the signal. */
const ERRORS: Errors = {
  400: { error: "invalid_request", text: "The request is not valid." },
  401: { error: "invalid_token", text: "The access token is not valid." },
  403: { error: "insufficient_scope", text: "The user's role lacks the permission." },
  404: { error: "not_found", text: "The contact was not found." },
  409: { error: "conflict", text: "The contact is not in a state that allows this." },
  429: { error: "too_many_requests", text: "Too many requests." },
  503: { error: "temporarily_unavailable", text: "The service is unavailable." },
};

type FaultBody = Exclude<Fault["body"], undefined>;

function bodyText(body: FaultBody): string {
  return typeof body === "string" ? body : JSON.stringify(body);
}

function contentTypeOf(body: FaultBody): string {
  if (typeof body !== "string") return "application/json; charset=utf-8";
  return body.startsWith("<") ? "text/html; charset=utf-8" : "text/plain; charset=utf-8";
}

/** sendReply sends a reply: at once or later, whole or in part, or never. A client that leaves early ends the wait. */
export function sendReply(response: ServerResponse, reply: Reply): void {
  const { fault } = reply;
  if (fault?.hang === true) return;
  const delayMs = (reply.delayMs ?? 0) + (fault?.delayMs ?? 0);
  if (delayMs === 0) {
    writeAnswer(response, reply);
    return;
  }
  const timer = setTimeout(writeAnswer, delayMs, response, reply);
  response.once("close", () => clearTimeout(timer));
}

function writeAnswer(response: ServerResponse, { answer, fault, answered }: Reply): void {
  if (response.destroyed) return;
  const body = answer.body ?? "";
  if (fault?.reset === "before" || fault?.reset === "after") {
    response.socket?.resetAndDestroy();
    return;
  }
  const bytes = Buffer.byteLength(body);
  if (fault?.reset === "during") {
    response.writeHead(answer.status, { ...answer.headers, "content-length": bytes + MISSING_BYTES });
    // Closed, not reset: a reset may overtake what was written, and the client is to see a status first.
    response.write(`${body} `, () => response.socket?.destroy());
    return;
  }
  answered?.(answer.status);
  response.writeHead(
    answer.status,
    answer.status === 204 ? { ...answer.headers } : { ...answer.headers, "content-length": bytes },
  );
  response.end(body);
}
