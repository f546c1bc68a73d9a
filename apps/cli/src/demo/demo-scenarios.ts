/** The demo's scenarios: every kind of answer that CXone gives, and what is to become of each handoff that meets it. */
import type { ConnectorBody, HandoffBody } from "@baton/api";
import type { DeadReason } from "@baton/domain";
import type { ScopedFault } from "@baton/simulator";

/** TenantName is who hands off: seven invented clients. */
export type TenantName = "Acme" | "Borealis" | "Cobalt" | "Dune" | "Ember" | "Flux" | "Glacier";

/** TenantSetup is one connector and what is wrong with its CXone as a whole. */
export interface TenantSetup {
  readonly delivery: NonNullable<ConnectorBody["delivery"]>;
  /** For every contact of it. */
  readonly fault?: ScopedFault;
  /** CXone knows another secret for its access key. */
  readonly wrongSecret?: true;
}

/**
 * Long enough that a busy machine is never taken for a silent CXone; what never answers takes this long. Milliseconds.
 */
const PATIENT = { attemptTimeoutMs: 4_000 } as const;

export const TENANT_SETUPS: Readonly<Record<TenantName, TenantSetup>> = {
  Acme: { delivery: PATIENT },
  Borealis: { delivery: { ...PATIENT, guarantee: "at-most-once" } },
  Cobalt: { delivery: { ...PATIENT, rate: { perSecond: 5, burst: 2 } } },
  Dune: { delivery: PATIENT, wrongSecret: true },
  Ember: { delivery: PATIENT, fault: { status: 403 } },
  Flux: { delivery: { ...PATIENT, deadlineMs: 4_000, backoff: { baseMs: 250, capMs: 1_000 } }, fault: { status: 503 } },
  Glacier: { delivery: { ...PATIENT, maxAttempts: 3 }, fault: { on: "token", status: 503, times: 2 } },
};

/** Ending is how a handoff is to stand, as `standing` words it. */
export type Ending = "delivered" | "cancelled" | "discarded" | `dead, ${DeadReason}`;

/** Scenario is one handoff. */
export interface Scenario {
  readonly connector: TenantName;
  readonly contactId: string;
  /** What happens to it, in at most 30 characters. */
  readonly story: string;
  /** What its contact meets. */
  readonly fault?: ScopedFault;
  readonly ended?: true;
  readonly body?: Omit<HandoffBody, "contactId" | "callId">;
  /**
   * What is done besides sending it: its token is revoked before, it is sent once more under its key, or it is
   * cancelled.
   */
  readonly twist?: "revoke" | "repeat" | "cancel";
  /** How it is to end at first, and after CXone is repaired. */
  readonly first: Ending;
  readonly last: Ending;
}

type Case = Pick<Scenario, "story" | "fault" | "ended" | "body" | "twist"> & {
  readonly contactId?: string;
  /** Default: delivered. */
  readonly first?: Ending;
  /** Default: delivered where it was dead, else as at first. */
  readonly last?: Ending;
};

const HAS_ENDED: Case = { story: "contact has ended: 404", ended: true, first: "dead, rejected", last: "discarded" };
/** Three handoffs of one contact leave in order, whatever befalls the first. */
const ORDERED_CONTACT = "1100";

const CASES: Readonly<Record<TenantName, readonly Case[]>> = {
  Acme: [
    { story: "answers 202" },
    { story: "answers 200", fault: { status: 200 } },
    { story: "answers 204", fault: { status: 204 } },
    { story: "503 once", fault: { status: 503, times: 1 } },
    { story: "500 once, though it arrived", fault: { status: 500, effect: true, times: 1 } },
    { story: "502 once, a page of HTML", fault: { status: 502, body: "<html><h1>Bad gateway</h1></html>", times: 1 } },
    { story: "reset before it arrived", fault: { reset: "before", times: 1 } },
    { story: "reset after it arrived", fault: { reset: "after", times: 1 } },
    { story: "slow: answers after 1.5 s", fault: { delayMs: 1_500, times: 1 } },
    { story: "never answers, once", fault: { hang: true, times: 1 } },
    {
      story: "first of three: 503 twice",
      contactId: ORDERED_CONTACT,
      fault: { status: 503, times: 2 },
      body: { params: { p2: "1" } },
    },
    { story: "second of three, same contact", contactId: ORDERED_CONTACT, body: { params: { p2: "2" } } },
    { story: "third of three, same contact", contactId: ORDERED_CONTACT, body: { params: { p2: "3" } } },
    { story: "held back for 2 s", body: { delayMs: 2_000 } },
    { story: "cancelled before it is sent", body: { delayMs: 6_000 }, twist: "cancel", first: "cancelled" },
    { story: "sent twice under one key", twist: "repeat" },
    HAS_ENDED,
    { story: "400, repeating parameters", fault: { echoParams: true }, first: "dead, rejected" },
    {
      story: "redirects to another host",
      fault: { redirectTo: "http://192.0.2.1/signal" },
      first: "dead, configuration",
    },
  ],
  Borealis: [
    { story: "at most once: 202" },
    { story: "at most once: 503, no hint", fault: { status: 503 }, first: "dead, unknown" },
    { story: "at most once: Retry-After 1 s", fault: { status: 503, retryAfter: 1, times: 1 } },
    { story: "at most once: reset after", fault: { reset: "after" }, first: "dead, unknown" },
    { story: "at most once: never answers", fault: { hang: true }, first: "dead, unknown" },
  ],
  Cobalt: [
    { story: "429 once, Retry-After 2 s", fault: { status: 429, retryAfter: 2, times: 1 } },
    { story: "5 a second, and no more" },
    { story: "5 a second, and no more" },
    { story: "5 a second, and no more" },
  ],
  Dune: [
    { story: "wrong credentials", first: "dead, credentials", last: "dead, credentials" },
    { story: "wrong credentials", first: "dead, credentials", last: "dead, credentials" },
  ],
  Ember: [
    { story: "its role lacks the right: 403", first: "dead, credentials" },
    { story: "its role lacks the right: 403", first: "dead, credentials" },
  ],
  Flux: Array.from({ length: 6 }, () => ({ story: "outage; deadline of 4 s", first: "dead, expired" as const })),
  Glacier: [
    { story: "no tokens to be had at first" },
    { story: "503; three attempts, no more", fault: { status: 503 }, first: "dead, exhausted" },
  ],
};

/** Sent last, when the token that it revokes has long been in use. */
const REVOKED: Case = { story: "its token is revoked: 401", twist: "revoke" };

/**
 * SCENARIOS in the order in which they are sent. Contact ids are short, to leave room on the screen; CXone's have
 * twelve digits.
 */
export const SCENARIOS: readonly Scenario[] = [
  ...Object.entries(CASES).flatMap(([name, cases], client) =>
    cases.map((each, index) => completeScenario(name as TenantName, each, 1_001 + 1_000 * client + index)),
  ),
  completeScenario("Acme", REVOKED, 1_099),
];

function completeScenario(connector: TenantName, { first = "delivered", ...rest }: Case, contactId: number): Scenario {
  return {
    connector,
    contactId: String(contactId),
    first,
    last: first.startsWith("dead") ? "delivered" : first,
    ...rest,
  };
}
