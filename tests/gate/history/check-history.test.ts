import type { HandoffJson } from "@baton/api";
import type { SeenSignal } from "@baton/simulator";
import { expect, it } from "vitest";
import { checkHistory } from "./check-history.ts";
import type { Asked, History } from "./history.ts";

const T = Date.parse("2026-11-23T10:00:00.000Z");
const RATE = { perSecond: 10, burst: 2 };

interface Described {
  readonly contactId?: string;
  /** Milliseconds from T. */
  readonly dueAt?: number;
  readonly deadlineAt?: number;
  readonly endedAt?: number;
  readonly began?: readonly number[];
  readonly change?: Partial<HandoffJson>;
}

const instant = (at: number) => new Date(T + at).toISOString();

let numbered = 0;

/** handoffWith makes a handoff and its requests: each attempt arrives 10 ms after it began, and takes 100. */
function handoffWith(
  name: string,
  { contactId = name, dueAt = 0, deadlineAt = 10_000, began = [100], endedAt, change = {} }: Described = {},
) {
  const handoff: HandoffJson = {
    id: `ho_${name}`,
    connectorId: "cn_1",
    accountId: "acme",
    projectId: "p",
    environment: "live",
    contactId,
    status: "delivered",
    acceptedAt: instant(dueAt),
    deadlineAt: instant(deadlineAt),
    endedAt: instant(endedAt ?? (began.at(-1) ?? 0) + 110),
    attempts: began.map((at, index) => ({ number: index + 1, startedAt: instant(at), outcome: "accepted" })),
    mayHaveArrived: false,
    possibleDuplicate: false,
    replays: 0,
    ...change,
  };
  const signals = began.map((at, index) => seen(name, contactId, { at: at + 10, effect: index === began.length - 1 }));
  return { asked: { name, contactId, delayMs: 0, handoff }, signals };
}

function seen(
  p1: string,
  contactId: string,
  { at, effect }: { readonly at: number; readonly effect: boolean },
): SeenSignal {
  return {
    number: ++numbered,
    at: T + at,
    endedAt: T + at + 100,
    contactId,
    accessKeyId: "AK",
    version: "v30.0",
    params: { p1 },
    seenIn: {},
    givenTwice: [],
    effect,
    status: effect ? 202 : 503,
    inFlightSame: 0,
    connectionId: 1,
    script: { reaction: "started", variables: {} },
  };
}

function judged(
  all: readonly { readonly asked: Asked; readonly signals: readonly SeenSignal[] }[],
  change: Partial<History> = {},
) {
  const history: History = {
    guarantee: "at-least-once",
    asked: all.map(({ asked }) => asked),
    signals: all.flatMap(({ signals }) => signals),
    rates: [{ from: 0, rate: RATE }],
    troubles: [],
    kills: [],
    lateMs: 0,
    ...change,
  };
  return checkHistory(history).map((complaint) => complaint.slice(0, complaint.indexOf(":")));
}

const EXPIRED = { status: "dead", reason: "expired" } as const;

it("has nothing against handoffs that went in order and at the rate", () => {
  expect(
    judged([
      handoffWith("a"),
      handoffWith("b", { began: [110] }),
      handoffWith("c", { began: [210, 400] }),
      handoffWith("a2", { contactId: "a", dueAt: 50, began: [310] }),
    ]),
  ).toEqual([]);
});

it("sees more than the rate allows, by what began and by what arrived", () => {
  expect(judged(Array.from({ length: 9 }, (_, index) => handoffWith(String(index))))).toEqual([
    "over the rate, begun",
    "over the rate, arrived",
  ]);
});

it("sees two of a contact at once, and one before another that fell due earlier", () => {
  expect(
    judged([handoffWith("a", { began: [500] }), handoffWith("b", { contactId: "a", dueAt: 200, began: [490] })]),
  ).toEqual(["two at once", "out of order"]);
  expect(
    judged([handoffWith("a", { began: [300, 900] }), handoffWith("b", { contactId: "a", dueAt: 200, began: [600] })]),
  ).toEqual(["out of order"]);
});

it("sees what never ended, what was called delivered, and what was repeated without a mark", () => {
  const { endedAt: _, ...open } = handoffWith("a").asked.handoff;
  expect(
    judged([{ asked: { ...handoffWith("a").asked, handoff: { ...open, status: "queued" } }, signals: [] }]),
  ).toEqual(["never ended"]);
  expect(judged([{ ...handoffWith("a"), signals: [] }])).toEqual(["delivered without effect"]);
  const twice = {
    ...handoffWith("a"),
    signals: [seen("a", "a", { at: 110, effect: true }), seen("a", "a", { at: 310, effect: true })],
  };
  expect(judged([twice], { guarantee: "at-most-once" })).toEqual([
    "sent twice, without possibleDuplicate",
    "sent twice at at-most-once",
  ]);
  expect(judged([{ asked: { name: "r", contactId: "r", delayMs: 0 }, signals: handoffWith("r").signals }])).toEqual([
    "sent though refused",
  ]);
});

it("sees who was overtaken while free to go, but for what a killed worker may have had", () => {
  const all = [handoffWith("a", { began: [3_000] }), handoffWith("b", { dueAt: 1_000, began: [1_100] })];
  expect(judged(all)).toEqual(["overtaken"]);
  expect(judged(all, { kills: [{ from: T + 500, until: T + 900 }] })).toEqual([]);
  const behind = [
    handoffWith("x", { began: [2_900] }),
    handoffWith("a", { contactId: "x", dueAt: 10, began: [3_000] }),
    handoffWith("b", { dueAt: 1_000, began: [3_005] }),
  ];
  expect(judged(behind)).toEqual([]);
});

it("sees which expired though it had time and an open gate, and none whose gate was closed or taken", () => {
  const stranded = handoffWith("a", { began: [], change: EXPIRED });
  expect(judged([stranded])).toEqual(["expired though it could go"]);
  expect(judged([stranded], { troubles: [{ from: T, until: T + 8_000 }] })).toEqual([]);
  expect(judged([handoffWith("a", { began: [], deadlineAt: 2_000, change: EXPIRED })])).toEqual([]);
  const busy = Array.from({ length: 100 }, (_, index) => handoffWith(`o${index}`, { began: [index * 100] }));
  expect(judged([handoffWith("z", { dueAt: 20, began: [], change: EXPIRED }), ...busy])).toEqual([]);
});
