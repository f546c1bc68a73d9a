/** Replaying chosen dead letters one by one, where no plan can name them: what becomes of each, and the sum. */
import { problemSlug, troubleOf, wordsOf } from "../api/problem.ts";
import type { DeadLetterJson } from "../api/shapes.ts";
import { formatCount, formatList } from "../ui/format.ts";

/** Outcome is where one stands: `queued` is queued again and has not ended, `left` is skipped by intent. */
export interface Outcome {
  readonly kind: "to-come" | "queued" | "left" | "refused";
  readonly because?: string;
}

export type Outcomes = ReadonlyMap<string, Outcome>;

const MAY_HAVE_ARRIVED: Outcome = {
  kind: "left",
  because: "may have arrived already: look at it before it is replayed",
};
const QUEUED: Outcome = { kind: "queued" };
const NO_DEAD_LETTER: Outcome = { kind: "left", because: "no dead letter any more" };
/** LEFT are the refusals by which Baton leaves one alone, as a run would skip it. */
const LEFT: Readonly<Record<string, Outcome>> = { "may-duplicate": MAY_HAVE_ARRIVED, "not-dead": NO_DEAD_LETTER };

/** previewOf says what would become of each: what may have arrived is left alone, as a run leaves it. */
export function previewOf(deadLetters: readonly DeadLetterJson[]): Outcomes {
  return new Map(
    deadLetters.map(({ id, mayHaveArrived }) => [id, mayHaveArrived ? MAY_HAVE_ARRIVED : { kind: "to-come" }]),
  );
}

/** ReplayEach: `replay` replays one, and throws where it is refused. */
interface ReplayEach {
  readonly outcomes: Outcomes;
  readonly replay: (id: string) => Promise<unknown>;
  readonly onOutcomes: (outcomes: Outcomes) => void;
  readonly isStopped: () => boolean;
}

/**
 * replayEach replays those that are to come, in turn. It ends early where it is stopped, and where no further request
 * would be answered; the rest stays to come.
 */
export async function replayEach({ outcomes, replay, onOutcomes, isStopped }: ReplayEach): Promise<void> {
  let known = outcomes;
  for (const [id, { kind }] of outcomes) {
    if (kind !== "to-come") continue;
    if (isStopped()) return;
    const error = await replay(id).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    known = new Map(known).set(id, error === undefined ? QUEUED : outcomeOf(error));
    onOutcomes(known);
    if (error !== undefined && ENDS_ALL.has(troubleOf(error))) return;
  }
}

function outcomeOf(error: unknown): Outcome {
  return LEFT[problemSlug(error) ?? ""] ?? { kind: "refused", because: wordsOf(error) };
}

/** After these nothing else would be answered either. */
const ENDS_ALL: ReadonlySet<string> = new Set(["admin-gone", "redis-gone", "session-over", "forbidden"]);

/** KINDS are the outcomes in words, the most wanted first. */
const KINDS = [
  ["queued", "queued again"],
  ["left", "left alone"],
  ["refused", "refused"],
  ["to-come", "to come"],
] as const;

/** countOf counts those of one kind. */
export function countOf(outcomes: Outcomes, kind: Outcome["kind"]): number {
  return [...outcomes.values()].filter((outcome) => outcome.kind === kind).length;
}

/** sumOf says in one line what became of all: `2 of 4 queued again, 1 left alone and 1 to come`. */
export function sumOf(outcomes: Outcomes): string {
  const [[queued, words], ...others] = KINDS;
  const counts = others.map(([kind, said]) => [countOf(outcomes, kind), said] as const);
  return formatList([
    `${formatCount(countOf(outcomes, queued))} of ${formatCount(outcomes.size)} ${words}`,
    ...counts.filter(([count]) => count > 0).map(([count, said]) => `${formatCount(count)} ${said}`),
  ]);
}

/** wordsOfOutcome says what became of one. */
export function wordsOfOutcome({ kind, because }: Outcome): string {
  const words = KINDS.find(([each]) => each === kind)?.[1] ?? kind;
  return because === undefined ? words : `${words}: ${because}`;
}
