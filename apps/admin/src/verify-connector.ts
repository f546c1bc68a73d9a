/** Verifying a connector: each step on the way to CXone, and one real test signal where a contact is named. */
import { randomBytes } from "node:crypto";
import type { Verification } from "@baton/api";
import type { AccessCheck, CxOneClient } from "@baton/cxone";
import {
  type AccessCheckCode,
  accessCheckCodeOfStatus,
  type Connector,
  checkSignalParams,
  createIdInShard,
  ID_RANDOM_BYTES,
  OAUTH_CLIENT_UNKNOWN,
  type Params,
  Refusal,
  type SignalOutcome,
  shardOfId,
} from "@baton/domain";
import type { ApiAccessRefused, SealedApiAccessStore } from "@baton/handoffs/sealed-api-access-store";
import type { StoredConnector } from "@baton/registry/connector-store";
import { SealBroken, UnknownKey } from "@baton/vault";
import { type ConnectorReader, findConnectorOrRefuse } from "./find-connector-or-refuse.ts";

interface Deps {
  readonly connectors: ConnectorReader;
  /** A client of its own, so that neither its token nor its failures affect other signals. */
  readonly openClient: (stored: StoredConnector) => Pick<CxOneClient, "checkAccess" | "signal">;
  /** What CXone refused is not asked again too soon, by whichever process. */
  readonly accesses: Pick<SealedApiAccessStore, "refusal" | "refuse">;
}

/** TestSignal is what to send, and to whom. */
export interface TestSignal {
  readonly contactId?: string | undefined;
  readonly params?: Params | undefined;
}

/** VerifyConnector throws Refusal `not-found`, or `invalid-request` for parameters that the connector does not take. */
export type VerifyConnector = (id: string, test: TestSignal) => Promise<Verification>;

type Step = Verification["steps"][number];

/** NO_SIGNAL and SIGNALLED are what remains unproven, with and without a test signal. */
const NO_SIGNAL = ["that this user may signal contacts: only a test signal shows that (send a contactId)"];
const SIGNALLED = ["that a Studio script acted on the test signal: CXone says no more than that it took it"];
const NEVER = [
  "that the business unit's calls arrive with the pseudo numbers and the contact id header of this connector",
];

/**
 * createVerifyConnector asks CXone for a token of its own each time, unless CXone refused the same credentials a moment
 * ago.
 */
export function createVerifyConnector({ connectors, openClient, accesses }: Deps): VerifyConnector {
  return async (id, { contactId, params = {} }) => {
    const stored = await findConnectorOrRefuse(connectors, id);
    const { connector, credentialsVersion = 1 } = stored;
    const sent = paramsToSend(connector, params);
    const keys = { connectorId: id, credentialsVersion };
    const lately = await accesses.refusal(keys);
    const client = openClientOrReport(openClient, stored);
    const {
      steps: probed,
      access,
      failure,
    } = await (lately === undefined ? client.checkAccess() : rememberedRefusal(lately));
    if (failure?.kind === "credentials") await accesses.refuse(keys, failure);
    const steps: Step[] = [...probed];
    if (access !== undefined && contactId !== undefined)
      steps.push(await sendTestSignal(client, { access, connector, contactId, params: sent }));
    const doesNotProve = [...(contactId === undefined ? NO_SIGNAL : SIGNALLED), ...NEVER];
    return { ok: steps.every(({ ok }) => ok), steps, doesNotProve };
  };
}

/** openClientOrReport gives a client whose way ends where it begins, should the key ring not open the credentials. */
function openClientOrReport(openClient: Deps["openClient"], stored: StoredConnector): ReturnType<Deps["openClient"]> {
  try {
    return openClient(stored);
  } catch (error) {
    if (!(error instanceof UnknownKey || error instanceof SealBroken)) throw error;
    const detail = `the key ring does not open the credentials: ${error.message}`;
    return {
      checkAccess: async () => ({ steps: [{ name: "token", ok: false, code: "key-missing", detail, durationMs: 0 }] }),
      signal: async () => ({ kind: "unreachable", detail }),
    };
  }
}

/** rememberedRefusal stands for a probe that would only be refused again. */
function rememberedRefusal({ detail, leftMs }: ApiAccessRefused): AccessCheck {
  const seconds = Math.ceil(leftMs / 1_000);
  const words = `${detail}; that was a moment ago: CXone is asked again in ${seconds} s, or at once with other credentials`;
  const code = detail.includes(OAUTH_CLIENT_UNKNOWN) ? "client-unknown" : "credentials-refused";
  return { steps: [{ name: "token", ok: false, code, detail: words, durationMs: 0 }] };
}

/** paramsToSend adds what a handoff of this connector would carry: an id, so that the script sees what it will see. */
function paramsToSend({ id, delivery }: Connector, params: Params): Params {
  const own = delivery.handoffIdParam;
  const errors =
    own !== undefined && params[own] !== undefined
      ? [{ pointer: `/params/${own}`, message: "this connector's handoff id goes there; leave it out" }]
      : checkSignalParams(params, delivery.maxParamBytes);
  if (errors.length > 0)
    throw new Refusal("invalid-request", "this connector does not take these parameters", { errors });
  if (own === undefined) return params;
  return {
    ...params,
    [own]: createIdInShard("ho", shardOfId("cn", id) ?? 0, Date.now(), randomBytes(ID_RANDOM_BYTES)),
  };
}

interface Test {
  readonly access: NonNullable<AccessCheck["access"]>;
  readonly connector: Connector;
  readonly contactId: string;
  readonly params: Params;
}

async function sendTestSignal(
  client: Pick<CxOneClient, "signal">,
  { access, connector, contactId, params }: Test,
): Promise<Step> {
  const startedAt = performance.now();
  const outcome = await client.signal(contactId, params, { timeLimitMs: connector.delivery.attemptTimeoutMs, access });
  const durationMs = Math.round(performance.now() - startedAt);
  const code = failureCodeOf(outcome);
  return {
    name: "signal",
    ok: code === undefined,
    ...(code && { code }),
    detail: describeSignalOutcome(outcome),
    durationMs,
  };
}

function failureCodeOf(outcome: SignalOutcome): AccessCheckCode | undefined {
  switch (outcome.kind) {
    case "accepted":
      return undefined;
    case "throttled":
      return "overloaded";
    case "rejected":
    case "unauthorized":
    case "unavailable":
    case "redirected":
      return accessCheckCodeOfStatus(outcome.httpStatus);
    case "unreachable":
    case "ambiguous":
      return outcome.kind;
  }
}

function describeSignalOutcome(outcome: SignalOutcome): string {
  const status = "httpStatus" in outcome && outcome.httpStatus !== undefined ? `, HTTP ${outcome.httpStatus}` : "";
  const words = "detail" in outcome && outcome.detail !== undefined ? `: ${outcome.detail}` : "";
  return outcome.kind === "accepted" ? `CXone took the signal${status}` : `${outcome.kind}${status}${words}`;
}
