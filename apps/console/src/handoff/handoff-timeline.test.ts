import { expect, it } from "vitest";
import type { HandoffDetailsJson } from "../api/answer-types.ts";
import { buildHandoffTimeline } from "./handoff-timeline.ts";

const NOW = new Date(2026, 10, 23, 14, 2, 19).getTime();

function at(seconds: number): string {
  return new Date(NOW + seconds * 1_000).toISOString();
}

const QUEUED: HandoffDetailsJson = {
  id: "ho_1",
  connectorId: "cn_1",
  accountId: "acme",
  projectId: "support-line",
  environment: "live",
  contactId: "100000000001",
  status: "queued",
  waitingFor: "throttle",
  acceptedAt: at(-27),
  deadlineAt: at(33),
  nextAttemptAt: at(12),
  attempts: [{ number: 1, startedAt: at(-1), durationMs: 84, outcome: "throttled", httpStatus: 429 }],
  mayHaveArrived: false,
  possibleDuplicate: false,
  replays: 0,
};

const texts = (handoff: HandoffDetailsJson) => buildHandoffTimeline(handoff, [], NOW).map(({ text }) => text);

it("says first what it waits for, when the next try is, and how long before the deadline", () => {
  expect(texts(QUEUED)).toEqual([
    "Waits because CXone asked to slow down. Next try 14:02:31, 21 s before the deadline.",
    "Attempt 1: CXone asked to slow down (429, 84 ms).",
    "Accepted from its sender. Deadline 14:02:52, 60 s later.",
  ]);
});

it("says when the breaker that it waits for is probed next", () => {
  expect(texts({ ...QUEUED, waitingFor: "breaker" })[0]).toBe(
    "Waits for the breaker: too many signals failed. Next probe 14:02:31, 21 s before the deadline.",
  );
});

it("says of an attempt without a trustworthy answer that the caller may have been handed over", () => {
  const attempts: HandoffDetailsJson["attempts"] = [
    { number: 1, startedAt: at(-20), durationMs: 3_000, outcome: "ambiguous" },
  ];
  expect(texts({ ...QUEUED, attempts })[1]).toBe(
    "Attempt 1: Sent, but no trustworthy answer (3.0 s): the caller may already have been handed over.",
  );
});

it("says for how long CXone asked to wait, also long after it did", () => {
  const attempts: HandoffDetailsJson["attempts"] = [
    { number: 1, startedAt: at(-20), durationMs: 84, outcome: "unavailable", httpStatus: 503, retryAfterMs: 5_000 },
    { number: 2, startedAt: at(-1), durationMs: 84, outcome: "throttled", httpStatus: 429, retryAfterMs: 12_000 },
  ];
  expect(texts({ ...QUEUED, attempts, waitingFor: "retry" })).toEqual([
    "CXone asked to wait 12 s. Next try 14:02:31, 21 s before the deadline.",
    "Attempt 2: CXone asked to wait 12 s (429, 84 ms).",
    "Attempt 1: CXone was unavailable and asked to wait 5.0 s (503, 84 ms).",
    "Accepted from its sender. Deadline 14:02:52, 60 s later.",
  ]);
});

it("says how soon the sender was answered where no slower answer is on record, once none can be on its way", () => {
  const acceptedBefore = (seconds: number) => texts({ ...QUEUED, acceptedAt: at(-seconds), attempts: [] }).at(-1);
  expect(acceptedBefore(29)).toBe("Accepted from its sender. Deadline 14:02:52, 62 s later.");
  expect(acceptedBefore(31)).toMatch(
    /^Accepted from its sender: answered 202 within 250 ms, unless it came in a batch or its sender hung up\. Deadline/,
  );
});

it("says what the sender was answered, and when", () => {
  const waited = { at: at(-19), status: 202, afterMs: 8_004, waitMs: 8_000 };
  expect(texts({ ...QUEUED, attempts: [], answer: waited }).slice(1)).toEqual([
    "Its sender waited 8.0 s, then was answered 202: it had not ended.",
    "Accepted from its sender. Deadline 14:02:52, 60 s later.",
  ]);
  expect(texts({ ...QUEUED, answer: { ...waited, status: 200, afterMs: 912 } })[2]).toBe(
    "Its sender waited 912 ms, then was answered 200: how it ended.",
  );
  expect(texts({ ...QUEUED, answer: { at: at(-26), status: 202, afterMs: 640 } })[2]).toBe(
    "Answered its sender 202, after 640 ms.",
  );
});

it("says what an operator did, with his note, and how it ended", () => {
  const dead: HandoffDetailsJson = { ...QUEUED, status: "dead", reason: "expired", endedAt: at(-2), attempts: [] };
  const change = {
    id: "au_1",
    at: at(-1),
    action: "dead-letter.replay",
    actor: { id: "k", name: "Ana" },
    note: "CXone is repaired",
    outcome: "done" as const,
  };
  expect(buildHandoffTimeline(dead, [change], NOW).map(({ text, quote }) => [text, quote])).toEqual([
    ["Ana replayed it.", "CXone is repaired"],
    ["Became a dead letter: Deadline passed.", undefined],
    ["Accepted from its sender. Deadline 14:02:52, 60 s later.", undefined],
  ]);
});
