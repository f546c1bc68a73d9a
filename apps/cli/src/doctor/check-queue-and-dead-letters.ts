/**
 * The doctor on what is stuck: no worker, pauses, breakers, what has waited for long, and dead letters that keep
 * coming.
 */
import type { Overview, ReceivedCause } from "@baton/api";
import { describeDeadLetterRemedy, diedOfRefusedToken } from "@baton/api/dead-letter-remedy";
import { pluralize } from "../number-format.ts";
import { isBreakerUntried } from "../overview-view.ts";
import { formatTimeFromNow } from "../parse-and-format-instants.ts";
import type { AdminAnswers } from "./admin-answers-for-checks.ts";
import { type CheckResult, FAULT, failCheck, passCheck, skipCheck } from "./check-result.ts";
import { EVERYTHING, type PauseDescriptions } from "./pauses-from-audit.ts";

type ConnectorFigures = Overview["connectors"][number];

/**
 * OLD_MS: a delay (60 s at most) and the usual deadline (60 s) are over by then; what is still queued has asked for
 * more time.
 */
const OLD_MS = 120_000;
/** RECENT_MS: dead letters whose last came within it may be followed by more. */
const RECENT_MS = 900_000;
/** So many causes are named one by one. */
const MAX_NAMED = 5;

/** checkQueueAndDeadLetters judges the overview; `now` is epoch milliseconds. */
export function checkQueueAndDeadLetters(answers: AdminAnswers, now: number): readonly CheckResult[] {
  if (answers.kind === "unseen") return [skipCheck("queue", answers.why)];
  const { overview, causes, connectors, pauses } = answers;
  const findings = [
    ...judgeWorkersAndPause(overview, pauses),
    ...overview.connectors.flatMap((row) => judgeConnectorQueue(row, pauses)),
  ];
  const { queued, sending } = overview.handoffs;
  const names = new Map(connectors.map(({ id, name }) => [id, `${name} (${id})`]));
  return [
    ...findings,
    ...(findings.length === 0
      ? [
          passCheck(
            "queue",
            `${pluralize(overview.workers, "worker")}; ${queued} queued, ${sending} being sent, none for long`,
          ),
        ]
      : []),
    ...checkDeadLetters(
      overview,
      causes.filter(({ lastAt }) => now - Date.parse(lastAt) < RECENT_MS),
      (id) => names.get(id) ?? id,
    ),
  ];
}

function judgeWorkersAndPause({ workers, paused }: Overview, pauses: PauseDescriptions): readonly CheckResult[] {
  const noWorker = failCheck(
    "workers",
    "none is alive: handoffs are accepted, and none is sent",
    "Start `baton worker`, with the same Redis, namespace, key ring and shards.",
    { faults: [FAULT.workers], follows: [FAULT.redis, FAULT.settings] },
  );
  const stopped = failCheck(
    "pause",
    `everything is paused${describePauseOf(pauses, EVERYTHING)}: handoffs are accepted, and none is sent`,
    "`baton connectors resume --all`, once the reason is gone.",
    { faults: [FAULT.stopped] },
  );
  return [...(workers === 0 ? [noWorker] : []), ...(paused ? [stopped] : [])];
}

function judgeConnectorQueue(connector: ConnectorFigures, pauses: PauseDescriptions): readonly CheckResult[] {
  const { id, name, paused, breaker, queued, oldestQueuedMs } = connector;
  const what = `${name} (${id})`;
  const isOld = oldestQueuedMs !== null && oldestQueuedMs > OLD_MS;
  const waits = isOld ? [`${queued} queued, the oldest for ${Math.round(oldestQueuedMs / 1_000)} s`] : [];
  if (paused) {
    const remedy = `\`baton connectors resume ${id}\`, once the reason is gone.`;
    return [
      failCheck(what, [`it is paused${describePauseOf(pauses, id)}`, ...waits].join("; "), remedy, {
        faults: [FAULT.paused(id)],
      }),
    ];
  }
  if (isBreakerUntried(connector)) {
    const finding = "CXone failed most of what was sent, and no handoff is there to try it again";
    const remedy = `\`baton connectors verify ${id}\` says whether it is back. Where it is, the next handoff closes the breaker, or \`baton connectors resume ${id}\`.`;
    const causes = { faults: [FAULT.breaker(id)], follows: [FAULT.outage, FAULT.outageOf(id)] };
    return [failCheck(what, finding, remedy, causes)];
  }
  if (breaker !== "closed") {
    return [
      failCheck(
        what,
        [`its breaker is ${breaker}: CXone failed most of what was sent`, ...waits].join("; "),
        `\`baton connectors verify ${id}\` says where; it closes by itself once CXone answers.`,
        { faults: [FAULT.breaker(id)], follows: [FAULT.outage, FAULT.outageOf(id)] },
      ),
    ];
  }
  if (!isOld) return [];
  return [
    failCheck(
      what,
      waits.join(""),
      `\`baton handoff <id>\` of one says what it waits for; a rate that is too low shows as \`rate\`: raise delivery.rate.`,
      { follows: [FAULT.redis, FAULT.workers, FAULT.stopped, FAULT.workerKeys(id), FAULT.clients, FAULT.way(id)] },
    ),
  ];
}

/** describePauseOf says who paused it and when, where the audit knows. */
function describePauseOf(pauses: PauseDescriptions, id: string): string {
  const words = pauses.get(id);
  return words === undefined ? "" : ` ${words}`;
}

function checkDeadLetters(
  { deadLetters }: Overview,
  recent: readonly ReceivedCause[],
  nameOf: (id: string) => string,
): readonly CheckResult[] {
  const total = pluralize(deadLetters.total, "dead letter");
  if (recent.length === 0)
    return [passCheck("dead letters", `${total}, none of the last ${RECENT_MS / 60_000} minutes`)];
  const rest = recent.length - MAX_NAMED;
  return [
    ...recent.slice(0, MAX_NAMED).map((cause) => judgeCause(cause, nameOf)),
    ...(rest > 0
      ? [
          failCheck(
            "dead letters",
            `${rest} more causes of the last ${RECENT_MS / 60_000} minutes`,
            "`baton dead-letters causes` shows all.",
          ),
        ]
      : []),
  ];
}

function judgeCause(cause: ReceivedCause, nameOf: (id: string) => string): CheckResult {
  const { reason, detail, count: number, connectors, connectorsTotal, lastAt, sampleId } = cause;
  const [first = ""] = connectors;
  const who = connectorsTotal === 1 ? nameOf(first) : pluralize(connectorsTotal, "connector");
  return failCheck(
    "dead letters",
    `${number} × ${reason}: ${detail || "no detail"} (${who}, last ${formatTimeFromNow(lastAt)}, cause ${cause.cause})`,
    `${describeDeadLetterRemedy(cause)} \`baton handoff ${sampleId}\``,
    { follows: explanationsOf(cause) },
  );
}

/** explanationsOf names the faults that cause such dead letters, for as long as they last. */
function explanationsOf(cause: ReceivedCause): readonly string[] {
  const { reason, waitingFor, connectors } = cause;
  const ways = [FAULT.clients, ...connectors.map(FAULT.way)];
  // Whose signal was answered had its way behind it.
  const outages = [FAULT.outage, ...connectors.map(FAULT.outageOf), ...connectors.map(FAULT.breaker)];
  const waysAndOutages = cause.httpStatus === undefined ? [...ways, ...outages] : outages;
  const idle = [
    FAULT.redis,
    FAULT.workers,
    FAULT.stopped,
    ...connectors.map(FAULT.paused),
    ...connectors.map(FAULT.workerKeys),
  ];
  switch (reason) {
    case "rejected":
      return [];
    case "expired":
      return waitingFor === "pause" ? [FAULT.stopped, ...connectors.map(FAULT.paused)] : [...waysAndOutages, ...idle];
    case "exhausted":
    case "unknown":
      return waysAndOutages;
    case "credentials":
      return diedOfRefusedToken(cause) ? ways : [];
    case "configuration":
      return ways;
  }
}
