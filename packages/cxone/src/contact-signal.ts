/**
 * The one request that Baton exists for, `POST …/interactions/{contactId}/signal`, and what its answer means: a table
 * of statuses and of what the socket did.
 */

import {
  type ApiAccessPart,
  CONTACT_ID,
  type CxOneTarget,
  encodeParamsAsQuery,
  PARAM_NAMES,
  type Params,
  type SignalOutcome,
} from "@baton/domain";
import type { ApiAccess } from "./api-access-store.ts";
import { CxOneError } from "./cxone-error.ts";
import type { HttpRequest } from "./cxone-http-client.ts";
import { firstValueOfHeader, type Reply } from "./http-reply.ts";
import { readRetryAfter } from "./retry-after-and-http-date.ts";

/** SignalRequest is the request but for its time limit and connection. */
type SignalRequest = Pick<HttpRequest, "method" | "url" | "headers" | "body">;

/**
 * checkContactIdFormat throws `invalid-contact-id` for what could be another path, or another contact: without types a
 * number may come, whose last digits are lost.
 */
export function checkContactIdFormat(contactId: unknown): void {
  if (typeof contactId !== "string" || !CONTACT_ID.test(contactId))
    throw new CxOneError("invalid-contact-id", "a contact id is a string of 1 to 19 digits");
}

/** SIGNAL_TEMPLATE is a signal's path, with names in place of the values. */
export const SIGNAL_TEMPLATE = "/inContactAPI/services/{version}/interactions/{contactId}/signal";

/** buildSignalRequest puts parameters where the business unit's scripts expect them. */
export function buildSignalRequest(
  target: CxOneTarget,
  access: ApiAccess,
  contactId: string,
  params: Params,
): SignalRequest {
  const url = `${access.apiEndpoint}/inContactAPI/services/${encodeURIComponent(target.apiVersion)}/interactions/${contactId}/signal`;
  const authorization = `${access.tokenType} ${access.token}`;
  const inQuery: Params =
    target.paramsIn === "query" ? params : target.paramsIn === "hybrid" ? onlyFirstParam(params) : {};
  const query = encodeParamsAsQuery(inQuery);
  const request = { method: "POST", url: query === "" ? url : `${url}?${query}` } as const;
  if (target.paramsIn === "query") return { ...request, headers: { Authorization: authorization } };
  const headers = { Authorization: authorization, "Content-Type": "application/json" };
  return { ...request, headers, body: JSON.stringify(omitParams(params, inQuery)) };
}

function onlyFirstParam({ p1 }: Params): Params {
  return p1 === undefined ? {} : { p1 };
}

function omitParams(params: Params, sent: Params): Params {
  return Object.fromEntries(
    PARAM_NAMES.flatMap((name) =>
      params[name] === undefined || sent[name] !== undefined ? [] : [[name, params[name]]],
    ),
  );
}

/**
 * readSignalOutcome translates a reply. `detailOf` is asked only for what was not accepted, and gives redacted text;
 * `now` is epoch milliseconds. An `unauthorized` comes back as `refused`: who may renew the token knows better.
 */
export function readSignalOutcome(
  reply: Reply,
  detailOf: (reply: Reply) => string | undefined,
  now: number,
): SignalOutcome {
  if (reply.kind === "unsent") return { kind: "unreachable", detail: detailOf(reply) ?? "nothing was sent" };
  const { status } = reply;
  // CXone has said so with its status line; nothing in the rest of the answer could take it back, nor its loss.
  if (status !== undefined && status >= 200 && status < 300) return { kind: "accepted", httpStatus: status };
  const text = detailOf(reply);
  const detail = text === undefined ? {} : { detail: text };
  if (reply.kind === "unanswered")
    return { kind: "ambiguous", ...(status === undefined ? {} : { httpStatus: status }), ...detail };
  return readRefusal(reply, detail, now);
}

function readRefusal(
  reply: Extract<Reply, { kind: "answered" }>,
  detail: { readonly detail?: string },
  now: number,
): SignalOutcome {
  const answer = { httpStatus: reply.status, ...detail };
  switch (reply.status) {
    case 401:
    case 403:
      return { kind: "unauthorized", renewal: "refused", ...answer };
    case 408:
      return { kind: "ambiguous", ...answer };
    case 425:
    case 429:
      return { kind: "throttled", ...answer, ...readRetryAfterOf(reply, now) };
    case 503:
      return { kind: "unavailable", ...answer, ...readRetryAfterOf(reply, now) };
  }
  if (reply.status >= 300 && reply.status < 400) return { kind: "redirected", ...answer };
  if (reply.status >= 400 && reply.status < 500) return { kind: "rejected", ...answer };
  return { kind: "ambiguous", ...answer };
}

function readRetryAfterOf(
  reply: Extract<Reply, { kind: "answered" }>,
  now: number,
): { readonly retryAfterMs?: number } {
  const retryAfterMs = readRetryAfter(firstValueOfHeader(reply.headers, "retry-after"), now);
  return retryAfterMs === undefined ? {} : { retryAfterMs };
}

/**
 * refusedAccessPart names what of the access an outcome refuses: another may be had, and the request sent once more. An
 * address that the target gives itself is not looked up again.
 */
export function refusedAccessPart(
  outcome: SignalOutcome,
  target: Pick<CxOneTarget, "apiEndpoint">,
): ApiAccessPart | undefined {
  if (outcome.kind === "unauthorized") return "token";
  return outcome.kind === "redirected" && target.apiEndpoint === undefined ? "address" : undefined;
}
