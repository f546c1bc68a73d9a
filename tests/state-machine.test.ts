/** docs/state-machine.md against the code: its tables are read, and the real scripts driven through every cell on a real Redis. */

import { randomBytes, randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import {
  type Connector,
  createId,
  DEAD_REASONS,
  type DeliveryPolicy,
  FENCE_MS,
  HANDOFF_STATUSES,
  ID_RANDOM_BYTES,
  type SignalOutcome,
  settle as settlementOf,
  WAITING_FOR,
} from "@baton/domain";
import {
  type Acceptance,
  type BeginOptions,
  type BegunAttempt,
  createDeadLetterStore,
  createDeliveryStore,
  createHandoffSearch,
  createHandoffStore,
  createShards,
  createUpkeepStore,
  openRedis,
  parseRedisUrl,
} from "@baton/store";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";

const HOUR_MS = 3_600_000;
const POLICY: DeliveryPolicy = {
  guarantee: "at-least-once",
  deadlineMs: HOUR_MS,
  maxAttempts: 10,
  attemptTimeoutMs: 3_000,
  backoff: { baseMs: 250, capMs: 10_000 },
  rate: null,
  maxParamBytes: 256,
};
const AT_MOST_ONCE: Partial<DeliveryPolicy> = { guarantee: "at-most-once" };

const redis = openRedis(parseRedisUrl(inject("redisUrl")), "events");
beforeAll(() => redis.ping());
afterAll(() => redis.disconnect());

/** createSubject is one handoff in a namespace of its own, and everything that can be done to it. */
function createSubject(change: Partial<DeliveryPolicy> = {}) {
  const shards = createShards(redis, `t${randomBytes(6).toString("hex")}`, 1);
  const [tag = ""] = shards.tags;
  const deliveries = createDeliveryStore(shards);
  const deadLetters = createDeadLetterStore(shards);
  const upkeep = createUpkeepStore(shards);
  const search = createHandoffSearch(shards);
  const handoffs = createHandoffStore(shards);
  const connector = createConnector({ ...POLICY, ...change });
  const id = newId("ho");
  const key = `${tag}:h:${id}`;
  let attempt = createAttempt(id, connector.id);

  const begin = async (options: Partial<BeginOptions> & { older?: boolean } = {}) => {
    const generation = Number(await redis.hget(key, "gen")) - (options.older === true ? 1 : 0);
    const nonce = options.nonce ?? randomUUID();
    const begun = await deliveries.begin({ id, generation }, { connector, stopped: false, chance: 0, ...options, nonce });
    if (begun.kind === "sending") attempt = begun.attempt;
    return begun.kind;
  };

  const settleWith = async (
    settlement: Parameters<typeof deliveries.settle>[0]["settlement"],
    outcome: SignalOutcome,
    nonce = attempt.nonce,
  ) => (await deliveries.settle({ attempt: { ...attempt, nonce }, outcome, durationMs: 5, settlement, connector })).kind;

  return {
    begin,
    settleWith,
    connector,
    lastNonce: () => attempt.nonce,

    /** answer has CXone answer the live attempt, and settles as the domain says. */
    answer: (outcome: SignalOutcome) =>
      settleWith(settlementOf(outcome, connector.delivery, attempt, { now: attempt.startedAt, chance: 0 }), outcome),

    handBack: async () => (await deliveries.handBack(attempt, 1_000)).kind,
    accept: async (handoffId = id) => (await handoffs.accept(acceptanceOf(handoffId, connector))).kind,
    recall: async () => (await handoffs.recall(connector.id, IDEMPOTENCY, "another")).kind,
    read: async () => ((await handoffs.read(id)) === undefined ? "none" : "found"),
    page: async () => ((await search({ connectorId: connector.id }, { limit: 10 })).items.length === 0 ? "none" : "found"),
    withdraw: async () => ((await handoffs.withdraw(id)) ? "withdrawn" : "too-late"),
    cancel: async () => (await handoffs.cancel(id)).kind,
    discard: async () => (await deadLetters.discard(id)).kind,

    async replay(force: boolean) {
      const order = { id, force, rate: null, maxPending: 10, validUntil: Number.MAX_SAFE_INTEGER };
      return (await deadLetters.replay(order)).kind;
    },

    /** release lifts a condition that held the handoff, whatever its state says of that. */
    async release() {
      await redis.zadd(`${tag}:w:${connector.id}`, 0, id);
      return (await deliveries.release({ connector, stopped: false, limit: 10 })).length === 0 ? "none" : "job";
    },

    async requeue() {
      const generation = Number(await redis.hget(key, "gen"));
      return (await upkeep.requeue({ id, generation })) === undefined ? "none" : "requeue";
    },

    async prune() {
      const before = Date.now() + HOUR_MS;
      const removed = [
        ...(await upkeep.prune(tag, "ended", { before, limit: 10 })),
        ...(await upkeep.prune(tag, "dead", { before, limit: 10 })),
      ];
      return removed.length === 0 ? "none" : "removed";
    },

    /** elapse lets time pass for the handoff alone: every instant in its record moves back. */
    async elapse(ms: number) {
      for (const field of ["acc", "since", "due", "dl", "until", "att", "end"]) {
        const at = await redis.hget(key, field);
        if (at) await redis.hset(key, field, Number(at) - ms);
      }
    },

    /** state is what the record says, with nobody looking at its deadline. */
    async state() {
      const [status, reason] = await redis.hmget(key, "st", "why");
      return status === "dead" ? `dead (${reason})` : (status ?? "none");
    },
  };
}

type Subject = ReturnType<typeof createSubject>;

function newId(prefix: "ho" | "cn"): string {
  return createId(prefix, 0, Date.now(), randomBytes(ID_RANDOM_BYTES));
}

function createConnector(delivery: DeliveryPolicy): Connector {
  return {
    id: newId("cn"),
    version: 1,
    name: "test",
    accountId: "acme",
    projectId: "support-line",
    environment: "live",
    enabled: true,
    paused: false,
    pseudoNumbers: [],
    contactIdHeader: "X-InContact-ContactId",
    cxone: { issuer: "https://cxone.niceincontact.com", apiVersion: "v30.0", paramsIn: "query" },
    delivery,
    createdAt: Date.now(),
  };
}

const IDEMPOTENCY = { key: "key", fingerprints: ["body"], keepMs: HOUR_MS };

function acceptanceOf(id: string, connector: Connector): Acceptance {
  return {
    id,
    connectorId: connector.id,
    contactId: "100000000001",
    fixed: { accountId: connector.accountId, projectId: connector.projectId, environment: connector.environment },
    params: "sealed",
    delayMs: 0,
    deadlineMs: connector.delivery.deadlineMs,
    validUntil: Number.MAX_SAFE_INTEGER,
    rate: null,
    maxPending: 10,
    idempotency: IDEMPOTENCY,
  };
}

/** createAttempt stands for the attempt of a handoff that has none. */
function createAttempt(id: string, connectorId: string): BegunAttempt {
  const now = Date.now();
  const instants = { startedAt: now, until: now, deadlineAt: now, since: now };
  return { id, connectorId, nonce: randomUUID(), number: 1, used: 1, ...instants, contactId: "100000000001", params: "sealed" };
}

const LOST_MS = POLICY.attemptTimeoutMs + FENCE_MS + 1_000;
const ACCEPTED: SignalOutcome = { kind: "accepted", httpStatus: 202 };
const REJECTED: SignalOutcome = { kind: "rejected", httpStatus: 404 };
const UNREACHABLE: SignalOutcome = { kind: "unreachable", detail: "connection refused" };
const AMBIGUOUS: SignalOutcome = { kind: "ambiguous", httpStatus: 502 };

/** SITUATIONS are the columns of the document's tables: each makes a handoff that stands so. */
const SITUATIONS: Readonly<Record<string, () => Promise<Subject>>> = {
  none: async () => createSubject(),
  queued: () => accepted(),
  "queued, tried": async () => {
    const subject = await answered(UNREACHABLE);
    await subject.elapse(POLICY.backoff.capMs);
    return subject;
  },
  "queued, late": async () => aged(await accepted(), HOUR_MS + 1_000),
  sending: () => begun(),
  "sending, lost": async () => aged(await begun(), LOST_MS),
  "sending, lost, late": async () => aged(await begun(), HOUR_MS + LOST_MS),
  "the same, at-most-once": async () => aged(await begun(AT_MOST_ONCE), HOUR_MS + LOST_MS),
  delivered: () => answered(ACCEPTED),
  cancelled: async () => {
    const subject = await accepted();
    await subject.cancel();
    return subject;
  },
  discarded: async () => {
    const subject = await answered(REJECTED);
    await subject.discard();
    return subject;
  },
  dead: () => answered(REJECTED),
  "dead, may have arrived": () => answered(AMBIGUOUS, AT_MOST_ONCE),
};

async function accepted(change: Partial<DeliveryPolicy> = {}): Promise<Subject> {
  const subject = createSubject(change);
  await subject.accept();
  return subject;
}

async function begun(change: Partial<DeliveryPolicy> = {}): Promise<Subject> {
  const subject = await accepted(change);
  await subject.begin();
  return subject;
}

async function answered(outcome: SignalOutcome, change: Partial<DeliveryPolicy> = {}): Promise<Subject> {
  const subject = await begun(change);
  await subject.answer(outcome);
  return subject;
}

async function aged(subject: Subject, ms: number): Promise<Subject> {
  await subject.elapse(ms);
  return subject;
}

/** OPERATIONS are the rows; the first word of each is its script. Each gives what the script answers. */
const OPERATIONS: Readonly<Record<string, (subject: Subject) => Promise<string>>> = {
  "accept (the same id again)": (subject) => subject.accept(),
  "accept (its idempotency key)": (subject) => subject.accept(newId("ho")),
  "recall (its idempotency key)": (subject) => subject.recall(),
  read: (subject) => subject.read(),
  page: (subject) => subject.page(),
  withdraw: (subject) => subject.withdraw(),
  begin: (subject) => subject.begin(),
  "begin (its nonce again)": (subject) => subject.begin({ nonce: subject.lastNonce() }),
  "begin (an older generation)": (subject) => subject.begin({ older: true }),
  "begin (paused)": (subject) => subject.begin({ stopped: true }),
  "begin (credentials refused)": (subject) =>
    subject.begin({ unable: { kind: "refused", reason: "credentials", detail: "invalid_client" } }),
  "begin (configuration refused)": (subject) => subject.begin({ unable: { kind: "refused", reason: "configuration", detail: "no host" } }),
  "settle (delivered)": (subject) => subject.settleWith({ kind: "delivered" }, ACCEPTED),
  "settle (try again)": (subject) => subject.settleWith({ kind: "retry", waitMs: 100, waitingFor: "retry", counted: true }, UNREACHABLE),
  "settle (rejected)": (subject) => subject.settleWith({ kind: "dead", reason: "rejected" }, REJECTED),
  "settle (another nonce)": (subject) => subject.settleWith({ kind: "delivered" }, ACCEPTED, randomUUID()),
  "hand-back": (subject) => subject.handBack(),
  cancel: (subject) => subject.cancel(),
  replay: (subject) => subject.replay(false),
  "replay (force)": (subject) => subject.replay(true),
  discard: (subject) => subject.discard(),
  release: (subject) => subject.release(),
  requeue: (subject) => subject.requeue(),
  prune: (subject) => subject.prune(),
};

/** ANSWERS are CXone's; `interrupted` is none, and is left to `begin`. */
const ANSWERS: Readonly<Record<string, SignalOutcome | undefined>> = {
  accepted: ACCEPTED,
  rejected: REJECTED,
  "unauthorized, renewal refused": { kind: "unauthorized", httpStatus: 401, renewal: "refused" },
  "unauthorized, renewal pending": { kind: "unauthorized", httpStatus: 401, renewal: "pending" },
  throttled: { kind: "throttled", httpStatus: 429 },
  "unavailable with Retry-After": { kind: "unavailable", httpStatus: 503, retryAfterMs: 1_000 },
  unavailable: { kind: "unavailable", httpStatus: 503 },
  unreachable: UNREACHABLE,
  ambiguous: AMBIGUOUS,
  interrupted: undefined,
  redirected: { kind: "redirected", httpStatus: 302 },
};

/** CIRCUMSTANCES of an answer; `elapsedMs` is what a lost attempt's `begin` comes after. */
const CIRCUMSTANCES: Readonly<Record<string, { readonly change: Partial<DeliveryPolicy>; readonly elapsedMs: number }>> = {
  "attempts left": { change: {}, elapsedMs: LOST_MS },
  "no attempt left": { change: { maxAttempts: 1 }, elapsedMs: LOST_MS },
  "at-most-once": { change: AT_MOST_ONCE, elapsedMs: LOST_MS },
  "no time left": { change: { deadlineMs: 100, backoff: { baseMs: HOUR_MS, capMs: HOUR_MS } }, elapsedMs: HOUR_MS },
};

interface Cell {
  readonly row: string;
  readonly column: string;
  readonly text: string;
}

const document = readFileSync(new URL("../docs/state-machine.md", import.meta.url), "utf8");

interface Table {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** tablesOf gives every table whose first column has this name, in plain text. */
function tablesOf(first: string): readonly Table[] {
  return (document.match(/(?:^\|.*\|\n)+/gm) ?? [])
    .map((table): Table => {
      const [head = [], _rule, ...rows] = table.trimEnd().split("\n").map(cellsOf);
      return { head, rows };
    })
    .filter(({ head }) => head[0] === first);
}

function cellsOf(line: string): readonly string[] {
  return line
    .slice(1, -1)
    .split("|")
    .map((cell) => cell.replaceAll("`", "").trim());
}

function matrixOf(first: string): readonly Cell[] {
  return tablesOf(first).flatMap(({ head, rows }) =>
    rows.flatMap(([row = "", ...cells]) => cells.map((text, i) => ({ row, column: head[i + 1] ?? "", text }))),
  );
}

function firstColumnOf(first: string): readonly string[] {
  return tablesOf(first).flatMap(({ rows }) => rows.map(([name = ""]) => name));
}

const operations = matrixOf("operation");
const answers = matrixOf("answer");
const stateOf = (column: string) => (column === "the same, at-most-once" ? "sending" : (column.split(",")[0] ?? ""));

/** hopsOf gives the arrows of a cell, `from` first: `wait → queued` on a sending handoff is sending, queued. */
function hopsOf({ column, text }: Cell): readonly string[] {
  const [, ...states] = text.split(" → ");
  return [stateOf(column), ...states];
}

it("names every state, reason and remark that there is", () => {
  expect(firstColumnOf("state")).toEqual(HANDOFF_STATUSES);
  expect(firstColumnOf("reason")).toEqual(DEAD_REASONS);
  expect(firstColumnOf("waitingFor")).toEqual(WAITING_FOR);
});

it("holds every state against every operation, and every answer against every circumstance", () => {
  const all = (rows: object, columns: object) =>
    Object.keys(rows).flatMap((row) => Object.keys(columns).map((column) => `${row} | ${column}`));
  const told = (cells: readonly Cell[]) => cells.map(({ row, column }) => `${row} | ${column}`);
  expect(told(operations).sort()).toEqual(all(OPERATIONS, SITUATIONS).sort());
  expect(told(answers).sort()).toEqual(all(ANSWERS, CIRCUMSTANCES).sort());
});

describe.each(Object.entries(OPERATIONS))("%s", (row, operate) => {
  it.each(operations.filter((cell) => cell.row === row && cell.text !== "–"))("on a handoff that is $column: $text", async (cell) => {
    const subject = await (SITUATIONS[cell.column] ?? accepted)();
    const before = await subject.state();
    expect(before).toMatch(stateOf(cell.column));
    const reply = await operate(subject);
    const [expected, ...states] = cell.text.split(" → ");
    expect({ reply, state: await subject.state() }).toEqual({ reply: expected, state: states.at(-1) ?? before });
  });
});

describe.each(Object.entries(ANSWERS))("an attempt that ends %s", (row, outcome) => {
  it.each(answers.filter((cell) => cell.row === row))("with $column: $text", async ({ column, text }) => {
    const { change = {}, elapsedMs = 0 } = CIRCUMSTANCES[column] ?? {};
    const subject = await begun(change);
    if (outcome === undefined) {
      await subject.elapse(elapsedMs);
      await subject.begin({ stopped: true });
    } else await subject.answer(outcome);
    expect(await subject.state()).toBe(text);
  });
});

it("takes exactly the arrows that the document lists, by exactly those scripts", () => {
  const listed = tablesOf("from").flatMap(({ rows }) =>
    rows.flatMap(([from = "", to = "", scripts = ""]) => scripts.split(", ").map((script) => `${from} → ${to} by ${script}`)),
  );
  const byOperations = operations.flatMap((cell) => arrowsOf(hopsOf(cell)).map((arrow) => `${arrow} by ${cell.row.split(" ")[0]}`));
  const byAnswers = answers.map(({ row, text }) => `sending → ${text} by ${row === "interrupted" ? "begin" : "settle"}`);
  expect([...new Set([...byOperations, ...byAnswers])].sort()).toEqual([...listed].sort());
});

/** arrowsOf pairs each state with the next; where it comes from, a dead one's reason does not matter. */
function arrowsOf(states: readonly string[]): readonly string[] {
  return states.slice(1).map((to, i) => `${(states[i] ?? "").replace(/ \(.*\)$/, "")} → ${to}`);
}
