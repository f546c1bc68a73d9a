/** Fetching access: a token, then the address that takes it. */
import { randomUUID } from "node:crypto";
import type { CxOneCredentials, CxOneTarget } from "@baton/domain";
import type { Access, AccessPart } from "./api-access.ts";
import { discoverApi, discoverIdentity, readApiEndpoint } from "./discovery.ts";
import { type Errand, failed, requestToken, type Step, type Token } from "./token-request.ts";

/** TokenResult is how one request to the token endpoint ended. */
export type TokenResult = "granted" | "refused" | "unavailable";

/** AccessSource is where access comes from. */
export interface AccessSource {
  readonly target: CxOneTarget;
  readonly credentials: CxOneCredentials;
  readonly onTokenRequest: (result: TokenResult) => void;
}

/** Wanted: all of an access, or the one part that CXone refused; `current` is what there is to build on. */
export interface Wanted {
  readonly part?: AccessPart;
  readonly current?: Access;
}

/** fetchAccess renews what is wanted, and takes the rest from `current`. Never throws for what CXone does. */
export async function fetchAccess(errand: Errand, source: AccessSource, wanted: Wanted): Promise<Step<Access>> {
  const { part, current } = wanted;
  const got = part === "address" && current !== undefined ? keepToken(current) : await fetchToken(errand, source);
  if (got.kind === "failed") return got;
  const found = await findAddress(errand, source.target, { wanted, tenantId: got.value.tenantId });
  if (found.kind === "failed") return found;
  return { kind: "done", value: { ...got.value, apiEndpoint: found.value, version: randomUUID() } };
}

type HalfAccess = Omit<Access, "apiEndpoint" | "version">;

function keepToken({ token, tokenType, tenantId, obtainedAt, expiresAt }: Access): Step<HalfAccess> {
  return {
    kind: "done",
    value: { token, tokenType, obtainedAt, expiresAt, ...(tenantId === undefined ? {} : { tenantId }) },
  };
}

async function fetchToken(errand: Errand, source: AccessSource): Promise<Step<HalfAccess>> {
  const identity = await discoverIdentity(errand, source.target.issuer);
  if (identity.kind === "failed") return identity;
  const requested = await requestToken(errand, identity.value, source.credentials);
  source.onTokenRequest(tokenResultOf(requested));
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

/** tokenResultOf says how a request to the token endpoint ended. */
export function tokenResultOf(requested: Step<Token>): TokenResult {
  if (requested.kind === "done") return "granted";
  return requested.failure.kind === "unavailable" ? "unavailable" : "refused";
}

/** Search: `wanted` as it is, and the tenant whose API is looked for. */
interface Search {
  readonly wanted: Wanted;
  readonly tenantId: string | undefined;
}

/** findAddress gives the API's address: as configured, as known, or as discovered from the tenant. */
export async function findAddress(
  errand: Errand,
  target: CxOneTarget,
  { wanted, tenantId }: Search,
): Promise<Step<string>> {
  if (target.apiEndpoint !== undefined) return readApiEndpoint(errand, target.apiEndpoint);
  const known =
    wanted.current !== undefined && wanted.current.tenantId === tenantId ? wanted.current.apiEndpoint : undefined;
  if (wanted.part === "token" && known !== undefined) return readApiEndpoint(errand, known);
  if (tenantId === undefined)
    return failed("configuration", "the token names no tenant; give the connector a tenantId or an apiEndpoint");
  const found = await discoverApi(errand, target.issuer, tenantId);
  // A token's regular renewal looks the address up too, but does not fail for it.
  if (
    found.kind === "failed" &&
    found.failure.kind === "unavailable" &&
    wanted.part === undefined &&
    known !== undefined
  ) {
    return readApiEndpoint(errand, known);
  }
  return found;
}
