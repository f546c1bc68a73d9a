/** Discovery: where CXone hands out tokens, and where a tenant's API lives. */
import {
  type AccessFetchContext,
  createFailedStepResult,
  fetchDiscoveryDocument,
  type StepFailure,
  type StepResult,
  withoutTrailingSlashes,
} from "./access-fetch-requests.ts";
import type { TokenEndpoint } from "./token-request.ts";

/** discoverTokenEndpoint reads the issuer's openid-configuration. */
export async function discoverTokenEndpoint(
  context: AccessFetchContext,
  issuer: string,
): Promise<StepResult<TokenEndpoint>> {
  const asked = await fetchDiscoveryDocument(
    context,
    "openid-configuration",
    `${withoutTrailingSlashes(issuer)}/.well-known/openid-configuration`,
  );
  if (asked.kind === "failed") return asked;
  const { token_endpoint: tokenEndpoint, token_endpoint_auth_methods_supported: methods } = asked.value;
  if (typeof tokenEndpoint !== "string")
    return createFailedStepResult("configuration", "unreadable", "openid-configuration: names no token_endpoint");
  const onlyPost =
    Array.isArray(methods) && methods.includes("client_secret_post") && !methods.includes("client_secret_basic");
  return { kind: "done", value: { url: tokenEndpoint, clientAuth: onlyPost ? "post" : "basic" } };
}

/** discoverApiEndpoint reads the tenant's API address from the issuer's cxone-configuration. */
export async function discoverApiEndpoint(
  context: AccessFetchContext,
  issuer: string,
  tenantId: string,
): Promise<StepResult<string>> {
  const url = `${withoutTrailingSlashes(issuer)}/.well-known/cxone-configuration?tenantId=${encodeURIComponent(tenantId)}`;
  const asked = await fetchDiscoveryDocument(context, "cxone-configuration", url);
  if (asked.kind === "failed") return isRefused(asked.failure) ? withoutApi(asked.failure) : asked;
  const { api_endpoint: apiEndpoint } = asked.value;
  return typeof apiEndpoint === "string"
    ? checkApiEndpointIsAllowed(context, apiEndpoint)
    : createFailedStepResult("configuration", "no-api", "cxone-configuration: names no api_endpoint");
}

/** checkApiEndpointIsAllowed checks an API address, configured or discovered, before anything is sent there. */
export function checkApiEndpointIsAllowed(context: AccessFetchContext, apiEndpoint: string): StepResult<string> {
  const verdict = context.allowedHosts.check(apiEndpoint);
  if (!verdict.ok)
    return createFailedStepResult("configuration", "host-not-allowed", `api_endpoint: ${verdict.detail}`);
  const { origin, pathname } = new URL(apiEndpoint);
  return { kind: "done", value: withoutTrailingSlashes(origin + pathname) };
}

/** isRefused: the address answers, and knows no such tenant. */
function isRefused({ kind, httpStatus }: StepFailure): boolean {
  return kind === "configuration" && httpStatus !== undefined;
}

function withoutApi(failure: StepFailure): StepResult<never> {
  return { kind: "failed", failure: { ...failure, code: "no-api" } };
}
