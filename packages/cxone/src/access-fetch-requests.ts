/** Requests that fetch access, shared by all steps of a fetch; and how a step ends. */
import { type AccessCheckCode, type ApiAccessFailure, accessCheckCodeOfStatus, MAX_FETCH_WAIT_MS } from "@baton/domain";
import type { AllowedHosts } from "./allowed-hosts.ts";
import type { CxOneHttpClient, HttpRequest } from "./cxone-http-client.ts";
import { firstValueOfHeader, type Reply } from "./http-reply.ts";
import { parseJsonOrUndefined, readRedactedReplyDetail } from "./reply-detail.ts";
import { readRetryAfter } from "./retry-after-and-http-date.ts";

/**
 * AccessFetchContext is one fetch of access: with whom it may talk, what it must not repeat, and until when it may
 * last.
 */
export interface AccessFetchContext {
  readonly http: CxOneHttpClient;
  readonly allowedHosts: AllowedHosts;
  readonly secrets: readonly string[];
  /** On performance.now()'s clock, milliseconds. */
  readonly endsAt: number;
}

/** WholeAnswer is one that came to its end, whatever its status. */
export type WholeAnswer = Extract<Reply, { kind: "answered" }>;

/** StepFailure is why a step has no value; remedies depend on `code`. */
export interface StepFailure extends ApiAccessFailure {
  readonly code: AccessCheckCode;
}

/** StepResult is how a step ended: with its value, or why there is none. */
export type StepResult<T> =
  | { readonly kind: "done"; readonly value: T }
  | { readonly kind: "failed"; readonly failure: StepFailure };

/** sendToAllowedHost sends one request; it fails when the host is not allowed or no whole answer comes. */
export async function sendToAllowedHost(
  context: AccessFetchContext,
  what: string,
  request: Omit<HttpRequest, "timeLimitMs">,
): Promise<StepResult<WholeAnswer>> {
  const verdict = context.allowedHosts.check(request.url);
  if (!verdict.ok) return createFailedStepResult("configuration", "host-not-allowed", `${what}: ${verdict.detail}`);
  const reply = await context.http.send({ ...request, timeLimitMs: context.endsAt - performance.now() });
  if (reply.kind === "answered") return { kind: "done", value: reply };
  const code = (reply.kind === "unsent" ? reply.fault : undefined) ?? "unreachable";
  return createFailedStepResult(
    "unavailable",
    code,
    `${what}: ${readRedactedReplyDetail(reply, context.secrets) ?? "no answer"}`,
  );
}

/** fetchDiscoveryDocument is `sendToAllowedHost` for a discovery document: anything but a JSON object is a failure. */
export async function fetchDiscoveryDocument(
  context: AccessFetchContext,
  what: string,
  url: string,
): Promise<StepResult<JsonObject>> {
  const asked = await sendToAllowedHost(context, what, { method: "GET", url, headers: {} });
  if (asked.kind === "failed") return asked;
  const answer = asked.value;
  if (!isSuccessAnswer(answer)) return { kind: "failed", failure: classifyRefusedAnswer(context, what, answer) };
  const document = readJsonObject(answer);
  return document === undefined
    ? createFailedStepResult("unavailable", "unreadable", `${what}: the answer is not a JSON object`)
    : { kind: "done", value: document };
}

/**
 * classifyRefusedAnswer judges a refused request: what passes by itself is `unavailable`, all else must be configured
 * otherwise.
 */
export function classifyRefusedAnswer(context: AccessFetchContext, what: string, answer: WholeAnswer): StepFailure {
  const { status } = answer;
  const words = readRedactedReplyDetail(answer, context.secrets);
  const passing = status >= 500 || status === 408 || status === 425 || status === 429;
  const retryAfterMs = passing
    ? readRetryAfter(firstValueOfHeader(answer.headers, "retry-after"), Date.now())
    : undefined;
  return {
    kind: passing ? "unavailable" : "configuration",
    code: accessCheckCodeOfStatus(status),
    detail: `${what}: HTTP ${status}${words === undefined ? "" : ` ${words}`}`,
    httpStatus: status,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs: Math.min(retryAfterMs, MAX_FETCH_WAIT_MS) }),
  };
}

/** isSuccessAnswer says whether the status is 2xx. */
export function isSuccessAnswer(answer: WholeAnswer): boolean {
  return answer.status >= 200 && answer.status < 300;
}

/** createFailedStepResult is a step without a value; `detail` is shown to operators. */
export function createFailedStepResult(
  kind: ApiAccessFailure["kind"],
  code: AccessCheckCode,
  detail: string,
): { readonly kind: "failed"; readonly failure: StepFailure } {
  return { kind: "failed", failure: { kind, code, detail } };
}

/** JsonObject is a parsed answer whose members are not checked yet. */
export type JsonObject = Readonly<Record<string, unknown>>;

/**
 * readJsonObject reads a JSON object, also when it comes as the one element of an array, as one author saw the token's.
 */
export function readJsonObject(answer: WholeAnswer): JsonObject | undefined {
  const json = parseJsonOrUndefined(answer.body);
  const value: unknown = Array.isArray(json) && json.length === 1 ? json[0] : json;
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined;
}

/** withoutTrailingSlashes drops slashes at the end, so that a path can follow. */
export function withoutTrailingSlashes(url: string): string {
  return url.replace(/\/+$/, "");
}
