import type { HandoffDetailsJson } from "@baton/api";
import { expect, it } from "vitest";
import { type ConnectorFigures, diagnoseHandoff } from "./handoff-diagnosis.ts";

const PAUSED: HandoffDetailsJson = {
  id: "ho_1",
  connectorId: "cn_1",
  accountId: "acme",
  projectId: "support-line",
  environment: "live",
  contactId: "100000000001",
  status: "queued",
  waitingFor: "pause",
  acceptedAt: "2026-11-23T14:02:00.000Z",
  deadlineAt: "2026-11-23T14:03:00.000Z",
  attempts: [],
  mayHaveArrived: false,
  possibleDuplicate: false,
  replays: 0,
};

const SENDS = { paused: false } as ConnectorFigures;

it("says since when everything is paused, where the connector itself is not", () => {
  const everything = { pausedSince: "2026-11-23T14:00:00.000Z" };
  expect(diagnoseHandoff(PAUSED, { connector: "Acme", figures: SENDS, everything }).now).toContain(
    "Everything is paused by an operator since 2026-11-23T14:00:00.000Z",
  );
  const own = { ...SENDS, paused: true, pausedSince: "2026-11-23T14:01:00.000Z" };
  expect(diagnoseHandoff(PAUSED, { connector: "Acme", figures: own, everything }).now).toContain(
    "Acme is paused by an operator since 2026-11-23T14:01:00.000Z",
  );
});

it("says when the breaker that it waits for is probed next", () => {
  const figures = { ...SENDS, breakerSince: "2026-11-23T14:00:00.000Z", nextProbeAt: "2026-11-23T14:02:20.000Z" };
  expect(diagnoseHandoff({ ...PAUSED, waitingFor: "breaker" }, { connector: "Acme", figures }).now).toMatch(
    /Acme's breaker, open since 2026-11-23T14:00:00.000Z .* probes it, the next at 2026-11-23T14:02:20.000Z/,
  );
});

it("puts what the sender was answered between what happened before and after", () => {
  const waited: HandoffDetailsJson = {
    ...PAUSED,
    status: "delivered",
    endedAt: "2026-11-23T14:02:30.000Z",
    attempts: [
      {
        number: 1,
        startedAt: "2026-11-23T14:02:01.000Z",
        durationMs: 84,
        outcome: "throttled",
        httpStatus: 429,
        retryAfterMs: 12_000,
      },
      { number: 2, startedAt: "2026-11-23T14:02:29.000Z", durationMs: 90, outcome: "accepted", httpStatus: 202 },
    ],
    answer: { at: "2026-11-23T14:02:08.004Z", status: 202, afterMs: 8_004, waitMs: 8_000 },
  };
  expect(diagnoseHandoff(waited, { connector: "Acme" }).happened.map(({ text }) => text)).toEqual([
    "Baton accepted it for contact 100000000001, until 2026-11-23T14:03:00.000Z.",
    "Attempt 1: CXone asked to wait 12 s (429), after 84 ms.",
    "Baton answered its sender 202 after 8004 ms; it had asked to wait up to 8 s for the end.",
    "Attempt 2: CXone accepted the signal (202), after 90 ms.",
    "It is delivered.",
  ]);
});
