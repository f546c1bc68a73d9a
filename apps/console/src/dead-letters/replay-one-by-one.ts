/** Replaying chosen dead letters one by one, where no plan can name them: what becomes of each, and the sum. */
import type { DeadLetterJson } from "../api/answer-types.ts";
import { describeError, failureKindOfError, problemCodeOfError } from "../api/request-error.ts";
import { formatCount, formatList } from "../ui/format-numbers-and-times.ts";

/**
 * ReplayOutcome is where one dead letter stands: `queued` is queued again and has not ended, `left` is skipped by
 * intent.
 */
export interface ReplayOutcome {
  readonly kind: "to-come" | "queued" | "left" | "refused";
  readonly because?: string;
}

export type ReplayOutcomes = ReadonlyMap<string, ReplayOutcome>;

const MAY_HAVE_ARRIVED: ReplayOutcome = {
  kind: "left",
  because: "may have arrived already: look at it before it is replayed",
};
const QUEUED: ReplayOutcome = { kind: "queued" };
const NO_DEAD_LETTER: ReplayOutcome = { kind: "left", because: "no dead letter any more" };
/** REFUSALS_LEFT_ALONE are those after which one counts as left alone, as a run would skip it. */
const REFUSALS_LEFT_ALONE: Readonly<Record<string, ReplayOutcome>> = {
  "may-duplicate": MAY_HAVE_ARRIVED,
  "not-dead": NO_DEAD_LETTER,
};

/** predictReplayOutcomes says what would become of each: what may have arrived is left alone, as a run leaves it. */
export function predictReplayOutcomes(deadLetters: readonly DeadLetterJson[]): ReplayOutcomes {
  return new Map(
    deadLetters.map(({ id, mayHaveArrived }) => [id, mayHaveArrived ? MAY_HAVE_ARRIVED : { kind: "to-come" }]),
  );
}

/** ReplayOneByOne: `replay` replays one, and throws where it is refused. */
interface ReplayOneByOne {
  readonly outcomes: ReplayOutcomes;
  readonly replay: (id: string) => Promise<unknown>;
  readonly onOutcomes: (outcomes: ReplayOutcomes) => void;
  readonly isStopped: () => boolean;
}

/**
 * replayOneByOne replays those that are to come, in turn. It ends early where it is stopped, and where no further
 * request would be answered; the rest stays to come.
 */
export async function replayOneByOne({ outcomes, replay, onOutcomes, isStopped }: ReplayOneByOne): Promise<void> {
  let known = outcomes;
  for (const [id, { kind }] of outcomes) {
    if (kind !== "to-come") continue;
    if (isStopped()) return;
    const error = await replay(id).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    known = new Map(known).set(id, error === undefined ? QUEUED : outcomeOfError(error));
    onOutcomes(known);
    if (error !== undefined && ENDS_ALL.has(failureKindOfError(error))) return;
  }
}

function outcomeOfError(error: unknown): ReplayOutcome {
  return REFUSALS_LEFT_ALONE[problemCodeOfError(error) ?? ""] ?? { kind: "refused", because: describeError(error) };
}

/** After these nothing else would be answered either. */
const ENDS_ALL: ReadonlySet<string> = new Set(["admin-gone", "redis-gone", "session-over", "forbidden"]);

/** KIND_WORDS are the outcomes in words, the most wanted first. */
const KIND_WORDS = [
  ["queued", "queued again"],
  ["left", "left alone"],
  ["refused", "refused"],
  ["to-come", "to come"],
] as const;

/** countReplayOutcomesOfKind counts those of one kind. */
export function countReplayOutcomesOfKind(outcomes: ReplayOutcomes, kind: ReplayOutcome["kind"]): number {
  return [...outcomes.values()].filter((outcome) => outcome.kind === kind).length;
}

/** summarizeReplayOutcomes says in one line what became of all: `2 of 4 queued again, 1 left alone and 1 to come`. */
export function summarizeReplayOutcomes(outcomes: ReplayOutcomes): string {
  const [[queued, words], ...others] = KIND_WORDS;
  const counts = others.map(([kind, said]) => [countReplayOutcomesOfKind(outcomes, kind), said] as const);
  return formatList([
    `${formatCount(countReplayOutcomesOfKind(outcomes, queued))} of ${formatCount(outcomes.size)} ${words}`,
    ...counts.filter(([count]) => count > 0).map(([count, said]) => `${formatCount(count)} ${said}`),
  ]);
}

/** describeReplayOutcome says what became of one. */
export function describeReplayOutcome({ kind, because }: ReplayOutcome): string {
  const words = KIND_WORDS.find(([each]) => each === kind)?.[1] ?? kind;
  return because === undefined ? words : `${words}: ${because}`;
}
