/** Errand: what the requests for a token and an address have in common. */
import { MAX_FETCH_WAIT_MS } from "@baton/domain";
import type { AccessFailure } from "./access-store.ts";
import type { AllowedHosts } from "./allowed-hosts.ts";
import { parseJson, readDetail } from "./detail.ts";
import type { CxOneHttp, HttpRequest } from "./http.ts";
import { headerOf, type Reply } from "./reply.ts";
import { readRetryAfter } from "./retry-after.ts";

/** Errand is one fetch of access: with whom it may talk, what it must not repeat, and until when it may last. */
export interface Errand {
  readonly http: CxOneHttp;
  readonly allowedHosts: AllowedHosts;
  readonly secrets: readonly string[];
  /** On performance.now()'s clock, milliseconds. */
  readonly endsAt: number;
}

/** Answer is a whole one, whatever its status. */
export type Answer = Extract<Reply, { kind: "answered" }>;

/** Step is how a step ended: with its value, or why there is none. */
export type Step<T> =
  | { readonly kind: "done"; readonly value: T }
  | { readonly kind: "failed"; readonly failure: AccessFailure };

/** ask sends one request of an errand; it fails when the host is not allowed or no whole answer comes. */
export async function ask(
  errand: Errand,
  what: string,
  request: Omit<HttpRequest, "timeLimitMs">,
): Promise<Step<Answer>> {
  const verdict = errand.allowedHosts.check(request.url);
  if (!verdict.ok) return failed("configuration", `${what}: ${verdict.detail}`);
  const reply = await errand.http.send({ ...request, timeLimitMs: errand.endsAt - performance.now() });
  if (reply.kind === "answered") return { kind: "done", value: reply };
  return failed("unavailable", `${what}: ${readDetail(reply, errand.secrets) ?? "no answer"}`);
}

/** askForDocument is `ask` for a discovery document: anything but a JSON object is a failure. */
export async function askForDocument(errand: Errand, what: string, url: string): Promise<Step<JsonObject>> {
  const asked = await ask(errand, what, { method: "GET", url, headers: {} });
  if (asked.kind === "failed") return asked;
  const answer = asked.value;
  if (!isSuccess(answer)) return { kind: "failed", failure: failureOf(errand, what, answer) };
  const document = readObject(answer);
  return document === undefined
    ? failed("unavailable", `${what}: the answer is not a JSON object`)
    : { kind: "done", value: document };
}

/**
 * failureOf judges a refused request: what passes by itself is `unavailable`, all else somebody must configure
 * otherwise.
 */
export function failureOf(errand: Errand, what: string, answer: Answer): AccessFailure {
  const { status } = answer;
  const words = readDetail(answer, errand.secrets);
  const passing = status >= 500 || status === 408 || status === 425 || status === 429;
  const retryAfterMs = passing ? readRetryAfter(headerOf(answer.headers, "retry-after"), Date.now()) : undefined;
  return {
    kind: passing ? "unavailable" : "configuration",
    detail: `${what}: HTTP ${status}${words === undefined ? "" : ` ${words}`}`,
    httpStatus: status,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs: Math.min(retryAfterMs, MAX_FETCH_WAIT_MS) }),
  };
}

/** isSuccess says whether the status is 2xx. */
export function isSuccess(answer: Answer): boolean {
  return answer.status >= 200 && answer.status < 300;
}

/** failed is a step without a value; `detail` is told to operators. */
export function failed(
  kind: AccessFailure["kind"],
  detail: string,
): { readonly kind: "failed"; readonly failure: AccessFailure } {
  return { kind: "failed", failure: { kind, detail } };
}

/** JsonObject is a parsed answer whose members nobody has checked yet. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** readObject reads a JSON object, also when it comes as the one element of an array, as one author saw the token's. */
export function readObject(answer: Answer): JsonObject | undefined {
  const json = parseJson(answer.body);
  const value: unknown = Array.isArray(json) && json.length === 1 ? json[0] : json;
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined;
}

/** withoutSlash drops slashes at the end, so that a path can follow. */
export function withoutSlash(url: string): string {
  return url.replace(/\/+$/, "");
}
