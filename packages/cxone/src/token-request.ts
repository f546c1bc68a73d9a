/**
 * Requests for a token: CXone's password grant with an access key, and what they share with requests for an address.
 */
import {
  type AccessCheckCode,
  accessCheckCodeOfStatus,
  type CxOneCredentials,
  MAX_FETCH_WAIT_MS,
  OAUTH_CLIENT_UNKNOWN,
} from "@baton/domain";
import type { AllowedHosts } from "./allowed-hosts.ts";
import type { ApiAccessFailure } from "./api-access-store.ts";
import type { CxOneHttpClient, HttpRequest } from "./cxone-http-client.ts";
import { parseJsonOrUndefined, readReplyDetail } from "./error-detail.ts";
import { headerOf, type Reply, readRetryAfter } from "./http-reply.ts";

/**
 * TokenRequestContext is one fetch of access: with whom it may talk, what it must not repeat, and until when it may
 * last.
 */
export interface TokenRequestContext {
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

/** Step is how a step ended: with its value, or why there is none. */
export type StepResult<T> =
  | { readonly kind: "done"; readonly value: T }
  | { readonly kind: "failed"; readonly failure: StepFailure };

/** sendToAllowedHost sends one request; it fails when the host is not allowed or no whole answer comes. */
export async function sendToAllowedHost(
  context: TokenRequestContext,
  what: string,
  request: Omit<HttpRequest, "timeLimitMs">,
): Promise<StepResult<WholeAnswer>> {
  const verdict = context.allowedHosts.check(request.url);
  if (!verdict.ok) return createFailedStep("configuration", "host-not-allowed", `${what}: ${verdict.detail}`);
  const reply = await context.http.send({ ...request, timeLimitMs: context.endsAt - performance.now() });
  if (reply.kind === "answered") return { kind: "done", value: reply };
  const code = (reply.kind === "unsent" ? reply.fault : undefined) ?? "unreachable";
  return createFailedStep("unavailable", code, `${what}: ${readReplyDetail(reply, context.secrets) ?? "no answer"}`);
}

/** fetchDiscoveryDocument is `sendToAllowedHost` for a discovery document: anything but a JSON object is a failure. */
export async function fetchDiscoveryDocument(
  context: TokenRequestContext,
  what: string,
  url: string,
): Promise<StepResult<JsonObject>> {
  const asked = await sendToAllowedHost(context, what, { method: "GET", url, headers: {} });
  if (asked.kind === "failed") return asked;
  const answer = asked.value;
  if (!isSuccessAnswer(answer)) return { kind: "failed", failure: classifyRefusedAnswer(context, what, answer) };
  const document = readJsonObject(answer);
  return document === undefined
    ? createFailedStep("unavailable", "unreadable", `${what}: the answer is not a JSON object`)
    : { kind: "done", value: document };
}

/**
 * classifyRefusedAnswer judges a refused request: what passes by itself is `unavailable`, all else must be configured
 * otherwise.
 */
export function classifyRefusedAnswer(context: TokenRequestContext, what: string, answer: WholeAnswer): StepFailure {
  const { status } = answer;
  const words = readReplyDetail(answer, context.secrets);
  const passing = status >= 500 || status === 408 || status === 425 || status === 429;
  const retryAfterMs = passing ? readRetryAfter(headerOf(answer.headers, "retry-after"), Date.now()) : undefined;
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

/** createFailedStep is a step without a value; `detail` is shown to operators. */
export function createFailedStep(
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

/** TokenEndpoint is where tokens are asked for, as openid-configuration has it. */
export interface TokenEndpoint {
  readonly url: string;
  /** How the client proves itself: in the header, unless the issuer takes it only in the form. */
  readonly clientAuth: "basic" | "post";
}

/** Token as CXone gave it; `lifetimeMs` counts from its receipt. */
export interface Token {
  readonly token: string;
  readonly tokenType: string;
  readonly lifetimeMs: number;
  /**
   * The tenant that the token itself names; read without checking its signature, so nothing is decided by it but an
   * address.
   */
  readonly tenantId?: string;
}

/** DEFAULT_LIFETIME_MS where the answer has no `expires_in`: NICE documents an hour. */
const DEFAULT_LIFETIME_MS = 3_600_000;

/**
 * MAX_LIFETIME_MS: whatever `expires_in` says, a token is renewed within a day; a number beyond reason would keep it
 * for ever.
 */
const MAX_LIFETIME_MS = 86_400_000;

/**
 * requestToken asks for one. 400, 401 and 403 refuse the credentials; 404, redirects and their like the configuration.
 */
export async function requestToken(
  context: TokenRequestContext,
  endpoint: TokenEndpoint,
  credentials: CxOneCredentials,
): Promise<StepResult<Token>> {
  const asked = await sendToAllowedHost(context, "token endpoint", {
    method: "POST",
    url: endpoint.url,
    headers: { "Content-Type": "application/x-www-form-urlencoded", ...clientHeader(endpoint, credentials) },
    body: grantForm(endpoint, credentials),
  });
  if (asked.kind === "failed") return asked;
  const answer = asked.value;
  if (isSuccessAnswer(answer)) return readToken(answer);
  const failure = classifyRefusedAnswer(context, "token endpoint", answer);
  const refused = answer.status === 400 || answer.status === 401 || answer.status === 403;
  if (!refused) return { kind: "failed", failure };
  const code = readJsonObject(answer)?.error === OAUTH_CLIENT_UNKNOWN ? "client-unknown" : "credentials-refused";
  return { kind: "failed", failure: { ...failure, kind: "credentials", code } };
}

/**
 * encodeBasicCredentials joins the client's id and secret as they are: so do NICE's pages and the public clients that
 * are in use. RFC 6749 2.3.1 has both form-encoded first, which makes another id of `app@vendor`.
 */
export function encodeBasicCredentials({ clientId, clientSecret }: CxOneCredentials): string {
  return Buffer.from(`${clientId}:${clientSecret}`).toString("base64");
}

function clientHeader(endpoint: TokenEndpoint, credentials: CxOneCredentials): { readonly Authorization?: string } {
  return endpoint.clientAuth === "basic" ? { Authorization: `Basic ${encodeBasicCredentials(credentials)}` } : {};
}

function grantForm(
  endpoint: TokenEndpoint,
  { accessKeyId, accessKeySecret, clientId, clientSecret }: CxOneCredentials,
): string {
  const form = `grant_type=password&username=${formEncode(accessKeyId)}&password=${formEncode(accessKeySecret)}`;
  return endpoint.clientAuth === "post"
    ? `${form}&client_id=${formEncode(clientId)}&client_secret=${formEncode(clientSecret)}`
    : form;
}

function formEncode(text: string): string {
  return new URLSearchParams([["", text]]).toString().slice(1);
}

function readToken(answer: WholeAnswer): StepResult<Token> {
  const body = readJsonObject(answer);
  const token = body?.access_token;
  // Visible ASCII only: anything else could not stand in a header.
  if (body === undefined || typeof token !== "string" || !/^[\u0021-\u007e]+$/.test(token)) {
    return createFailedStep("unavailable", "unreadable", "token endpoint: the answer holds no access_token");
  }
  const lifetimeMs = readLifetime(body);
  if (lifetimeMs === undefined)
    return createFailedStep(
      "unavailable",
      "unreadable",
      "token endpoint: the answer's expires_in is no positive number",
    );
  const type = body.token_type;
  const tokenType =
    typeof type === "string" && /^[a-z]+$/i.test(type) && type.toLowerCase() !== "bearer" ? type : "Bearer";
  const tenantId = readTenantId(token);
  return { kind: "done", value: { token, tokenType, lifetimeMs, ...(tenantId === undefined ? {} : { tenantId }) } };
}

function readLifetime(body: JsonObject): number | undefined {
  const { expires_in: seconds } = body;
  if (seconds === undefined || seconds === null) return DEFAULT_LIFETIME_MS;
  const lifetimeMs = typeof seconds === "number" || typeof seconds === "string" ? Number(seconds) * 1_000 : Number.NaN;
  return lifetimeMs > 0 ? Math.min(lifetimeMs, MAX_LIFETIME_MS) : undefined;
}

function readTenantId(token: string): string | undefined {
  const claims = parseJsonOrUndefined(Buffer.from(token.split(".")[1] ?? "", "base64url").toString("utf8"));
  const tenantId = typeof claims === "object" && claims !== null && "tenantId" in claims ? claims.tenantId : undefined;
  return typeof tenantId === "string" && tenantId !== "" ? tenantId : undefined;
}
