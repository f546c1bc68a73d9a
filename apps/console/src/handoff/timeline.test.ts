import { expect, it } from "vitest";
import type { HandoffJson } from "../api/shapes.ts";
import { timeline } from "./timeline.ts";

const NOW = new Date(2026, 10, 23, 14, 2, 19).getTime();

function at(seconds: number): string {
  return new Date(NOW + seconds * 1_000).toISOString();
}

const QUEUED: HandoffJson = {
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

const texts = (handoff: HandoffJson) => timeline(handoff, [], NOW).map(({ text }) => text);

it("says first what it waits for, when the next try is, and how long before the deadline", () => {
  expect(texts(QUEUED)).toEqual([
    "Waits because CXone asked to slow down. Next try 14:02:31, 21 s before the deadline.",
    "Attempt 1: CXone asked to slow down (429, 84 ms).",
    "Accepted from its sender (202). Deadline 14:02:52, 60 s later.",
  ]);
});

it("says of an attempt without a trustworthy answer that the caller may have been handed over", () => {
  const attempts: HandoffJson["attempts"] = [
    { number: 1, startedAt: at(-20), durationMs: 3_000, outcome: "ambiguous" },
  ];
  expect(texts({ ...QUEUED, attempts })[1]).toBe(
    "Attempt 1: Sent, but no trustworthy answer (3.0 s): the caller may already have been handed over.",
  );
});

it("says what an operator did, with his note, and how it ended", () => {
  const dead: HandoffJson = { ...QUEUED, status: "dead", reason: "expired", endedAt: at(-2), attempts: [] };
  const deed = {
    id: "au_1",
    at: at(-1),
    action: "dead-letter.replay",
    actor: { id: "k", name: "Ana" },
    note: "CXone is repaired",
    outcome: "done" as const,
  };
  expect(timeline(dead, [deed], NOW).map(({ text, quote }) => [text, quote])).toEqual([
    ["Ana put it back in line.", "CXone is repaired"],
    ["Became a dead letter: Deadline passed.", undefined],
    ["Accepted from its sender (202). Deadline 14:02:52, 60 s later.", undefined],
  ]);
});
