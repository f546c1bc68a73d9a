/** The doctor on every connector's way to CXone, without a test signal. */
import { type BatonClient, type ConnectorJson, ProblemError, type Verification } from "@baton/api";
import { describeVerificationRemedy } from "@baton/api/verification-remedy";
import type { AccessCheckCode } from "@baton/domain";
import { pluralize } from "../number-format.ts";
import type { AdminAnswers } from "./admin-answers-for-checks.ts";
import { type CheckResult, checkOfError, FAULT, failCheck, passCheck, skipCheck } from "./check-result.ts";

/** MAX_VERIFIED_AT_ONCE connectors are verified at a time: each costs CXone a token request, and admin little. */
const MAX_VERIFIED_AT_ONCE = 4;
/**
 * MAX_VERIFIED: with more connectors those in most trouble are verified, as the overview has them; a token request
 * each is enough.
 */
const MAX_VERIFIED = 200;
/**
 * Beyond it a `Retry-After` that names a date is misread. Milliseconds; the header with CXone's time has whole
 * seconds.
 */
const MAX_CXONE_OFFSET_MS = 5_000;

type Step = Verification["steps"][number];

/** VerificationOutcome is what verifying one connector came to; `end` is the step at which it ended. */
interface VerificationOutcome {
  readonly checks: readonly CheckResult[];
  readonly end?: Step | undefined;
}

/**
 * checkConnectorsReachCxone verifies every connector that is enabled; `onVerified` is called with how many are done.
 */
export async function checkConnectorsReachCxone(
  answers: AdminAnswers,
  onVerified: (done: number, of: number) => void,
): Promise<readonly CheckResult[]> {
  if (answers.kind === "unseen") return [skipCheck("verify", answers.why)];
  const { client } = answers;
  if (answers.connectors.length === 0) return [skipCheck("verify", "there are no connectors")];
  const { connectors, others } = chooseConnectors(answers);
  const enabled = connectors.filter((connector) => connector.enabled);
  const outcomes = new Map<string, VerificationOutcome>();
  let next = 0;
  const verifyNext = async () => {
    for (let connector = enabled[next++]; connector !== undefined; connector = enabled[next++]) {
      outcomes.set(connector.id, await checkConnector(client, connector));
      onVerified(outcomes.size, enabled.length);
    }
  };
  await Promise.all(Array.from({ length: MAX_VERIFIED_AT_ONCE }, verifyNext));
  const checks = connectors.flatMap(
    (connector) => outcomes.get(connector.id)?.checks ?? [disabledConnectorCheck(connector)],
  );
  return [...findSharedFailure(outcomes), ...checks, ...others];
}

function chooseConnectors({ connectors, overview }: Extract<AdminAnswers, { kind: "seen" }>) {
  if (connectors.length <= MAX_VERIFIED) return { connectors, others: [] };
  const troubled = new Set(overview.connectors.slice(0, MAX_VERIFIED).map(({ id }) => id));
  const rest = pluralize(connectors.length - troubled.size, "other connector");
  const others = [skipCheck("others", `${rest} were not verified; \`baton connectors verify\` takes one`)];
  return { connectors: connectors.filter(({ id }) => troubled.has(id)), others };
}

function nameWithId({ id, name }: ConnectorJson): string {
  return `${name} (${id})`;
}

function disabledConnectorCheck(connector: ConnectorJson): CheckResult {
  return skipCheck(nameWithId(connector), "it is disabled: its handoffs are refused");
}

async function checkConnector(client: BatonClient, connector: ConnectorJson): Promise<VerificationOutcome> {
  const what = nameWithId(connector);
  try {
    return judgeVerification(connector, await client.verifyConnector(connector.id));
  } catch (error) {
    if (!(error instanceof ProblemError) || error.status !== 500) return { checks: [checkOfError(what, error)] };
    const remedy = "Its credentials may not open under admin's key ring: see `keyring`, and admin's log.";
    return {
      checks: [
        failCheck(what, "admin could not verify it", remedy, {
          follows: [FAULT.adminKeys(connector.id)],
        }),
      ],
    };
  }
}

function judgeVerification(connector: ConnectorJson, { ok, steps }: Verification): VerificationOutcome {
  const what = nameWithId(connector);
  const end = steps.at(-1);
  const offsetMs = end?.clockOffsetMs ?? 0;
  const isGood = ok || end === undefined;
  const faults = [FAULT.way(connector.id), ...(!isGood && isOutage(end) ? [FAULT.outageOf(connector.id)] : [])];
  const ties = { faults, follows: [FAULT.adminKeys(connector.id), FAULT.clients] };
  const way = isGood
    ? passCheck(what, "discovery, token and API are good; only a test signal proves more")
    : failCheck(what, `${end.name}: ${end.detail}`, describeVerificationRemedy(end) ?? "", ties);
  const clock = Math.abs(offsetMs) <= MAX_CXONE_OFFSET_MS ? [] : [judgeCxoneClock(what, offsetMs)];
  return { checks: [way, ...clock], ...(isGood ? {} : { end }) };
}

function judgeCxoneClock(what: string, offsetMs: number): CheckResult {
  const detail = `CXone's clock is ${Math.round(offsetMs / 1_000)} s off admin's`;
  return failCheck(what, detail, "Synchronise the clock of admin's machine (NTP): times that CXone names are misread.");
}

const ANSWERED =
  "It is one cause: look at what all clients share, CXone itself (its status page), `cxone.issuer` and the region.";
const UNANSWERED =
  "It is one cause: look at what all clients share, the way out: firewall, BATON_EGRESS_PROXY, name service.";

const NOT_ASKED = "It is one cause, of Baton's own settings: CXone was not asked.";

/** findSharedFailure finds that all clients fail alike: then it is one thing, not each of theirs. */
function findSharedFailure(outcomes: ReadonlyMap<string, VerificationOutcome>): readonly CheckResult[] {
  const [first, ...others] = [...outcomes.values()].map(({ end }) => end);
  if (
    first === undefined ||
    others.length === 0 ||
    others.some((end) => end === undefined || failureKindOf(end) !== failureKindOf(first))
  )
    return [];
  const detail = `all ${outcomes.size} clients fail alike, at ${first.name}: ${first.detail}`;
  return [
    failCheck("all clients", detail, `${whereToLook(first)} ${describeVerificationRemedy(first) ?? ""}`, {
      faults: [FAULT.clients, ...(isOutage(first) ? [FAULT.outage] : [])],
      follows: first.code === "key-missing" ? [...outcomes.keys()].map(FAULT.adminKeys) : [],
    }),
  ];
}

/** whereToLook says what all clients share at a step that failed. */
function whereToLook({ code }: Step): string {
  if (code !== undefined && NOT_ASKED_CODES.has(code)) return NOT_ASKED;
  return code === undefined || UNANSWERED_CODES.has(code) ? UNANSWERED : ANSWERED;
}

/** NOT_ASKED_CODES: Baton had no key to open the credentials with, or may not ask this host. */
const NOT_ASKED_CODES: ReadonlySet<AccessCheckCode> = new Set(["host-not-allowed", "key-missing"]);

/** UNANSWERED_CODES: nothing of CXone's answered. */
const UNANSWERED_CODES: ReadonlySet<AccessCheckCode> = new Set([
  "name-not-resolved",
  "tls-failed",
  "proxy-refused",
  "unreachable",
  "no-tenant",
]);

const OUTAGE_CODES: ReadonlySet<AccessCheckCode> = new Set([
  "name-not-resolved",
  "tls-failed",
  "proxy-refused",
  "unreachable",
  "unreadable",
  "overloaded",
]);

/** isOutage: nothing answers there, or it answers that it cannot; a refusal is none. */
function isOutage({ code }: Step): boolean {
  return code !== undefined && OUTAGE_CODES.has(code);
}

/** failureKindOf is alike for steps that fail for the same reason, whatever hosts and times their details name. */
function failureKindOf({ name, code }: Step): string {
  return `${name}: ${code}`;
}
