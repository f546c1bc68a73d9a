import type { HandoffJson } from "@baton/api";
import { expect, it } from "vitest";
import { checkLedger } from "./check-ledger.ts";
import type { Answer, Effect, Header, Ledger } from "./ledger.ts";

const T = Date.parse("2026-11-23T10:00:00.000Z");

function answer(key: string, given: Answer["answer"], change: Partial<Answer> = {}): Answer {
  return { at: T, tookMs: 5, key, call: "accept", guarantee: "at-least-once", answer: given, ...change };
}

function effect(key: string, atMs = 100, change: Partial<Effect> = {}): Effect {
  return { at: T + atMs, key, contactId: key, effect: true, status: 202, inFlightSame: 0, ...change };
}

function handoff(change: Partial<HandoffJson> = {}): HandoffJson {
  return {
    id: "ho_1",
    connectorId: "cn_1",
    accountId: "acme",
    projectId: "p",
    environment: "live",
    contactId: "1",
    status: "delivered",
    acceptedAt: new Date(T).toISOString(),
    deadlineAt: new Date(T + 60_000).toISOString(),
    endedAt: new Date(T + 2_000).toISOString(),
    attempts: [],
    mayHaveArrived: false,
    possibleDuplicate: false,
    replays: 0,
    ...change,
  };
}

function ledger(parts: Partial<Ledger>, mayForget: Header["mayForget"] = "nothing"): Ledger {
  const header = { scenario: "test", what: "a test", seed: 1, startedAt: T, requests: 1, perSecond: 1, mayForget };
  return { header, answers: [], effects: [], endings: [], incidents: [], ...parts };
}

it("finds nothing where every promise was kept", () => {
  const findings = checkLedger(
    ledger({
      answers: [
        answer("a", 503),
        answer("a", 202),
        answer("b", 503),
        answer("c", "lost"),
        answer("d", 202),
        answer("d", 200, { call: "cancel" }),
      ],
      effects: [effect("a"), effect("c", 1_100)],
      endings: [
        { key: "a", handoffs: [handoff()] },
        { key: "b", handoffs: [] },
        { key: "c", handoffs: [handoff()] },
        { key: "d", handoffs: [handoff({ status: "cancelled" })] },
      ],
      incidents: [{ what: "trouble", at: T + 10, until: T + 50 }],
    }),
  );
  expect(findings).toMatchObject({
    accepted: 2,
    refused: 1,
    unanswered: 1,
    delivered: 1,
    cancelled: 1,
    stillQueued: 0,
    broken: [],
  });
  expect(findings).toMatchObject({ longestGapMs: 1_000, recoveredMs: 1_950, slowestAnswerMs: 5 });
});

const BREACHES: readonly (readonly [string, Partial<Ledger>, string])[] = [
  ["accepted and never seen again", { answers: [answer("a", 202)], endings: [{ key: "a", handoffs: [] }] }, "lost: 1"],
  [
    "called delivered though nothing was signalled",
    { answers: [answer("a", 202)], endings: [{ key: "a", handoffs: [handoff()] }] },
    "lost: 1",
  ],
  [
    "signalled and then forgotten",
    { answers: [answer("a", 202)], effects: [effect("a")], endings: [{ key: "a", handoffs: [] }] },
    "forgotten: 1",
  ],
  ["refused and signalled", { answers: [answer("a", 503)], effects: [effect("a")] }, "effects of refused ones: 1"],
  [
    "cancelled and signalled",
    {
      answers: [answer("a", 202), answer("a", 200, { call: "cancel" })],
      effects: [effect("a")],
      endings: [{ key: "a", handoffs: [handoff({ status: "cancelled" })] }],
    },
    "effects of cancelled ones: 1",
  ],
  [
    "still waiting in the end",
    { answers: [answer("a", 202)], endings: [{ key: "a", handoffs: [handoff({ status: "queued" })] }] },
    "still queued: 1",
  ],
  [
    "signalled twice without saying so",
    {
      answers: [answer("a", 202)],
      effects: [effect("a"), effect("a", 900)],
      endings: [{ key: "a", handoffs: [handoff()] }],
    },
    "two effects without possibleDuplicate: 1",
  ],
  [
    "signalled twice at at-most-once",
    {
      answers: [answer("a", 202, { guarantee: "at-most-once" })],
      effects: [effect("a"), effect("a", 900)],
      endings: [{ key: "a", handoffs: [handoff({ possibleDuplicate: true })] }],
    },
    "two effects at at-most-once: 1",
  ],
  [
    "two handoffs under one key",
    { answers: [answer("a", 202)], effects: [effect("a")], endings: [{ key: "a", handoffs: [handoff(), handoff()] }] },
    "accepted twice under one key: 1",
  ],
  [
    "two signals of one contact at once",
    {
      answers: [answer("a", 202)],
      effects: [effect("a", 1, { inFlightSame: 1 })],
      endings: [{ key: "a", handoffs: [handoff()] }],
    },
    "two signals of a contact at once: 1",
  ],
  [
    "signalled after it had ended",
    { answers: [answer("a", 202)], effects: [effect("a", 2_500)], endings: [{ key: "a", handoffs: [handoff()] }] },
    "signalled after the end: 1",
  ],
  [
    "a later handoff signalled first",
    {
      answers: [answer("a", 202), answer("b", 202)],
      effects: [effect("b", 100, { contactId: "1" }), effect("a", 200, { contactId: "1" })],
      endings: [
        { key: "a", handoffs: [handoff()] },
        { key: "b", handoffs: [handoff({ acceptedAt: new Date(T + 50).toISOString() })] },
      ],
    },
    "signalled out of order: 1",
  ],
];

it.each(BREACHES)("finds what was %s", (_name, parts, broken) => {
  expect(checkLedger(ledger(parts)).broken).toEqual([broken]);
});

it("counts what Redis may forget, and does not hold it against Baton", () => {
  const findings = checkLedger(
    ledger({ answers: [answer("a", 202)], endings: [{ key: "a", handoffs: [] }] }, "anything"),
  );
  expect(findings).toMatchObject({ lost: ["a"], broken: [] });
});

it("allows a duplicate that the handoff marks", () => {
  const findings = checkLedger(
    ledger({
      answers: [answer("a", 202)],
      effects: [effect("a"), effect("a", 900)],
      endings: [{ key: "a", handoffs: [handoff({ mayHaveArrived: true, possibleDuplicate: true })] }],
    }),
  );
  expect(findings).toMatchObject({ twoEffects: { atMostOnce: [], flagged: ["a"], unflagged: [] }, broken: [] });
});

function attempt(atMs: number): HandoffJson["attempts"][number] {
  return { number: 1, startedAt: new Date(T + atMs).toISOString(), outcome: "accepted" };
}

it("finds more requests of a connector than its rate allows, and counts its busiest second", () => {
  const keys = Array.from({ length: 10 }, (_, index) => `k${index}`);
  const ofAll = ledger({
    answers: keys.map((key) => answer(key, 202)),
    effects: keys.map((key, index) => effect(key, 100 + index)),
    endings: keys.map((key, index) => ({ key, handoffs: [handoff({ attempts: [attempt(90 + index)] })] })),
  });
  const limited = (perSecond: number, burst: number) =>
    checkLedger({ ...ofAll, header: { ...ofAll.header, rate: { perSecond, burst } } });
  expect(limited(5, 9)).toMatchObject({ overRate: [], busiestSecond: 10, broken: [] });
  // What arrives may have come closer together on its way; what was begun may not.
  expect(limited(5, 7)).toMatchObject({
    overRate: ["10 begun in 9 ms, 8 allowed"],
    broken: ["windows over the rate: 1"],
  });
  expect(limited(5, 2)).toMatchObject({ overRate: ["10 arrived in 9 ms, 6 allowed", "10 begun in 9 ms, 3 allowed"] });
});

it("finds which died where none may", () => {
  const died = ledger({
    answers: [answer("a", 202)],
    endings: [{ key: "a", handoffs: [handoff({ status: "dead", reason: "expired" })] }],
  });
  expect(checkLedger(died).broken).toEqual([]);
  expect(checkLedger({ ...died, header: { ...died.header, noneDies: true } }).broken).toEqual([
    "dead though all was well: 1",
  ]);
});

it("says nothing of the order of two that were accepted while Redis's clock went back", () => {
  const swapped = ledger({
    answers: [answer("a", 202), answer("b", 202)],
    effects: [effect("a", 100, { contactId: "1" }), effect("b", 200, { contactId: "1" })],
    endings: [
      { key: "a", handoffs: [handoff()] },
      { key: "b", handoffs: [handoff({ acceptedAt: new Date(T - 250).toISOString() })] },
    ],
  });
  expect(checkLedger(swapped).outOfOrder).toEqual(["a"]);
  expect(checkLedger({ ...swapped, header: { ...swapped.header, clockBackMs: 300 } }).outOfOrder).toEqual([]);
});

it("finds what a run never signalled, or signalled again without a word", () => {
  const run = {
    items: 4,
    tookMs: 1,
    once: 1,
    twiceFlagged: 1,
    twiceUnflagged: 1,
    never: 1,
    aloneP99Ms: 5,
    besideP99Ms: 5,
  };
  const whole = ledger({});
  expect(checkLedger({ ...whole, header: { ...whole.header, run } }).broken).toEqual([
    "1 items of the run never signalled",
    "1 items signalled again, not flagged",
  ]);
});
