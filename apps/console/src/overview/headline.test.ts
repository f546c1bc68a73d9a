import { expect, it } from "vitest";
import type { Cause, ConnectorFigures, Overview } from "../api/shapes.ts";
import { headline } from "./headline.ts";

/** Noon, by the local clock. */
const NOW = new Date(2026, 10, 23, 12, 0, 0).getTime();

function at(minutes: number): string {
  return new Date(NOW + minutes * 60_000).toISOString();
}

const ACME: ConnectorFigures = {
  id: "cn_1",
  name: "Acme",
  queued: 0,
  due: 0,
  sending: 0,
  oldestQueuedMs: null,
  deadlineUsed: 0,
  willMiss: 0,
  waitingFor: {},
  deadLetters: 0,
  breaker: "closed",
  paused: false,
  deliveredLastHour: 1_204,
  p50Ms: 90,
  p99Ms: 210,
};

function overview(change: Partial<Overview> = {}): Overview {
  return {
    asOf: at(0),
    handoffs: { queued: 0, due: 0, sending: 0, oldestQueuedMs: null, willMiss: 0 },
    deadLetters: {
      total: 0,
      lastHour: 0,
      byReason: { rejected: 0, expired: 0, exhausted: 0, unknown: 0, credentials: 0, configuration: 0 },
    },
    workers: 1,
    paused: false,
    runs: { running: 0, paused: 0 },
    connectorsTotal: 1,
    connectors: [ACME],
    ...change,
  };
}

const REFUSED: Cause = {
  cause: "ca_1",
  reason: "credentials",
  detail: "invalid_client",
  count: 201,
  lastHour: 201,
  connectors: ["cn_1"],
  connectorsTotal: 1,
  firstAt: at(-58),
  lastAt: at(-1),
  sampleId: "ho_1",
  state: "open",
};

function sentence(of: Overview, causes: readonly Cause[] = []): string {
  return headline(of, causes, NOW)
    .parts.map(({ text }) => text)
    .join(" · ");
}

it("says in one line that all is well", () => {
  expect(headline(overview(), [], NOW).tone).toBe("good");
  expect(sentence(overview())).toBe("All is well: no handoff waits too long · 1,204 delivered in the last hour");
});

it("says what fails for whom since when, who waits, and what died", () => {
  const handoffs = {
    queued: 15,
    due: 0,
    sending: 3,
    oldestQueuedMs: 52_000,
    willMiss: 3,
    mostUrgent: { id: "ho_2", connectorId: "cn_1", deadlineAt: new Date(NOW + 8_000).toISOString() },
  };
  const deadLetters = { ...overview().deadLetters, total: 214, lastHour: 214 };
  const now = overview({ handoffs, deadLetters });
  expect(sentence(now, [REFUSED])).toBe(
    "CXone refuses Acme's keys since 11:02 · 18 callers wait · 3 will miss their deadline, the first in 8 s · 214 dead letters · 201 of one cause",
  );
  expect(headline(now, [REFUSED], NOW).tone).toBe("bad");
});

it("links each number to exactly its rows", () => {
  const deadLetters = { ...overview().deadLetters, total: 214, lastHour: 201 };
  const { parts } = headline(overview({ deadLetters }), [REFUSED], NOW);
  expect(parts.find(({ text }) => text === "201 of one cause")).toMatchObject({
    to: "/dead-letters",
    search: { tab: "list", cause: "ca_1" },
  });
});

it("leaves out what is acknowledged, and what is over", () => {
  const deadLetters = { ...overview().deadLetters, total: 201 };
  const acknowledged: Cause = { ...REFUSED, state: "acknowledged" };
  expect(headline(overview({ deadLetters }), [acknowledged], NOW).tone).toBe("good");
  expect(sentence(overview({ deadLetters }), [{ ...REFUSED, lastHour: 0 }])).toContain("201 dead letters left");
});

it("says since when and until when everything or a connector is paused or throttled", () => {
  const paused = { paused: true, pausedSince: at(-5), pausedUntil: at(30) };
  expect(sentence(overview(paused))).toContain("Everything is paused since 11:55 until 12:30");
  expect(sentence(overview({ workers: 0 }))).toContain("No worker runs");
  const held = overview({ connectors: [{ ...ACME, heldSince: at(-1), heldUntil: at(2) }] });
  expect(sentence(held)).toContain("CXone throttles Acme since 11:59 until 12:02:00");
  const one = overview({ connectors: [{ ...ACME, paused: true, pausedSince: at(-7) }] });
  expect(sentence(one)).toContain("Acme is paused since 11:53");
  const open = overview({ connectors: [{ ...ACME, breaker: "open" }] });
  expect(sentence(open)).toContain("CXone fails for Acme");
});
