import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Overview } from "@baton/api";
import { DEADLINE_AT_RISK } from "@baton/domain";
import { expect, it } from "vitest";
import { formatOverviewHeadline } from "./overview-view.ts";

const ALERTS = join(import.meta.dirname, "../../../deploy/prometheus/baton.rules.yml");

type Connector = Overview["connectors"][number];

const ACME: Connector = {
  id: "cn_1",
  name: "Acme",
  queued: 2,
  due: 0,
  sending: 0,
  oldestQueuedMs: 114_000,
  deadlineUsed: 0,
  willMiss: 0,
  waitingFor: {},
  deadLetters: 0,
  breaker: "closed",
  paused: false,
  deliveredLastHour: 3,
  p50Ms: 90,
  p99Ms: 210,
};

/** The headline where the most urgent handoff is one of Acme's and waits for a token. */
function headlineOf(...connectors: readonly Connector[]): string {
  const mostUrgent = {
    id: "ho_1",
    connectorId: "cn_1",
    deadlineAt: "2026-11-23T12:00:06.000Z",
    waitingFor: "token",
  } as const;
  const overview: Overview = {
    asOf: "2026-11-23T12:00:00.000Z",
    handoffs: { queued: 2, due: 0, sending: 0, oldestQueuedMs: 114_000, willMiss: 0, mostUrgent },
    deadLetters: {
      total: 0,
      lastHour: 0,
      byReason: { rejected: 0, expired: 0, exhausted: 0, unknown: 0, credentials: 0, configuration: 0 },
    },
    workers: 1,
    paused: false,
    runs: { running: 0, paused: 0 },
    connectorsTotal: connectors.length,
    connectors: [...connectors],
  };
  return formatOverviewHeadline({ overview, causes: [] });
}

it("says who waits too long and for what, though nothing is paused, broken or dead", () => {
  expect(headlineOf({ ...ACME, deadlineUsed: 0.95 })).toBe(
    "Handoffs of Acme wait too long: the most urgent one has used 95 % of its time and waits for token.",
  );
});

it("says when an open breaker is probed next", () => {
  const span = { breakerSince: "2026-11-23T11:58:30.000Z", nextProbeAt: "2026-11-23T12:00:08.500Z" };
  expect(headlineOf({ ...ACME, breaker: "open", ...span })).toBe("Acme: breaker open for 1 min, next probe in 8 s.");
});

it("says where no handoff is there to close a breaker", () => {
  const idle = { ...ACME, queued: 0, breaker: "probing", breakerSince: "2026-11-23T11:58:30.000Z" } as const;
  expect(headlineOf(idle)).toBe("Acme: breaker open for 1 min, no handoff to try CXone with.");
  expect(headlineOf({ ...idle, sending: 1 })).toBe("Acme: breaker probing for 1 min.");
});

it("counts from when admin looked, whatever this machine's clock says", () => {
  const span = { pausedSince: "2026-11-23T11:57:00.000Z", pausedUntil: "2026-11-23T12:00:30.000Z" };
  expect(headlineOf({ ...ACME, paused: true, ...span })).toBe("Acme: paused for 3 min, ends in 30 s.");
});

it("calls a handoff late from where the alert does", () => {
  expect(readFileSync(ALERTS, "utf8")).toContain(`(baton_deadline_used_ratio) > ${DEADLINE_AT_RISK}\n`);
  expect(headlineOf({ ...ACME, deadlineUsed: DEADLINE_AT_RISK })).toBe("All is well.");
  expect(headlineOf({ ...ACME, queued: 0, deadlineUsed: 0.9 })).toBe("All is well.");
});

it("names of several late connectors the one whose deadline comes first, else the one that has used most", () => {
  const beta = { ...ACME, id: "cn_2", name: "Beta", deadlineUsed: 0.9 };
  expect(headlineOf(beta, { ...ACME, deadlineUsed: 0.6 })).toBe(
    "Handoffs of Acme wait too long: the most urgent one has used 60 % of its time and waits for token (and 1 more connector).",
  );
  expect(headlineOf(beta, ACME)).toBe("Handoffs of Beta wait too long: the most urgent one has used 90 % of its time.");
});

it("names a connector whose handoffs wait for a sealing key, early in their deadline", () => {
  expect(headlineOf({ ...ACME, deadlineUsed: 0.01, waitingFor: { keys: 2 } })).toBe(
    "Acme: 2 handoffs sealed under a key that workers lack.",
  );
});

it("names a missing key before a breaker that nothing can probe without it", () => {
  const both = { breaker: "probing", breakerSince: "2026-11-23T11:58:30.000Z", waitingFor: { keys: 2 } } as const;
  expect(headlineOf({ ...ACME, ...both })).toBe(
    "Acme: 2 handoffs sealed under a key that workers lack; breaker probing for 1 min.",
  );
});
