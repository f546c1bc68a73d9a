/** The doctor on what is stuck: nobody to send, pauses, breakers, what has waited for long, and letters that keep coming. */
import type { CauseJson, Overview } from "@baton/api";
import type { DeadReason } from "@baton/domain";
import { count } from "../print.ts";
import type { AdminView } from "./admin-view.ts";
import { bad, type Check, good, unseen } from "./check.ts";

type Row = Overview["connectors"][number];

/** OLD_MS: a delay (60 s at most) and the usual deadline (60 s) are over by then; what is still queued has asked for more time. */
const OLD_MS = 120_000;
/** RECENT_MS: letters whose last came within it may be followed by more. */
const RECENT_MS = 900_000;
/** So many causes are named one by one. */
const MOST_NAMED = 5;

/** lookAtWork judges the overview; `now` is epoch milliseconds. */
export function lookAtWork(view: AdminView, now: number): readonly Check[] {
  if (view.kind === "unseen") return [unseen("queue", view.why)];
  const { overview, causes } = view;
  const findings = [...judgeWhole(overview), ...overview.connectors.flatMap(judgeRow)];
  const { queued, sending } = overview.handoffs;
  return [
    ...findings,
    ...(findings.length === 0
      ? [good("queue", `${count(overview.workers, "worker")}; ${queued} queued, ${sending} being sent, none for long`)]
      : []),
    ...judgeLetters(
      overview,
      causes.filter(({ lastAt }) => now - Date.parse(lastAt) < RECENT_MS),
    ),
  ];
}

function judgeWhole({ workers, paused }: Overview): readonly Check[] {
  return [
    ...(workers === 0
      ? [
          bad(
            "workers",
            "none is alive: handoffs are accepted, and none is sent",
            "Start `baton worker`, with the same Redis, namespace, key ring and shards.",
          ),
        ]
      : []),
    ...(paused
      ? [
          bad(
            "pause",
            "everything is paused: handoffs are accepted, and none is sent",
            "`baton connectors resume --all`, once the reason is gone.",
          ),
        ]
      : []),
  ];
}

function judgeRow({ id, name, paused, breaker, queued, oldestQueuedMs }: Row): readonly Check[] {
  const what = `${name} (${id})`;
  const isOld = oldestQueuedMs !== null && oldestQueuedMs > OLD_MS;
  const waits = isOld ? [`${queued} queued, the oldest for ${Math.round(oldestQueuedMs / 1_000)} s`] : [];
  if (paused) return [bad(what, ["it is paused", ...waits].join("; "), `\`baton connectors resume ${id}\`, once the reason is gone.`)];
  if (breaker !== "closed") {
    return [
      bad(
        what,
        [`its breaker is ${breaker}: CXone failed most of what was sent`, ...waits].join("; "),
        `\`baton connectors verify ${id}\` says where; it closes by itself once CXone answers.`,
      ),
    ];
  }
  if (!isOld) return [];
  return [
    bad(
      what,
      waits.join(""),
      `\`baton handoff <id>\` of one says what it waits for; a rate that is too low shows as \`rate\`: raise delivery.rate.`,
    ),
  ];
}

const REMEDIES: Readonly<Record<DeadReason, string>> = {
  rejected: "CXone refuses these contacts or parameters: look at one, and at what the project sends.",
  expired: "The deadline passed first: see what they waited for, and whether delivery.deadlineMs gives enough time.",
  exhausted: "All attempts failed: look at one's attempts, then replay.",
  unknown: "Sent without a trustworthy answer: ask whether they arrived before you replay with --force.",
  credentials: "CXone refuses the keys: correct them with `baton connectors apply`, then replay.",
  configuration: "Address or host is wrong: `baton connectors verify` says which; then replay.",
};

function judgeLetters({ deadLetters }: Overview, recent: readonly CauseJson[]): readonly Check[] {
  const total = count(deadLetters.total, "dead letter");
  if (recent.length === 0) return [good("dead letters", `${total}, none of the last ${RECENT_MS / 60_000} minutes`)];
  const rest = recent.length - MOST_NAMED;
  return [
    ...recent.slice(0, MOST_NAMED).map(judgeCause),
    ...(rest > 0
      ? [bad("dead letters", `${rest} more causes of the last ${RECENT_MS / 60_000} minutes`, "`baton dead-letters causes` shows all.")]
      : []),
  ];
}

function judgeCause({ cause, reason, detail, count: number, connectors, lastAt, sampleId }: CauseJson): Check {
  const who = connectors.length === 1 ? connectors[0] : count(connectors.length, "connector");
  return bad(
    "dead letters",
    `${number} × ${reason}: ${detail || "no detail"} (${who}, last at ${lastAt}, cause ${cause})`,
    `${REMEDIES[reason]} \`baton handoff ${sampleId}\``,
  );
}
