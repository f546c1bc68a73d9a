/**
 * What to do about dead letters of one cause. It fits what they died of, and says what `verify` says of the same
 * answer.
 */
import { type AttemptOutcome, OAUTH_CLIENT_UNKNOWN } from "@baton/domain";
import type { ReceivedCause } from "./dead-letter.ts";
import type { HandoffJson } from "./handoff-schemas.ts";
import { describeVerificationRemedy } from "./verification-remedy.ts";

/** Death is what handoffs died of: a cause, or one handoff's reason with its last attempt. */
export interface Death extends Pick<ReceivedCause, "reason" | "detail"> {
  readonly waitingFor?: string;
  readonly httpStatus?: number;
  /** How the last attempt ended; absent where it is not known, or none was begun. */
  readonly outcome?: AttemptOutcome;
}

const OUTAGE =
  "CXone was overloaded, out of order or out of reach until the deadline, which is not too short for that: `baton connectors verify` says whether it is back. Replay them then, if their callers still wait.";

const REJECTED: Readonly<Record<number, string>> = {
  404: "CXone knows no such contact: it has usually ended, or is another business unit's; where all end so, look at `cxone.apiVersion`.",
};
const REJECTED_OTHERWISE =
  "CXone refuses these contacts or parameters: look at what the project sends, and at `cxone.paramsIn` and `cxone.apiVersion`.";

/**
 * EXPIRED_WHILE_WAITING_FOR is what kept handoffs from being sent in time; a word that is not here says nothing of it.
 */
const EXPIRED_WHILE_WAITING_FOR: Readonly<Record<string, string>> = {
  breaker: OUTAGE,
  throttle: OUTAGE,
  token: OUTAGE,
  rate: "They waited for the connector's rate: raise delivery.rate if CXone allows more, or give them a longer deadline.",
  share:
    "They waited for a free place of the connector's: its CXone answers slowly; start more workers, or look at `baton connectors verify`.",
  order: "An earlier handoff of the same contact was not over by then: look at that one first.",
  pause: "They were paused until their deadline: `baton connectors resume`, once the reason is gone, then replay.",
  keys: "A worker lacks the key that they are sealed under: `baton doctor` names key and worker; then replay.",
};

const NO_WORKER =
  "No worker had taken them by then: `baton doctor` says whether workers run. If they do, the deadline is shorter than the queue: start more workers, or raise delivery.deadlineMs.";

const UNKNOWN_WAIT =
  "Nothing was sent by its deadline: a pause, CXone, the connector's rate, a key that is missing, or a lack of workers may have kept it.";

/** describeDeadLetterRemedy says what to do. */
export function describeDeadLetterRemedy(death: Death): string {
  switch (death.reason) {
    case "rejected":
      return `${REJECTED[death.httpStatus ?? 0] ?? REJECTED_OTHERWISE} A replay alone is refused again.`;
    case "expired":
      return remedyOfExpiry(death);
    case "exhausted":
      return "All attempts failed: `baton connectors verify` says whether CXone is back. Replay them then, if their callers still wait.";
    case "unknown":
      return "The signal may have arrived: ask whether it did before you replay, and the contact may be signalled twice. `baton dead-letters replay` takes it with --force, `baton replays start` with --include-unknown.";
    case "credentials":
      return `${describeVerificationRemedy(diedOfRefusedToken(death) ? refusedTokenStepOf(death) : REFUSED_SIGNAL_STEP) ?? ""} Then replay.`;
    case "configuration":
      return diedOfDeletedConnector(death)
        ? "Their connector is gone: nothing can send them any more; discard them."
        : "An address is wrong: `baton connectors verify` says which. Correct it, then replay.";
    default:
      // A reason of a newer admin.
      return "A newer baton says what to do.";
  }
}

/**
 * describeDeadHandoffRemedy is that for one; undefined where it is not dead. `cause` is its own, where admin was asked:
 * only that says what an expired one waited for.
 */
export function describeDeadHandoffRemedy(
  { id, status, reason, attempts }: HandoffJson,
  cause?: ReceivedCause,
): string | undefined {
  if (status !== "dead" || reason === undefined) return undefined;
  const last = attempts.at(-1);
  if (cause !== undefined) return describeDeadLetterRemedy({ ...cause, ...(last && { outcome: last.outcome }) });
  if (reason === "expired" && last === undefined)
    return `${UNKNOWN_WAIT} \`baton why ${id}\`, with BATON_ADMIN_KEY, says which.`;
  return describeDeadLetterRemedy({
    reason,
    detail: last?.detail ?? "",
    ...(last && { outcome: last.outcome }),
    ...(last?.httpStatus !== undefined && { httpStatus: last.httpStatus }),
  });
}

function remedyOfExpiry({ waitingFor, outcome, httpStatus, detail }: Death): string {
  const known = waitingFor === undefined ? undefined : EXPIRED_WHILE_WAITING_FOR[waitingFor];
  if (known !== undefined) return known;
  // One that was tried met a fault that may pass: all else ends a handoff at once.
  const wasTried = outcome !== undefined || httpStatus !== undefined || detail !== "";
  return wasTried ? OUTAGE : NO_WORKER;
}

/** diedOfDeletedConnector says of a death that nothing can send it any more. */
export function diedOfDeletedConnector({ reason, detail }: Death): boolean {
  return reason === "configuration" && /has been deleted/.test(detail);
}

/** diedOfRefusedToken says of refused keys where: a handoff whose token was refused began no attempt. */
export function diedOfRefusedToken({ detail, httpStatus, outcome }: Death): boolean {
  return /^(?:token endpoint|discovery)\b/.test(detail) || (httpStatus === undefined && outcome === undefined);
}

/** OAuth has a code for a client that CXone does not know; all other refusals there concern the access key. */
function refusedTokenStepOf({ detail }: Death) {
  const code = detail.includes(OAUTH_CLIENT_UNKNOWN) ? "client-unknown" : "credentials-refused";
  return { name: "token", ok: false, code } as const;
}

const REFUSED_SIGNAL_STEP = { name: "signal", ok: false, code: "unauthorized" } as const;
