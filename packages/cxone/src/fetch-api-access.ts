/** Fetching access: a token, then the address that takes it. */
import { randomUUID } from "node:crypto";
import type { ApiAccessPart, CxOneCredentials, CxOneTarget } from "@baton/domain";
import { type AccessFetchContext, createFailedStepResult, type StepResult } from "./access-fetch-requests.ts";
import type { ApiAccess } from "./api-access-store.ts";
import { checkApiEndpointIsAllowed, discoverApiEndpoint, discoverTokenEndpoint } from "./endpoint-discovery.ts";
import { requestToken, type Token } from "./token-request.ts";

/** TokenRequestResult is how one request to the token endpoint ended. */
export type TokenRequestResult = "granted" | "refused" | "unavailable";

/** ApiAccessSource is where access comes from. */
export interface ApiAccessSource {
  readonly target: CxOneTarget;
  readonly credentials: CxOneCredentials;
  readonly onTokenRequest: (result: TokenRequestResult) => void;
}

/** FetchScope: all of an access, or the one part that CXone refused; `current` is what there is to build on. */
export interface FetchScope {
  readonly part?: ApiAccessPart;
  readonly current?: ApiAccess;
}

/** fetchApiAccess renews what `scope` says, and takes the rest from `current`. Never throws for what CXone does. */
export async function fetchApiAccess(
  context: AccessFetchContext,
  source: ApiAccessSource,
  scope: FetchScope,
): Promise<StepResult<ApiAccess>> {
  const { part, current } = scope;
  const got = part === "address" && current !== undefined ? keepToken(current) : await fetchToken(context, source);
  if (got.kind === "failed") return got;
  const found = await findOrDiscoverApiEndpoint(context, source.target, { scope, tenantId: got.value.tenantId });
  if (found.kind === "failed") return found;
  return { kind: "done", value: { ...got.value, apiEndpoint: found.value, version: randomUUID() } };
}

type TokenWithTenant = Omit<ApiAccess, "apiEndpoint" | "version">;

function keepToken({ token, tokenType, tenantId, obtainedAt, expiresAt }: ApiAccess): StepResult<TokenWithTenant> {
  return {
    kind: "done",
    value: { token, tokenType, obtainedAt, expiresAt, ...(tenantId === undefined ? {} : { tenantId }) },
  };
}

async function fetchToken(context: AccessFetchContext, source: ApiAccessSource): Promise<StepResult<TokenWithTenant>> {
  const endpoint = await discoverTokenEndpoint(context, source.target.issuer);
  if (endpoint.kind === "failed") return endpoint;
  const requested = await requestToken(context, endpoint.value, source.credentials);
  source.onTokenRequest(resultOfTokenRequest(requested));
  if (requested.kind === "failed") return requested;
  const { lifetimeMs, ...token } = requested.value;
  const obtainedAt = Date.now();
  const tenantId = source.target.tenantId ?? token.tenantId;
  return {
    kind: "done",
    value: {
      ...token,
      obtainedAt,
      expiresAt: obtainedAt + lifetimeMs,
      ...(tenantId === undefined ? {} : { tenantId }),
    },
  };
}

/** resultOfTokenRequest says how a request to the token endpoint ended. */
export function resultOfTokenRequest(requested: StepResult<Token>): TokenRequestResult {
  if (requested.kind === "done") return "granted";
  return requested.failure.kind === "unavailable" ? "unavailable" : "refused";
}

/** ApiEndpointSearch: `scope` as it is, and the tenant whose API is looked for. */
interface ApiEndpointSearch {
  readonly scope: FetchScope;
  readonly tenantId: string | undefined;
}

/** findOrDiscoverApiEndpoint gives the API's address: as configured, as known, or as discovered from the tenant. */
export async function findOrDiscoverApiEndpoint(
  context: AccessFetchContext,
  target: CxOneTarget,
  { scope, tenantId }: ApiEndpointSearch,
): Promise<StepResult<string>> {
  if (target.apiEndpoint !== undefined) return checkApiEndpointIsAllowed(context, target.apiEndpoint);
  const known =
    scope.current !== undefined && scope.current.tenantId === tenantId ? scope.current.apiEndpoint : undefined;
  if (scope.part === "token" && known !== undefined) return checkApiEndpointIsAllowed(context, known);
  if (tenantId === undefined)
    return createFailedStepResult(
      "configuration",
      "no-tenant",
      "the token names no tenant; give the connector a tenantId or an apiEndpoint",
    );
  const found = await discoverApiEndpoint(context, target.issuer, tenantId);
  // A token's regular renewal looks the address up too, but does not fail for it.
  if (
    found.kind === "failed" &&
    found.failure.kind === "unavailable" &&
    scope.part === undefined &&
    known !== undefined
  ) {
    return checkApiEndpointIsAllowed(context, known);
  }
  return found;
}
