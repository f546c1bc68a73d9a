import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DEADLINE_AT_RISK } from "@baton/domain";
import { expect, it } from "vitest";
import type { Cause, ConnectorFigures, Overview } from "../api/answer-types.ts";
import { buildOverviewHeadline, type CausesReadState, causesReadStateOfQuery } from "./overview-headline.ts";

const ALERTS = join(import.meta.dirname, "../../../../deploy/prometheus/baton.rules.yml");

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
  perTenMinutes: [0, 0, 0, 0, 100, 101],
  connectors: ["cn_1"],
  connectorsTotal: 1,
  firstAt: at(-58),
  lastAt: at(-1),
  sampleId: "ho_1",
  state: "open",
};

function read(...items: readonly Cause[]): CausesReadState {
  return { kind: "read", items };
}

function sentence(of: Overview, causes: readonly Cause[] = []): string {
  return buildOverviewHeadline(of, read(...causes), NOW)
    .parts.map(({ text }) => text)
    .join(" · ");
}

it("never counts more of one cause than there are dead letters, where the two were read apart", () => {
  const of = (total: number) => {
    const { deadLetters, ...others } = overview({ connectors: [{ ...ACME, breaker: "open", queued: 1 }] });
    return sentence({ ...others, deadLetters: { ...deadLetters, total } }, [{ ...REFUSED, count: 44 }]);
  };
  expect(of(41)).toMatch(/ · 41 dead letters$/);
  expect(of(44)).toMatch(/ · 44 dead letters, all of one cause$/);
  expect(of(45)).toMatch(/ · 45 dead letters · 44 of one cause$/);
});

it("says in one line that all is well", () => {
  expect(buildOverviewHeadline(overview(), read(), NOW).tone).toBe("good");
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
    "CXone refuses Acme's keys since 11:02 · 15 callers wait · 3 will miss their deadline, the first in 8 s · 214 dead letters · 201 of one cause",
  );
  expect(buildOverviewHeadline(now, read(REFUSED), NOW).tone).toBe("bad");
});

it("links each number to exactly its rows", () => {
  const deadLetters = { ...overview().deadLetters, total: 214, lastHour: 201 };
  const { parts } = buildOverviewHeadline(overview({ deadLetters }), read(REFUSED), NOW);
  expect(parts.find(({ text }) => text === "201 of one cause")).toMatchObject({
    to: "/dead-letters",
    search: { tab: "list", cause: "ca_1" },
  });
  const delivered = buildOverviewHeadline(overview(), read(), NOW).parts.find(({ text }) =>
    text.endsWith("in the last hour"),
  );
  expect(delivered).toMatchObject({ to: "/handoffs", search: { status: "delivered" } });
});

it("links those that will miss their deadline to the queue that they are in", () => {
  const handoffs = { queued: 15, due: 0, sending: 0, oldestQueuedMs: 52_000, willMiss: 3 };
  const missing = (connectors: readonly ConnectorFigures[]) =>
    buildOverviewHeadline(overview({ handoffs, connectors: [...connectors] }), read(), NOW).parts.find(({ text }) =>
      text.includes("will miss"),
    );
  const queued = { to: "/handoffs", search: { status: "queued" } };
  const beta = { ...ACME, id: "cn_2", name: "Beta" };
  expect(missing([beta, { ...ACME, queued: 9, willMiss: 3 }])).toMatchObject({
    to: "/handoffs",
    search: { connectorId: "cn_1", status: "queued" },
  });
  expect(
    missing([
      { ...beta, willMiss: 1 },
      { ...ACME, queued: 9, willMiss: 2 },
    ]),
  ).toMatchObject(queued);
});

it("counts as waiting the queued ones that it leads to, not those that are being sent", () => {
  const waiting = (queued: number, sending: number) =>
    buildOverviewHeadline(
      overview({ workers: 0, handoffs: { queued, due: 0, sending, oldestQueuedMs: null, willMiss: 0 } }),
      read(),
      NOW,
    ).parts.find(({ to }) => to === "/handoffs");
  expect(waiting(1, 3)).toEqual({ text: "1 caller waits", to: "/handoffs", search: { status: "queued" } });
  expect(waiting(0, 3)).toBeUndefined();
});

it("says once what several causes have in common, since the first of them, and leads to all", () => {
  const expired: Cause = { ...REFUSED, cause: "ca_2", reason: "expired", lastHour: 5, firstAt: at(-10) };
  const causes = [expired, { ...expired, cause: "ca_3", firstAt: at(-30) }, REFUSED];
  const { parts } = buildOverviewHeadline(overview(), { kind: "read", items: causes }, NOW);
  const missed = parts.filter(({ text }) => text.startsWith("Handoffs of Acme miss their deadline"));
  expect(missed).toEqual([
    {
      text: "Handoffs of Acme miss their deadline since 11:30",
      to: "/dead-letters",
      search: { tab: "list", reason: "expired", connectorId: "cn_1" },
    },
  ]);
});

it("leaves out what is acknowledged, and what is over", () => {
  const deadLetters = { ...overview().deadLetters, total: 201 };
  const acknowledged: Cause = { ...REFUSED, state: "acknowledged" };
  expect(buildOverviewHeadline(overview({ deadLetters }), read(acknowledged), NOW).tone).toBe("good");
  expect(sentence(overview({ deadLetters }), [{ ...REFUSED, lastHour: 0 }])).toContain("201 dead letters left");
});

it("tells runs of replays from runs of discards, and leads to each", () => {
  const runs = { running: 3, paused: 1, discards: { running: 1, paused: 0 } };
  const { parts } = buildOverviewHeadline(overview({ runs }), read(), NOW);
  expect(parts.filter(({ to }) => to === "/runs")).toEqual([
    { text: "1 replay run is paused", to: "/runs", search: { kind: "replay" } },
    { text: "2 replay runs under way", to: "/runs", search: { kind: "replay" } },
    { text: "1 discard run under way", to: "/runs", search: { kind: "discard" } },
  ]);
});

it("says since when and until when everything or a connector is paused or throttled", () => {
  const paused = { paused: true, pausedSince: at(-5), pausedUntil: at(30) };
  expect(sentence(overview(paused))).toContain("Everything is paused since 11:55 until 12:30");
  expect(sentence(overview({ workers: 0 }))).toContain("No worker runs");
  expect(sentence(overview({ redisFull: true }))).toContain("Redis is full: new handoffs may be refused");
  const held = overview({ connectors: [{ ...ACME, heldSince: at(-1), heldUntil: at(2) }] });
  expect(sentence(held)).toContain("CXone throttles Acme since 11:59 until 12:02:00");
  const one = overview({ connectors: [{ ...ACME, paused: true, pausedSince: at(-7) }] });
  expect(sentence(one)).toContain("Acme is paused since 11:53");
  const open = overview({ connectors: [{ ...ACME, breaker: "open" }] });
  expect(sentence(open)).toContain("CXone fails for Acme");
});

it("does not say that CXone fails where nothing has tried it since the last handoff died", () => {
  const idle = { ...ACME, breaker: "probing", breakerSince: at(-5) } as const;
  const { tone, parts } = buildOverviewHeadline(overview({ connectors: [idle] }), read(), NOW);
  expect(tone).toBe("warn");
  expect(parts[0]).toEqual({
    text: "CXone has failed for Acme since 11:55, and no handoff is there to try it again",
    to: "/connectors",
  });
  for (const busy of [{ queued: 1 }, { sending: 1 }])
    expect(sentence(overview({ connectors: [{ ...idle, ...busy }] }))).toContain("CXone fails for Acme since 11:55");
});

/** A handoff near its deadline while nothing is paused, no breaker is open, and nothing has died. */
function late(used: number, change: Partial<Overview> = {}): Overview {
  const mostUrgent = { id: "ho_3", connectorId: "cn_1", deadlineAt: at(1), waitingFor: "token" } as const;
  const handoffs = { queued: 2, due: 0, sending: 0, oldestQueuedMs: 114_000, willMiss: 0, mostUrgent };
  return overview({ handoffs, connectors: [{ ...ACME, queued: 2, deadlineUsed: used }], ...change });
}

it("says who waits too long and for what, though nothing is paused, broken or dead", () => {
  const { tone, parts } = buildOverviewHeadline(late(0.95), read(), NOW);
  expect(tone).toBe("bad");
  expect(parts[0]).toEqual({
    text: "Handoffs of Acme wait too long: the most urgent one has used 95 % of its time and waits for an access token of CXone",
    spoken: "Handoffs of Acme wait too long: the most urgent one waits for an access token of CXone",
    to: "/handoffs",
    search: { connectorId: "cn_1", status: "queued" },
  });
  expect(sentence(late(0.95))).not.toContain("All is well");
});

it("says of a late one that is free to go that it waits for a worker, also while none runs", () => {
  const { handoffs, ...others } = late(0.95);
  const mostUrgent = { id: "ho_3", connectorId: "cn_1", deadlineAt: at(1) };
  const headline = sentence({ ...others, handoffs: { ...handoffs, mostUrgent }, workers: 0 });
  expect(headline).toMatch(/^No worker runs: .* has used 95 % of its time and waits for a free worker/);
});

it("calls a handoff late from where the alert does", () => {
  expect(readFileSync(ALERTS, "utf8")).toContain(`(baton_deadline_used_ratio) > ${DEADLINE_AT_RISK}\n`);
  expect(buildOverviewHeadline(late(DEADLINE_AT_RISK), read(), NOW).tone).toBe("good");
  expect(buildOverviewHeadline(late(DEADLINE_AT_RISK + 0.01), read(), NOW).tone).toBe("bad");
});

it("names of several late connectors the one whose deadline comes first, else the one that has used most", () => {
  const beta: ConnectorFigures = { ...ACME, id: "cn_2", name: "Beta", queued: 1, deadlineUsed: 0.9 };
  const both = late(0, { connectors: [beta, { ...ACME, queued: 2, deadlineUsed: 0.6 }] });
  expect(sentence(both)).toContain(
    "Handoffs of Acme and Beta wait too long: the most urgent one of Acme has used 60 % of its time and waits for an",
  );
  const other = late(0, { connectors: [beta, { ...ACME, queued: 2, deadlineUsed: 0.2 }] });
  expect(sentence(other)).toContain(
    "Handoffs of Beta wait too long: the most urgent one has used 90 % of its time · 2 callers wait",
  );
});

it("says who waits too long also where more fails than it names", () => {
  const failing = ["Beta", "Gamma", "Delta"].map((name): ConnectorFigures => ({ ...ACME, id: name, name }));
  const [open, held, paused] = failing;
  if (!open || !held || !paused) throw new Error("three of them are made");
  const connectors = [
    { ...open, breaker: "open" as const },
    { ...held, heldUntil: at(1) },
    { ...paused, paused: true },
    { ...ACME, queued: 2, deadlineUsed: 0.8 },
  ];
  expect(sentence(late(0, { connectors }))).toContain("Handoffs of Acme wait too long");
});

it("says that all is well only once the causes of dead letters are read", () => {
  const words = (causes: CausesReadState) => {
    const { tone, parts } = buildOverviewHeadline(overview(), causes, NOW);
    return `${tone}: ${parts.map(({ text }) => text).join(" · ")}`;
  };
  expect(words(causesReadStateOfQuery({ data: undefined, error: null }))).toBe(
    "plain: No handoff waits too long · causes of dead letters are being read",
  );
  expect(words(causesReadStateOfQuery({ data: undefined, error: new Error("no answer") }))).toBe(
    "warn: No handoff waits too long · causes of dead letters could not be read",
  );
  expect(words(causesReadStateOfQuery({ data: { items: [] }, error: new Error("no answer") }))).toMatch(
    /could not be read$/,
  );
  expect(words(causesReadStateOfQuery({ data: { items: [] }, error: null }))).toMatch(/^good: All is well/);
});

it("keeps the causes that were read last, and says that newer ones could not be read", () => {
  const deadLetters = { ...overview().deadLetters, total: 201, lastHour: 201 };
  const causes = causesReadStateOfQuery({ data: { items: [REFUSED] }, error: new Error("no answer") });
  const { tone, parts } = buildOverviewHeadline(overview({ deadLetters }), causes, NOW);
  expect(tone).toBe("bad");
  expect(parts[0]?.text).toContain("CXone refuses Acme's keys");
  expect(parts.at(-1)?.text).toBe("causes of dead letters could not be read");
});

it("names handoffs that wait for a sealing key as soon as there are any, before dead letters", () => {
  const waits = overview({ connectors: [{ ...ACME, queued: 2, deadlineUsed: 0.01, waitingFor: { keys: 2 } }] });
  expect(buildOverviewHeadline(waits, read(), NOW).tone).toBe("bad");
  expect(sentence(waits, [REFUSED])).toMatch(/^Workers lack the key that sealed handoffs of Acme · /);
});
