import { expect, it } from "vitest";
import type { DeadLetterJson } from "../api/answer-types.ts";
import { type FailureKind, RequestError } from "../api/request-error.ts";
import {
  describeReplayOutcome,
  predictReplayOutcomes,
  type ReplayOutcomes,
  replayOneByOne,
  summarizeReplayOutcomes,
} from "./replay-one-by-one.ts";

function deadLetters(...mayHaveArrived: readonly boolean[]): readonly DeadLetterJson[] {
  return mayHaveArrived.map((may, i) => ({ id: `ho_${i}`, mayHaveArrived: may }) as DeadLetterJson);
}

function refusal(trouble: FailureKind, slug: string): RequestError {
  const problem = { type: `urn:baton:problem:${slug}`, title: slug, status: 409, detail: "refused in words" };
  return new RequestError(trouble, problem.detail, problem);
}

/** run replays `count` dead letters that have not arrived; `refusals` are thrown by id. */
async function run(count: number, refusals: Readonly<Record<string, RequestError>>, stopAfter = count) {
  const asked: string[] = [];
  let outcomes: ReplayOutcomes = predictReplayOutcomes(deadLetters(...Array.from({ length: count }, () => false)));
  await replayOneByOne({
    outcomes,
    replay: async (id) => {
      asked.push(id);
      if (refusals[id] !== undefined) throw refusals[id];
    },
    onOutcomes: (next) => {
      outcomes = next;
    },
    isStopped: () => asked.length >= stopAfter,
  });
  return { asked, outcomes, words: [...outcomes.values()].map(describeReplayOutcome) };
}

it("says before it begins what may have arrived and is left alone, and does not ask for it", async () => {
  const outcomes = predictReplayOutcomes(deadLetters(false, true, false));
  expect(summarizeReplayOutcomes(outcomes)).toBe("0 of 3 queued again, 1 left alone and 2 to come");
  const asked: string[] = [];
  await replayOneByOne({
    outcomes,
    replay: async (id) => asked.push(id),
    onOutcomes: () => undefined,
    isStopped: () => false,
  });
  expect(asked).toEqual(["ho_0", "ho_2"]);
});

it("goes on after one that is refused, and gives a result for each and one sum", async () => {
  const { outcomes, words } = await run(4, {
    ho_1: refusal("refused", "not-dead"),
    ho_2: refusal("refused", "may-duplicate"),
    ho_3: refusal("not-found", "not-found"),
  });
  expect(words).toEqual([
    "queued again",
    "left alone: no dead letter any more",
    "left alone: may have arrived already: look at it before it is replayed",
    "refused: refused in words",
  ]);
  expect(summarizeReplayOutcomes(outcomes)).toBe("1 of 4 queued again, 2 left alone and 1 refused");
});

it("ends where nothing further would be answered, and where it is stopped; the rest stays to come", async () => {
  const gone = await run(3, { ho_1: refusal("redis-gone", "queue-unavailable") });
  expect(gone.asked).toEqual(["ho_0", "ho_1"]);
  expect(summarizeReplayOutcomes(gone.outcomes)).toBe("1 of 3 queued again, 1 refused and 1 to come");
  const stopped = await run(3, {}, 1);
  expect(summarizeReplayOutcomes(stopped.outcomes)).toBe("1 of 3 queued again and 2 to come");
});
