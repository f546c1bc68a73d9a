/** POST /auth/token: password and refresh grants, with the client in the Authorization header or in the form. */
import { applyFaultToAnswer } from "./apply-fault-to-answer.ts";
import { type Answer, cxoneErrorAnswer, jsonAnswer } from "./http-answers.ts";
import { deriveTenantIdFromAccessKey } from "./sign-access-tokens.ts";
import type { SimulatedCxOneState } from "./simulated-cxone-state.ts";
import type { Route, RouteRequest } from "./simulator-route-types.ts";

/** tokenRoutes is the identity service: the token endpoint and the public half of its signing key. */
export function tokenRoutes(cxone: SimulatedCxOneState): readonly Route[] {
  return [
    { method: "POST", pattern: /^\/auth\/token$/, serve: (call) => serveToken(cxone, call) },
    {
      method: "GET",
      pattern: /^\/auth\/jwks$/,
      serve: () => ({
        answer: jsonAnswer(200, { keys: [{ ...cxone.signer.jwk, kid: cxone.signer.id, use: "sig", alg: "RS256" }] }),
      }),
    },
  ];
}

/** RFC 6749's words for what a fault refuses here. */
const ERRORS = {
  400: { error: "invalid_grant", text: "The access key is not valid." },
  401: { error: "invalid_client", text: "The client is not known." },
  403: { error: "access_denied", text: "The client is not authorized for this user." },
} as const;

interface TokenAndKeyClient {
  readonly auth: "basic" | "body" | "none";
  readonly id?: string;
  readonly secret?: string;
}

function serveToken(cxone: SimulatedCxOneState, call: RouteRequest): ReturnType<Route["serve"]> {
  const form = new URLSearchParams(call.body);
  const client = readTokenClient(call.headers.authorization, form);
  const grantType = form.get("grant_type") ?? undefined;
  const accessKeyId = accessKeyIdOf(cxone, form);
  const fault = cxone.faults.take("token", { accessKeyId });
  const usual = grantOrRefuse(cxone, call, { form, client, accessKeyId });
  const answer = applyFaultToAnswer(usual.answer, fault, { settings: cxone.settings(), errors: ERRORS });
  const leaves = fault?.hang !== true && fault?.reset === undefined;
  cxone.tokens.record({
    at: cxone.clock(),
    grantType,
    clientAuth: client.auth,
    clientId: client.id,
    accessKeyId,
    tenantId: accessKeyId === undefined ? undefined : deriveTenantIdFromAccessKey(accessKeyId),
    status: leaves ? answer.status : undefined,
    token: usual.token,
    faultId: fault?.id,
  });
  return { answer, fault };
}

function accessKeyIdOf(cxone: SimulatedCxOneState, form: URLSearchParams): string | undefined {
  if (form.get("grant_type") === "refresh_token")
    return cxone.tokens.refreshable(form.get("refresh_token") ?? "")?.accessKeyId;
  return form.get("username") ?? undefined;
}

interface GrantRequest {
  readonly form: URLSearchParams;
  readonly client: TokenAndKeyClient;
  readonly accessKeyId: string | undefined;
}

function grantOrRefuse(
  cxone: SimulatedCxOneState,
  call: RouteRequest,
  { form, client, accessKeyId }: GrantRequest,
): { readonly answer: Answer; readonly token?: string } {
  const settings = cxone.settings();
  const refuse = (status: number, error: string, text: string) => ({
    answer: cxoneErrorAnswer(settings, status, { error, text }),
  });
  if (!(call.headers["content-type"] ?? "").startsWith("application/x-www-form-urlencoded")) {
    return refuse(400, "invalid_request", "Send the request as application/x-www-form-urlencoded.");
  }
  if (!client.id || !client.secret) return refuse(401, "invalid_client", "The client is not known.");
  const grantType = form.get("grant_type");
  if (grantType !== "password" && grantType !== "refresh_token")
    return refuse(400, "unsupported_grant_type", "Use password or refresh_token.");
  if (!accessKeyId) return refuse(400, "invalid_grant", "The access key or refresh token is not valid.");
  if (grantType === "password") {
    const accessKeySecret = form.get("password") ?? "";
    const wrongCredential = cxone.tokens.findWrongCredential({
      accessKeyId,
      accessKeySecret,
      clientId: client.id,
      clientSecret: client.secret,
    });
    if (wrongCredential === "client") return refuse(401, "invalid_client", "The client is not known.");
    if (wrongCredential === "accessKey" || accessKeySecret === "")
      return refuse(400, "invalid_grant", "The access key is not valid.");
  }
  return grantToken(cxone, { accessKeyId, clientId: client.id, issuer: call.origin });
}

function grantToken(
  cxone: SimulatedCxOneState,
  asked: { accessKeyId: string; clientId: string; issuer: string },
): { answer: Answer; token: string } {
  const { tokenLifetimeSeconds: lifetimeSeconds, tokenInArray } = cxone.settings();
  const issued = cxone.tokens.issue({ ...asked, lifetimeSeconds });
  const body = {
    access_token: issued.accessToken,
    token_type: "Bearer",
    issued_token_type: "urn:ietf:params:oauth:token-type:access_token",
    refresh_token: issued.refreshToken,
    expires_in: lifetimeSeconds,
    id_token: issued.idToken,
  };
  return {
    answer: jsonAnswer(200, tokenInArray ? [body] : body, { "cache-control": "no-store" }),
    token: issued.token.id,
  };
}

/**
 * Basic credentials are taken as they are, as NICE's pages show them: form-encoded ones (RFC 6749, 2.3.1) are those of
 * another client. The id ends at the first colon.
 */
function readTokenClient(authorization: string | undefined, form: URLSearchParams): TokenAndKeyClient {
  if (authorization?.slice(0, 6).toLowerCase() === "basic ") {
    const text = Buffer.from(authorization.slice(6), "base64").toString("utf8");
    const colon = text.indexOf(":");
    if (colon < 0) return { auth: "basic" };
    return { auth: "basic", id: text.slice(0, colon), secret: text.slice(colon + 1) };
  }
  const id = form.get("client_id");
  if (id === null) return { auth: "none" };
  return { auth: "body", id, secret: form.get("client_secret") ?? "" };
}
