/** Token: CXone's password grant with an access key. */
import type { CxOneCredentials } from "@baton/domain";
import { parseJson } from "./detail.ts";
import type { Identity } from "./discovery.ts";
import {
  type Answer,
  ask,
  type Errand,
  failed,
  failureOf,
  isSuccess,
  type JsonObject,
  readObject,
  type Step,
} from "./errand.ts";

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
  errand: Errand,
  identity: Identity,
  credentials: CxOneCredentials,
): Promise<Step<Token>> {
  const asked = await ask(errand, "token endpoint", {
    method: "POST",
    url: identity.tokenEndpoint,
    headers: { "Content-Type": "application/x-www-form-urlencoded", ...clientHeader(identity, credentials) },
    body: grantForm(identity, credentials),
  });
  if (asked.kind === "failed") return asked;
  const answer = asked.value;
  if (isSuccess(answer)) return readToken(answer);
  const failure = failureOf(errand, "token endpoint", answer);
  const refused = answer.status === 400 || answer.status === 401 || answer.status === 403;
  return { kind: "failed", failure: refused ? { ...failure, kind: "credentials" } : failure };
}

/** basicCredentials joins the client's id and secret, each form-encoded first, as RFC 6749 2.3.1 says. */
export function basicCredentials({ clientId, clientSecret }: CxOneCredentials): string {
  return Buffer.from(`${formEncode(clientId)}:${formEncode(clientSecret)}`).toString("base64");
}

function clientHeader(identity: Identity, credentials: CxOneCredentials): { readonly Authorization?: string } {
  return identity.clientAuth === "basic" ? { Authorization: `Basic ${basicCredentials(credentials)}` } : {};
}

function grantForm(
  identity: Identity,
  { accessKeyId, accessKeySecret, clientId, clientSecret }: CxOneCredentials,
): string {
  const form = `grant_type=password&username=${formEncode(accessKeyId)}&password=${formEncode(accessKeySecret)}`;
  return identity.clientAuth === "post"
    ? `${form}&client_id=${formEncode(clientId)}&client_secret=${formEncode(clientSecret)}`
    : form;
}

function formEncode(text: string): string {
  return new URLSearchParams([["", text]]).toString().slice(1);
}

function readToken(answer: Answer): Step<Token> {
  const body = readObject(answer);
  const token = body?.access_token;
  // Visible ASCII only: anything else could not stand in a header.
  if (body === undefined || typeof token !== "string" || !/^[\u0021-\u007e]+$/.test(token)) {
    return failed("unavailable", "token endpoint: the answer holds no access_token");
  }
  const lifetimeMs = readLifetime(body);
  if (lifetimeMs === undefined)
    return failed("unavailable", "token endpoint: the answer's expires_in is no positive number");
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
  const claims = parseJson(Buffer.from(token.split(".")[1] ?? "", "base64url").toString("utf8"));
  const tenantId = typeof claims === "object" && claims !== null && "tenantId" in claims ? claims.tenantId : undefined;
  return typeof tenantId === "string" && tenantId !== "" ? tenantId : undefined;
}
