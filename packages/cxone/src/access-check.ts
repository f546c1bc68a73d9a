/** Checking the way to a signal step by step, past every cache, without the signal. */
import { randomUUID } from "node:crypto";
import type { AccessCheckCode, ApiAccessFailure, CxOneTarget } from "@baton/domain";
import {
  type AccessFetchContext,
  classifyRefusedAnswer,
  createFailedStepResult,
  isSuccessAnswer,
  type StepFailure,
  type StepResult,
  sendToAllowedHost,
  type WholeAnswer,
} from "./access-fetch-requests.ts";
import type { ApiAccess } from "./api-access-store.ts";
import { discoverTokenEndpoint } from "./endpoint-discovery.ts";
import { type ApiAccessSource, findOrDiscoverApiEndpoint, resultOfTokenRequest } from "./fetch-api-access.ts";
import { firstValueOfHeader } from "./http-reply.ts";
import { readHttpDate } from "./retry-after-and-http-date.ts";
import { requestToken, type Token, type TokenEndpoint } from "./token-request.ts";

/** DATE_GRAIN_MS is what the header `Date` cuts off, at most. */
const DATE_GRAIN_MS = 1_000;

/** AccessCheckStep is one step of the way; `detail` is redacted, one line; `code` says why it is not ok. */
export interface AccessCheckStep {
  readonly name: "discovery" | "token" | "api";
  readonly ok: boolean;
  readonly code?: AccessCheckCode;
  readonly detail: string;
  readonly durationMs: number;
  /**
   * CXone's clock minus this process's, by the `Date` header of the API's answer; the header has whole seconds only, so
   * less than a second is 0.
   */
  readonly clockOffsetMs?: number;
}

/** AccessCheck: the steps in order, the first bad one last; `access` when all were good. */
export interface AccessCheck {
  readonly steps: readonly AccessCheckStep[];
  /** Of the bad step. */
  readonly failure?: ApiAccessFailure;
  readonly access?: ApiAccess;
}

/**
 * checkAccess finds the token endpoint, asks for a token, finds the API and asks it for its time, which takes a valid
 * token and changes nothing. Never throws for what CXone does.
 */
export async function checkAccess(context: AccessFetchContext, source: ApiAccessSource): Promise<AccessCheck> {
  const steps: AccessCheckStep[] = [];
  let failure: StepFailure | undefined;
  const runStep = async <T>(
    name: AccessCheckStep["name"],
    run: () => Promise<StepResult<T>>,
    describe: (value: T) => string,
  ) => {
    const startedAt = performance.now();
    const taken = await run();
    const durationMs = Math.round(performance.now() - startedAt);
    if (taken.kind === "done") {
      steps.push({ name, ok: true, detail: describe(taken.value), durationMs });
      return taken.value;
    }
    failure = taken.failure;
    steps.push({ name, ok: false, code: failure.code, detail: failure.detail, durationMs });
    return undefined;
  };

  const stoppedCheck = (): AccessCheck => ({ steps, ...(failure === undefined ? {} : { failure }) });

  const endpoint = await runStep(
    "discovery",
    () => findTokenEndpoint(context, source.target),
    ({ url }) => `the token endpoint is ${new URL(url).origin}${new URL(url).pathname}`,
  );
  if (endpoint === undefined) return stoppedCheck();
  const token = await runStep("token", () => fetchToken(context, source, endpoint), describeToken);
  if (token === undefined) return stoppedCheck();
  const obtainedAt = Date.now();
  const api = await runStep(
    "api",
    () => askForServerTime(context, source.target, token),
    ({ address }) => `${address} took the token and sent its time`,
  );
  if (api === undefined) return stoppedCheck();
  const { lifetimeMs, ...rest } = token;
  const { address: apiEndpoint, clockOffsetMs } = api;
  return {
    steps:
      clockOffsetMs === undefined
        ? steps
        : steps.map((step) => (step.name === "api" ? { ...step, clockOffsetMs } : step)),
    access: { ...rest, apiEndpoint, obtainedAt, expiresAt: obtainedAt + lifetimeMs, version: randomUUID() },
  };
}

async function findTokenEndpoint(
  context: AccessFetchContext,
  { issuer }: CxOneTarget,
): Promise<StepResult<TokenEndpoint>> {
  const found = await discoverTokenEndpoint(context, issuer);
  if (found.kind === "failed") return found;
  const verdict = context.allowedHosts.check(found.value.url);
  return verdict.ok
    ? found
    : createFailedStepResult("configuration", "host-not-allowed", `token endpoint: ${verdict.detail}`);
}

async function fetchToken(
  context: AccessFetchContext,
  source: ApiAccessSource,
  endpoint: TokenEndpoint,
): Promise<StepResult<Token>> {
  const requested = await requestToken(context, endpoint, source.credentials);
  source.onTokenRequest(resultOfTokenRequest(requested));
  return requested;
}

function describeToken({ lifetimeMs, tenantId }: Token): string {
  const tenant = tenantId === undefined ? "it names no tenant" : `it names tenant ${tenantId}`;
  return `the credentials were taken; the token lasts ${Math.round(lifetimeMs / 1_000)} s, ${tenant}`;
}

/** ReachedApi is where the API is, and how far its clock is off. */
interface ReachedApi {
  readonly address: string;
  readonly clockOffsetMs: number | undefined;
}

/** askForServerTime asks for `/server-time`, the cheapest check of token and address. */
async function askForServerTime(
  context: AccessFetchContext,
  target: CxOneTarget,
  { token, tokenType, tenantId: own }: Token,
): Promise<StepResult<ReachedApi>> {
  const guarded = { ...context, secrets: [...context.secrets, token] };
  const found = await findOrDiscoverApiEndpoint(guarded, target, { scope: {}, tenantId: target.tenantId ?? own });
  if (found.kind === "failed") return found;
  const url = `${found.value}/inContactAPI/services/${encodeURIComponent(target.apiVersion)}/server-time`;
  const asked = await sendToAllowedHost(guarded, "server-time", {
    method: "GET",
    url,
    headers: { Authorization: `${tokenType} ${token}` },
  });
  if (asked.kind === "failed") return asked;
  if (!isSuccessAnswer(asked.value))
    return { kind: "failed", failure: classifyRefusedAnswer(guarded, "server-time", asked.value) };
  return { kind: "done", value: { address: found.value, clockOffsetMs: clockOffsetOf(asked.value, Date.now()) } };
}

/** clockOffsetOf reads the header `Date`, which is cut to whole seconds; undefined where there is none. */
function clockOffsetOf({ headers }: WholeAnswer, now: number): number | undefined {
  const serverTime = readHttpDate(firstValueOfHeader(headers, "date") ?? "", now);
  if (serverTime === undefined) return undefined;
  const offsetMs = serverTime - now;
  // It was some time within the second that the header names.
  return offsetMs > 0 ? offsetMs : Math.min(0, offsetMs + DATE_GRAIN_MS);
}
