/** The doctor on every connector's way to CXone, without a test signal. */
import { type BatonClient, type ConnectorJson, ProblemError, type Verification } from "@baton/api";
import type { AccessCheckCode } from "@baton/domain";
import { pluralize } from "../output.ts";
import { verificationRemedy } from "../verification-remedy.ts";
import type { AdminView } from "./admin-view.ts";
import { type Check, FAULT, failedToCheck, foundFault, passed, skipped } from "./check.ts";

/** AT_ONCE connectors are verified at a time: each costs CXone a token request, and admin little. */
const AT_ONCE = 4;
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

/** Outcome is what verifying one connector came to; `end` is the step at which it ended. */
interface Outcome {
  readonly checks: readonly Check[];
  readonly end?: Step | undefined;
}

/** checkConnectors verifies every connector that is enabled; `onVerified` is called with how many are done. */
export async function checkConnectors(
  view: AdminView,
  onVerified: (done: number, of: number) => void,
): Promise<readonly Check[]> {
  if (view.kind === "unseen") return [skipped("verify", view.why)];
  const { client } = view;
  if (view.connectors.length === 0) return [skipped("verify", "there are no connectors")];
  const { connectors, others } = choose(view);
  const enabled = connectors.filter((connector) => connector.enabled);
  const outcomes = new Map<string, Outcome>();
  let next = 0;
  const verifyNext = async () => {
    for (let connector = enabled[next++]; connector !== undefined; connector = enabled[next++]) {
      outcomes.set(connector.id, await checkConnector(client, connector));
      onVerified(outcomes.size, enabled.length);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, verifyNext));
  const checks = connectors.flatMap((connector) => outcomes.get(connector.id)?.checks ?? [disabled(connector)]);
  return [...judgeAll([...outcomes.values()]), ...checks, ...others];
}

function choose({ connectors, overview }: Extract<AdminView, { kind: "seen" }>) {
  if (connectors.length <= MAX_VERIFIED) return { connectors, others: [] };
  const troubled = new Set(overview.connectors.slice(0, MAX_VERIFIED).map(({ id }) => id));
  const rest = pluralize(connectors.length - troubled.size, "other connector");
  const others = [skipped("others", `${rest} were not verified; \`baton connectors verify\` takes one`)];
  return { connectors: connectors.filter(({ id }) => troubled.has(id)), others };
}

function nameOf({ id, name }: ConnectorJson): string {
  return `${name} (${id})`;
}

function disabled(connector: ConnectorJson): Check {
  return skipped(nameOf(connector), "it is disabled: its handoffs are refused");
}

async function checkConnector(client: BatonClient, connector: ConnectorJson): Promise<Outcome> {
  const what = nameOf(connector);
  try {
    return judge(connector, await client.verifyConnector(connector.id));
  } catch (error) {
    if (!(error instanceof ProblemError) || error.status !== 500) return { checks: [failedToCheck(what, error)] };
    const remedy = "Its credentials may not open under admin's key ring: see `keyring`, and admin's log.";
    return {
      checks: [foundFault(what, "admin could not verify it", remedy, { follows: [FAULT.adminKeys(connector.id)] })],
    };
  }
}

function judge(connector: ConnectorJson, { ok, steps }: Verification): Outcome {
  const what = nameOf(connector);
  const end = steps.at(-1);
  const offsetMs = end?.clockOffsetMs ?? 0;
  const isGood = ok || end === undefined;
  const faults = [FAULT.way(connector.id), ...(!isGood && isOutage(end) ? [FAULT.outageOf(connector.id)] : [])];
  const ties = { faults, follows: [FAULT.adminKeys(connector.id), FAULT.clients] };
  const way = isGood
    ? passed(what, "discovery, token and API are good; only a test signal proves more")
    : foundFault(what, `${end.name}: ${end.detail}`, verificationRemedy(end) ?? "", ties);
  const clock = Math.abs(offsetMs) <= MAX_CXONE_OFFSET_MS ? [] : [judgeClock(what, offsetMs)];
  return { checks: [way, ...clock], ...(isGood ? {} : { end }) };
}

function judgeClock(what: string, offsetMs: number): Check {
  const detail = `CXone's clock is ${Math.round(offsetMs / 1_000)} s off admin's`;
  return foundFault(
    what,
    detail,
    "Synchronise the clock of admin's machine (NTP): times that CXone names are misread.",
  );
}

const ANSWERED =
  "It is one cause: look at what all clients share, CXone itself (its status page), `cxone.issuer` and the region.";
const UNANSWERED =
  "It is one cause: look at what all clients share, the way out: firewall, BATON_EGRESS_PROXY, name service.";

/** judgeAll finds that all clients fail alike: then it is one thing, not each of theirs. */
function judgeAll(outcomes: readonly Outcome[]): readonly Check[] {
  const [first, ...others] = outcomes.map(({ end }) => end);
  if (
    first === undefined ||
    others.length === 0 ||
    others.some((end) => end === undefined || inKind(end) !== inKind(first))
  )
    return [];
  const detail = `all ${outcomes.length} clients fail alike, at ${first.name}: ${first.detail}`;
  const shared = first.code === undefined || UNANSWERED_CODES.has(first.code) ? UNANSWERED : ANSWERED;
  return [
    foundFault("all clients", detail, `${shared} ${verificationRemedy(first) ?? ""}`, {
      faults: [FAULT.clients, ...(isOutage(first) ? [FAULT.outage] : [])],
    }),
  ];
}

/** UNANSWERED_CODES: nothing of CXone's answered. */
const UNANSWERED_CODES: ReadonlySet<AccessCheckCode> = new Set([
  "host-not-allowed",
  "key-missing",
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

/** inKind is alike for steps that fail for the same reason, whatever hosts and times their details name. */
function inKind({ name, code }: Step): string {
  return `${name}: ${code}`;
}
