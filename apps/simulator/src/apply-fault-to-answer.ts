/** What a fault makes of an answer: status, headers and body. */
import { STATUS_CODES } from "node:http";
import type { Settings } from "./cxone-behavior-settings.ts";
import { type Fault, httpStatusOfFault } from "./faults.ts";
import { type Answer, cxoneErrorAnswer } from "./http-answers.ts";

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
