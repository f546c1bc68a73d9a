import type { AuditEntryJson, HandoffDetailsJson, ReceivedCause } from "@baton/api";
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

it("says of one that is free to go whether a worker is there to take it", () => {
  const free = { ...PAUSED, waitingFor: null };
  const diagnosed = (workers: number) => diagnoseHandoff(free, { connector: "Acme", everything: { workers } });
  expect(diagnosed(0).now).toContain("It waits for a worker, and none runs.");
  expect(diagnosed(0).todo).toMatch(/^Start `baton worker`/);
  expect(diagnosed(1).now).toContain("a worker with a free place");
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

it("says while everything is paused when it goes on, and which command names who paused it", () => {
  const handoff = { ...PAUSED, nextAttemptAt: "2026-11-23T14:02:00.000Z" };
  const everything = { pausedSince: "2026-11-23T14:00:00.000Z", pausedUntil: "2026-11-23T14:02:40.000Z" };
  const all = diagnoseHandoff(handoff, { connector: "Acme", figures: SENDS, everything });
  expect(all.now).toContain("It goes on at 2026-11-23T14:02:40.000Z.");
  expect(all.now).not.toContain("Next attempt");
  expect(all.todo).toContain("`baton audit --action everything.pause` says who paused it");
  const one = diagnoseHandoff(handoff, { connector: "Acme", figures: { ...SENDS, paused: true } });
  expect(one.now).toContain("It goes on once that is resumed.");
  expect(one.todo).toContain("`baton audit --id cn_1` says who paused it");
});

it("names how often one was replayed, by whom as far as the audit has it, and what it waited for when it died", () => {
  const replayed: HandoffDetailsJson = {
    ...PAUSED,
    status: "dead",
    reason: "expired",
    replays: 2,
    endedAt: "2026-11-23T14:10:00.000Z",
  };
  const actor = { id: "ak_1", name: "Ana" };
  const replay = { id: "au_1", at: "2026-11-23T14:05:00.000Z", action: "dead-letter.replay", actor, outcome: "done" };
  const cause = { reason: "expired", waitingFor: "keys", detail: "" } as ReceivedCause;
  const replays = [replay] as readonly AuditEntryJson[];
  const { happened, todo } = diagnoseHandoff(replayed, { connector: "Acme", cause, replays });
  expect(happened.map(({ text }) => text)).toEqual([
    "Baton accepted it for contact 100000000001. It died later and was replayed 2 times, with a new deadline and all its attempts each time.",
    "It had died, and Ana replayed it.",
    "It died: expired, while it waited for keys, before anything was sent.",
  ]);
  expect(todo).toMatch(/^A worker lacks the key/);
});
