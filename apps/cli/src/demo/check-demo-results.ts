/** The summary: did every handoff end as it should, and do Baton's counts agree with what CXone saw? */
import type { HandoffJson, Overview } from "@baton/api";
import type { AttemptOutcome } from "@baton/domain";
import type { SeenSignal, Simulator } from "@baton/simulator";
import { describeHandoffStatus } from "../handoff-view.ts";
import { SCENARIOS } from "./demo-scenarios.ts";
import type { FollowedHandoffs } from "./follow-handoffs.ts";

/** CountByBatonAndCxone is one thing that both have counted. */
export interface CountByBatonAndCxone {
  readonly baton: string;
  readonly batonCount: number;
  readonly cxone: string;
  readonly cxoneCount: number;
}

export interface DemoSummary {
  readonly counts: readonly CountByBatonAndCxone[];
  /** In words; none when all is as it should be. */
  readonly differences: readonly string[];
}

/** findUnexpectedHandoffEndings names every handoff that did not end as it should. */
export function findUnexpectedHandoffEndings(followed: FollowedHandoffs, step: "first" | "last"): readonly string[] {
  return SCENARIOS.flatMap((scenario) => {
    const handoff = followed.get(scenario);
    const found = handoff === undefined ? "not accepted" : describeHandoffStatus(handoff);
    const { connector, contactId, story } = scenario;
    return found === scenario[step]
      ? []
      : [`${connector} ${contactId} (${story}) is ${found}, expected ${scenario[step]}; ${handoff?.id}`];
  });
}

/** checkDemoResults compares what the APIs say at the end with what the simulator saw. */
export function checkDemoResults(followed: FollowedHandoffs, overview: Overview, simulator: Simulator): DemoSummary {
  const handoffs = [...followed.values()];
  const signals = simulator.signals();
  const counts = [...countAnswers(handoffs, signals), ...countContacts(handoffs, signals)];
  const apart = counts.filter(({ batonCount, cxoneCount }) => batonCount !== cxoneCount);
  return {
    counts,
    differences: [
      ...findUnexpectedHandoffEndings(followed, "last"),
      ...apart.map(
        ({ baton, batonCount, cxone, cxoneCount }) =>
          `Baton counts ${batonCount} ${baton}, CXone ${cxoneCount} ${cxone}`,
      ),
      ...findOverviewDifferences(handoffs, overview),
      ...findOrderDifferences(followed, signals),
      ...findUnknownDuplicates(handoffs, signals),
    ],
  };
}

/**
 * Which answers make which outcome. 401 and 403 are absent: one attempt may meet them and be accepted with a new token.
 */
const ANSWERS: readonly {
  readonly outcome: AttemptOutcome;
  readonly cxone: string;
  readonly matches: (status: number | undefined) => boolean;
}[] = [
  { outcome: "accepted", cxone: "answers 2xx", matches: (status) => status !== undefined && status < 300 },
  {
    outcome: "rejected",
    cxone: "answers 4xx",
    matches: (status = 0) => status >= 400 && status < 500 && ![401, 403, 429].includes(status),
  },
  { outcome: "throttled", cxone: "answers 429", matches: (status) => status === 429 },
  { outcome: "unavailable", cxone: "answers 503", matches: (status) => status === 503 },
  { outcome: "ambiguous", cxone: "other 5xx, or cut off", matches: (status = 500) => status >= 500 && status !== 503 },
  { outcome: "redirected", cxone: "answers 3xx", matches: (status = 0) => status >= 300 && status < 400 },
];

function countAnswers(
  handoffs: readonly HandoffJson[],
  signals: readonly SeenSignal[],
): readonly CountByBatonAndCxone[] {
  const attempts = handoffs.flatMap((handoff) => handoff.attempts);
  const unauthorized = attempts.filter(({ outcome }) => outcome === "unauthorized").length;
  const renewed = signals.filter(({ status }) => status === 401 || status === 403).length - unauthorized;
  return [
    ...ANSWERS.map(({ outcome, cxone, matches }) => ({
      baton: `attempts ${outcome}`,
      batonCount: attempts.filter((attempt) => attempt.outcome === outcome).length,
      cxone,
      cxoneCount: signals.filter(({ status }) => matches(status)).length,
    })),
    {
      baton: `attempts, ${renewed} sent once more with a new token`,
      batonCount: attempts.length + renewed,
      cxone: "requests",
      cxoneCount: signals.length,
    },
  ];
}

function countContacts(
  handoffs: readonly HandoffJson[],
  signals: readonly SeenSignal[],
): readonly CountByBatonAndCxone[] {
  const delivered = handoffs.filter(({ status }) => status === "delivered");
  return [
    {
      baton: "contacts with a handoff delivered",
      batonCount: new Set(delivered.map(({ contactId }) => contactId)).size,
      cxone: "contacts signalled",
      cxoneCount: new Set(signals.filter(({ effect }) => effect).map(({ contactId }) => contactId)).size,
    },
    {
      baton: "signals of one contact at a time",
      batonCount: 0,
      cxone: "that overlapped",
      cxoneCount: signals.filter(({ inFlightSame }) => inFlightSame > 0).length,
    },
  ];
}

/** findOverviewDifferences holds the overview's counters against the handoffs themselves. */
function findOverviewDifferences(
  handoffs: readonly HandoffJson[],
  { handoffs: counted, deadLetters, connectors }: Overview,
): readonly string[] {
  const count = (status: HandoffJson["status"]) => handoffs.filter((handoff) => handoff.status === status).length;
  const pairs = [
    { what: "queued", overview: counted.queued, own: count("queued") },
    { what: "sending", overview: counted.sending, own: count("sending") },
    { what: "dead", overview: deadLetters.total, own: count("dead") },
    {
      what: "delivered",
      overview: connectors.reduce((sum, each) => sum + each.deliveredLastHour, 0),
      own: count("delivered"),
    },
  ];
  return pairs
    .filter(({ overview, own }) => overview !== own)
    .map(({ what, overview, own }) => `the overview counts ${overview} ${what}, the handoffs are ${own}`);
}

/** findOrderDifferences names each contact whose handoffs were not taken in the order in which they were accepted. */
function findOrderDifferences(followed: FollowedHandoffs, signals: readonly SeenSignal[]): readonly string[] {
  const contacts = new Set(SCENARIOS.map(({ contactId }) => contactId));
  return [...contacts].flatMap((contactId) => {
    const wanted = SCENARIOS.filter((scenario) => scenario.contactId === contactId && followed.has(scenario)).map(
      ({ body }) => body?.params?.p2,
    );
    if (wanted.length < 2) return [];
    const found = signals
      .filter((signal) => signal.contactId === contactId && signal.effect)
      .map(({ params }) => params.p2);
    return found.join() === wanted.join()
      ? []
      : [`contact ${contactId} was signalled in the order ${found.join(", ")}, expected ${wanted.join(", ")}`];
  });
}

/**
 * findUnknownDuplicates names each contact that was signalled more often than was asked for, and of which Baton knows
 * no possible duplicate.
 */
function findUnknownDuplicates(handoffs: readonly HandoffJson[], signals: readonly SeenSignal[]): readonly string[] {
  return [...findContactsSignalledTooOften(handoffs, signals)]
    .filter((contactId) => !handoffs.some((handoff) => handoff.contactId === contactId && handoff.possibleDuplicate))
    .map((contactId) => `contact ${contactId} was signalled twice, and Baton does not know`);
}

/** findContactsSignalledTooOften gives the contacts that CXone signalled more often than they have handoffs. */
export function findContactsSignalledTooOften(
  handoffs: readonly HandoffJson[],
  signals: readonly SeenSignal[],
): ReadonlySet<string> {
  const asked = countByContact(handoffs);
  return new Set(
    [...countByContact(signals.filter(({ effect }) => effect))]
      .filter(([id, times]) => times > (asked.get(id) ?? 0))
      .map(([id]) => id),
  );
}

function countByContact(items: readonly { readonly contactId: string }[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { contactId } of items) counts.set(contactId, (counts.get(contactId) ?? 0) + 1);
  return counts;
}
