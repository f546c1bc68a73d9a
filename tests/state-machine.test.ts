/**
 * docs/state-machine.md against the code: its tables are read, and the real scripts driven through every cell on a real
 * Redis.
 */
import { DEAD_REASONS, type DeliveryPolicy, HANDOFF_STATUSES, type SignalOutcome, WAITING_FOR } from "@baton/domain";
import { openRedis, parseRedisUrl } from "@baton/redis/connection";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { type Cell, firstColumnOf, matrixOf, tablesOf } from "./state-machine/document.ts";
import { OPERATIONS } from "./state-machine/operations.ts";
import { PLACES } from "./state-machine/place.ts";
import {
  ACCEPTED,
  AMBIGUOUS,
  AT_MOST_ONCE,
  begunOn,
  createStates,
  FENCED_MS,
  REJECTED,
  stalled,
  UNREACHABLE,
} from "./state-machine/states.ts";
import { createTestHandoff, HOUR_MS, POLICY, type TestHandoff } from "./state-machine/test-handoff.ts";

const redis = openRedis(parseRedisUrl(inject("redisUrl")), "events");
beforeAll(() => redis.ping());
afterAll(() => redis.disconnect());

/** STATES are the columns, OPERATIONS the rows of the document's tables. */
const STATES = createStates(redis);

/** ANSWERS are CXone's; `interrupted` is none, and is left to `claim`. */
const ANSWERS: Readonly<Record<string, SignalOutcome | undefined>> = {
  accepted: ACCEPTED,
  rejected: REJECTED,
  "unauthorized, renewal refused": { kind: "unauthorized", httpStatus: 401, renewal: "refused" },
  "unauthorized, renewal pending": { kind: "unauthorized", httpStatus: 401, renewal: "pending" },
  throttled: { kind: "throttled", httpStatus: 429 },
  "unavailable with Retry-After": { kind: "unavailable", httpStatus: 503, retryAfterMs: 600_000 },
  unavailable: { kind: "unavailable", httpStatus: 503 },
  unreachable: UNREACHABLE,
  ambiguous: AMBIGUOUS,
  interrupted: undefined,
  redirected: { kind: "redirected", httpStatus: 302 },
};

/** ANSWER_CASES are what an answer may come in; `elapsedMs` is what a lost attempt's `claim` comes after. */
const ANSWER_CASES: Readonly<Record<string, { readonly change: Partial<DeliveryPolicy>; readonly elapsedMs: number }>> =
  {
    "attempts left": { change: {}, elapsedMs: FENCED_MS },
    "no attempt left": { change: { maxAttempts: 1 }, elapsedMs: FENCED_MS },
    "at-most-once": { change: AT_MOST_ONCE, elapsedMs: FENCED_MS },
    "no time left": {
      change: { deadlineMs: 60_000, backoff: { baseMs: HOUR_MS, capMs: HOUR_MS } },
      elapsedMs: HOUR_MS,
    },
  };

const operations = matrixOf("operation");
const answers = matrixOf("answer");

/** hopsOf gives the arrows of a cell, where it comes from first. */
function hopsOf({ column, text }: Cell): readonly string[] {
  const [, ...hops] = text.split(" → ");
  return [column.split(",")[0] ?? "", ...hops];
}

it("names every state, place, reason and remark that there is", () => {
  expect(firstColumnOf("state")).toEqual(HANDOFF_STATUSES);
  expect(firstColumnOf("place")).toEqual(PLACES);
  expect(firstColumnOf("reason")).toEqual(DEAD_REASONS);
  expect(firstColumnOf("waitingFor")).toEqual(WAITING_FOR);
});

it("holds every state and place against every operation, and every answer in every case", () => {
  const all = (rows: object, columns: object) =>
    Object.keys(rows).flatMap((row) => Object.keys(columns).map((column) => `${row} | ${column}`));
  const keysOf = (cells: readonly Cell[]) => cells.map(({ row, column }) => `${row} | ${column}`);
  expect(keysOf(operations).sort()).toEqual(all(OPERATIONS, STATES).sort());
  expect(keysOf(answers).sort()).toEqual(all(ANSWERS, ANSWER_CASES).sort());
});

describe.each(Object.entries(OPERATIONS))("%s", (row, operate) => {
  it.each(operations.filter((cell) => cell.row === row && cell.text !== "–"))(
    "on a handoff that is $column: $text",
    async (cell) => {
      const subject = await inState(cell.column);
      const [before, timesReady] = [await subject.state(), await subject.timesReady()];
      expect(before).toMatch(hopsOf(cell)[0] ?? "");
      const reply = await operate(subject);
      const [expected, ...hops] = cell.text.split(" → ");
      const after = await subject.state();
      expect({ reply, state: after }).toEqual({ reply: expected, state: hops.at(-1) ?? before });
      // What has ended gets no job.
      if (!isLive(after)) expect(await subject.timesReady()).toBeLessThanOrEqual(timesReady);
      await expectOneRoom(subject);
    },
  );
});

async function inState(column: string): Promise<TestHandoff> {
  const make = STATES[column];
  if (make === undefined) throw new Error(`no such column: ${column}`);
  return make();
}

/**
 * expectOneRoom holds everything in Redis against the state and the place; a job that an ending left in `wait` is
 * dropped by the next claim.
 */
async function expectOneRoom(subject: TestHandoff): Promise<void> {
  if (!isLive(await subject.state())) await subject.claim();
  expect(await subject.flaws()).toEqual([]);
}

function isLive(state: string): boolean {
  return /^(queued|sending)/.test(state);
}

describe.each(Object.entries(ANSWERS))("an attempt that ends %s", (row, outcome) => {
  it.each(answers.filter((cell) => cell.row === row))("with $column: $text", async ({ column, text }) => {
    const { change = {}, elapsedMs = 0 } = ANSWER_CASES[column] ?? {};
    const subject = await begunOn(redis, change);
    if (outcome === undefined) {
      await stalled(subject);
      await subject.elapse(elapsedMs);
      await subject.claim({ everything: "paused" });
    } else await subject.answer(outcome);
    expect(await subject.state()).toBe(text);
    await expectOneRoom(subject);
  });
});

it("takes exactly the arrows that the document lists, by exactly those scripts", () => {
  const listed = tablesOf("from").flatMap(({ rows }) =>
    rows.flatMap(([from = "", to = "", scripts = ""]) =>
      scripts.split(", ").map((script) => `${from} → ${to} by ${script}`),
    ),
  );
  const byOperations = operations.flatMap((cell) =>
    arrowsOf(hopsOf(cell)).map((arrow) => `${arrow} by ${scriptOf(cell)}`),
  );
  const byAnswers = answers.flatMap(({ row, text }) =>
    arrowsOf(["sending", text]).map((arrow) => `${arrow} by ${row === "interrupted" ? "claim" : "settle"}`),
  );
  expect([...new Set([...byOperations, ...byAnswers])].sort()).toEqual([...listed].sort());
});

it("changes places exactly as the document lists, by exactly those scripts", () => {
  const listed = tablesOf("in the state").flatMap(({ rows }) =>
    rows.flatMap(([state = "", from = "", to = "", scripts = ""]) =>
      scripts.split(", ").map((script) => `${state}: ${from} → ${to} by ${script}`),
    ),
  );
  const documented = operations.flatMap((cell) => {
    const [from = "", to = "", ...more] = hopsOf(cell);
    const [, state, first] = /^(queued|sending) \((.*)\)$/.exec(from) ?? [];
    const [, same, second] = /^(queued|sending) \((.*)\)$/.exec(to) ?? [];
    return more.length === 0 && state !== undefined && state === same
      ? [`${state}: ${first} → ${second} by ${scriptOf(cell)}`]
      : [];
  });
  expect([...new Set(documented)].sort()).toEqual([...listed].sort());
});

const scriptOf = ({ row }: Cell) => row.split(" ")[0] ?? "";

/**
 * arrowsOf pairs each state with the next where they differ. Places do not matter here, nor of what it was dead
 * before.
 */
function arrowsOf(hops: readonly string[]): readonly string[] {
  const stateOf = (hop: string) => hop.replace(/ \(.*\)$/, "");
  const named = (hop: string) => (hop.startsWith("dead") ? hop : stateOf(hop));
  return hops.slice(1).flatMap((to, i) => {
    const from = stateOf(hops[i] ?? "");
    return from === stateOf(to) ? [] : [`${from} → ${named(to)}`];
  });
}

/** ENDINGS are what happens to a handoff that another of its contact waits behind. */
const ENDINGS: Readonly<Record<string, (first: TestHandoff) => Promise<unknown>>> = {
  "is delivered": (first) => first.answer(ACCEPTED),
  dies: (first) => first.answer(REJECTED),
  "is tried again": (first) => first.answer(UNREACHABLE),
  "is given back unsent": (first) => first.abandon(0),
  "is cancelled": async (first) => {
    await first.answer(UNREACHABLE);
    await first.cancel();
  },
  expires: async (first) => {
    await first.elapse(HOUR_MS + FENCED_MS);
    await first.read();
  },
  "is withdrawn": async (first) => {
    await first.abandon(0);
    await first.withdraw();
  },
};

describe("who is next in a contact's queue", () => {
  const endings = matrixOf("the one before it");

  it.each(endings)("is $text when the one before it $row", async ({ row, text }) => {
    const first = await begunOn(redis);
    const behind = createTestHandoff(redis, { deadlineMs: 10 * HOUR_MS }, first);
    await behind.accept();
    await behind.place();
    await behind.claim();
    expect(await behind.state()).toBe("queued (behind another)");
    await ENDINGS[row]?.(first);
    expect(await behind.state()).toBe(`queued (${text})`);
    expect(await behind.flaws()).toEqual([]);
  });

  it("is documented for every ending", () => {
    expect(endings.map(({ row }) => row)).toEqual(Object.keys(ENDINGS));
  });
});

describe("what a queued handoff waits for", () => {
  it.each([
    ["queued (timed)", "delay"],
    ["queued (timed), tried", "retry"],
    ["queued (ready)", null],
    ["queued (parked)", "share"],
    ["queued (behind another)", "order"],
  ])("is, where it is %s, %s", async (column, waitingFor) => {
    expect(await (await inState(column)).waitingFor()).toBe(waitingFor);
  });

  it("is retry where an attempt was given back of which nothing was sent, and leaves nothing behind once it is begun", async () => {
    const subject = await begunOn(redis);
    await subject.abandon(1_000);
    expect(await subject.waitingFor()).toBe("retry");
    await subject.elapse(1_000);
    expect(await subject.claim()).toBe("begun");
    expect(await subject.flaws()).toEqual([]);
  });
});

it("gives a parked handoff its own moment back when the clock steps back, and takes it then", async () => {
  const subject = await inState("queued (parked)");
  await subject.elapse(-10_000);
  expect(await subject.claim()).toBe("nothing");
  expect(await subject.state()).toBe("queued (timed)");
  await subject.elapse(10_000);
  expect(await subject.claim()).toBe("begun");
});

describe("an item of a run", () => {
  /** item gives one that its run has just taken. */
  async function item(): Promise<TestHandoff> {
    const subject = await inState("dead");
    expect(await subject.replayByRun()).toBe(1);
    return subject;
  }

  it("has a place like any other, and lists of its own, wherever it is on its way", async () => {
    const subject = await item();
    const stood: string[] = [];
    const look = async () => {
      stood.push(await subject.state());
      expect(await subject.flaws()).toEqual([]);
    };
    await look();
    expect(await subject.claim()).toBe("begun");
    await look();
    await subject.answer(UNREACHABLE);
    await look();
    await subject.elapse(POLICY.backoff.capMs);
    expect(await subject.claim()).toBe("begun");
    await subject.answer(ACCEPTED);
    await look();
    expect(stood).toEqual(["queued (parked)", "sending (active)", "queued (timed)", "delivered"]);
  });

  it.each<[string, (subject: TestHandoff) => Promise<unknown>, string]>([
    ["is cancelled", (subject) => subject.cancel(), "cancelled"],
    ["expires", async (subject) => (await subject.elapse(2 * HOUR_MS)) ?? subject.claim(), "dead (expired)"],
  ])("leaves none of its lists behind where it %s", async (_, end, state) => {
    const subject = await item();
    await end(subject);
    expect(await subject.state()).toBe(state);
    await expectOneRoom(subject);
  });
});

describe("a parked or timed handoff whose job is lost", () => {
  it("is taken from its connector's queue all the same", async () => {
    const subject = await inState("queued (parked)");
    await subject.loseJob();
    expect(await subject.claim()).toBe("begun");
    expect(await subject.answer(ACCEPTED)).toBe("settled");
    await expectOneRoom(subject);
  });

  it("goes on when the one before it ends all the same", async () => {
    const first = await begunOn(redis);
    const behind = createTestHandoff(redis, {}, first);
    await behind.accept();
    await behind.place();
    await behind.claim();
    await behind.loseJob();
    await first.answer(ACCEPTED);
    expect(await behind.claim()).toBe("begun");
  });
});
