/** Requests for a token: CXone's password grant with an access key. */
import { type CxOneCredentials, OAUTH_CLIENT_UNKNOWN } from "@baton/domain";
import {
  type AccessFetchContext,
  classifyRefusedAnswer,
  createFailedStepResult,
  isSuccessAnswer,
  type JsonObject,
  readJsonObject,
  type StepResult,
  sendToAllowedHost,
  type WholeAnswer,
} from "./access-fetch-requests.ts";
import { parseJsonOrUndefined } from "./reply-detail.ts";

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
  context: AccessFetchContext,
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
    return createFailedStepResult("unavailable", "unreadable", "token endpoint: the answer holds no access_token");
  }
  const lifetimeMs = readLifetime(body);
  if (lifetimeMs === undefined)
    return createFailedStepResult(
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
