import type { BatonClient, Overview, ReceivedCause } from "@baton/api";
import { expect, it } from "vitest";
import type { AdminAnswers } from "./admin-answers-for-checks.ts";
import { checkQueueAndDeadLetters } from "./check-queue-and-dead-letters.ts";
import { FAULT, passCheck } from "./check-result.ts";

const NOW = Date.parse("2026-11-23T12:00:00.000Z");

type Row = Overview["connectors"][number];

function row(change: Partial<Row>): Row {
  const figures = { queued: 0, oldestQueuedMs: null, deadLetters: 0, deliveredLastHour: 0, p50Ms: null, p99Ms: null };
  const urgency = { due: 0, sending: 0, deadlineUsed: 0, willMiss: 0, waitingFor: {} };
  return { id: "cn_1", name: "Acme", breaker: "closed", paused: false, ...figures, ...urgency, ...change };
}

function cause(change: Partial<ReceivedCause>): ReceivedCause {
  const first = { firstAt: "2026-11-01T00:00:00.000Z", lastAt: "2026-11-23T11:59:00.000Z", sampleId: "ho_1" };
  const connectors = { connectors: ["cn_1"], connectorsTotal: 1 };
  return {
    state: "open",
    lastHour: 0,
    perTenMinutes: [0, 0, 0, 0, 0, 0],
    cause: "f1",
    reason: "credentials",
    detail: "HTTP 401",
    count: 7,
    ...connectors,
    ...first,
    ...change,
  };
}

function look({ rows = [], causes = [] }: { rows?: readonly Row[]; causes?: readonly ReceivedCause[] }) {
  const view: AdminAnswers = {
    kind: "seen",
    client: {} as BatonClient,
    connectors: [],
    causes,
    pauses: new Map([["cn_1", "since 2026-11-23T09:00:00.000Z (3 h ago) by Ana"]]),
    check: passCheck("admin key", ""),
    overview: {
      asOf: new Date(NOW).toISOString(),
      connectorsTotal: rows.length,
      handoffs: { queued: 3, due: 0, sending: 1, oldestQueuedMs: 1, willMiss: 0 },
      runs: { running: 0, paused: 0 },
      deadLetters: { total: 9, lastHour: 0, byReason: {} as Overview["deadLetters"]["byReason"] },
      workers: 2,
      paused: false,
      connectors: [...rows],
    },
  };
  return checkQueueAndDeadLetters(view, NOW);
}

it("finds nothing where everything moves and the dead letters are old", () => {
  const checks = look({
    rows: [row({ queued: 9, oldestQueuedMs: 119_000 })],
    causes: [cause({ lastAt: "2026-11-23T11:44:00.000Z" })],
  });
  expect(checks).toEqual([
    { what: "queue", state: "good", detail: "2 workers; 3 queued, 1 being sent, none for long" },
    { what: "dead letters", state: "good", detail: "9 dead letters, none of the last 15 minutes" },
  ]);
});

it.each<[string, Partial<Row>, RegExp, RegExp]>([
  [
    "an open breaker",
    { breaker: "open", queued: 5, oldestQueuedMs: 130_000 },
    /breaker is open.*5 queued, the oldest for 130 s/,
    /connectors verify cn_1/,
  ],
  ["a probing breaker", { breaker: "probing", sending: 1 }, /breaker is probing/, /connectors verify cn_1/],
  ["a breaker without a handoff", { breaker: "probing" }, /no handoff is there to try/, /connectors resume cn_1`\.$/],
  [
    "a pause",
    { paused: true, queued: 2, oldestQueuedMs: 300_000 },
    /is paused since 2026.*by Ana; 2 queued/,
    /connectors resume cn_1/,
  ],
  ["what waits for long", { queued: 4, oldestQueuedMs: 121_000 }, /4 queued, the oldest for 121 s/, /waits for/],
])("finds %s", (_what, change, detail, remedy) => {
  expect(look({ rows: [row(change)] })[0]).toMatchObject({
    what: "Acme (cn_1)",
    state: "bad",
    detail: expect.stringMatching(detail),
    remedy: expect.stringMatching(remedy),
  });
});

it("names the causes that handoffs died of lately, the first five one by one", () => {
  const causes = Array.from({ length: 8 }, (_, index) =>
    cause({ cause: `f${index}`, connectorsTotal: index === 1 ? 2 : 1 }),
  );
  const deadLetters = look({ causes }).filter(({ what }) => what === "dead letters");
  expect(deadLetters).toHaveLength(6);
  expect(deadLetters[1]).toMatchObject({
    state: "bad",
    detail: expect.stringContaining("7 × credentials: HTTP 401 (2 connectors"),
  });
  expect(deadLetters[0]?.remedy).toMatch(/access key.*Then replay\. `baton handoff ho_1`$/);
  expect(deadLetters[5]?.detail).toBe("3 more causes of the last 15 minutes");
});

it("says of dead letters what verify says of the same answer, and that an outage is not a short deadline", () => {
  const describeVerificationRemedy = (change: Partial<ReceivedCause>) =>
    look({ causes: [cause(change)] }).find(({ what }) => what === "dead letters")?.remedy;
  expect(describeVerificationRemedy({ reason: "credentials", httpStatus: 403, detail: "not authorized" })).toMatch(
    /^The user may not signal contacts.*a role that may/,
  );
  expect(describeVerificationRemedy({ reason: "expired", waitingFor: "retry", httpStatus: 503 })).toMatch(
    /out of order.*not too short/,
  );
});

it("explains dead letters by what may have been their cause, and not by what was not", () => {
  const explains = (change: Partial<ReceivedCause>) =>
    look({ causes: [cause(change)] }).find(({ what }) => what === "dead letters")?.follows;
  expect(explains({ reason: "credentials", httpStatus: 403 })).toEqual([]);
  expect(explains({ reason: "credentials", detail: "token endpoint: http #" })).toContain(FAULT.clients);
  expect(explains({ reason: "rejected", httpStatus: 404 })).toEqual([]);
  // An answer to the signal: its way was good.
  expect(explains({ reason: "expired", httpStatus: 503 })).not.toContain(FAULT.way("cn_1"));
  expect(explains({ reason: "expired", httpStatus: 503 })).toContain(FAULT.outageOf("cn_1"));
  expect(explains({ reason: "expired", waitingFor: "token" })).toContain(FAULT.way("cn_1"));
  expect(explains({ reason: "expired", waitingFor: "pause" })).toEqual([FAULT.stopped, FAULT.paused("cn_1")]);
});
