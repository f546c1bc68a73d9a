/**
 * docs/state-machine.md, "The gate of a connector", against the code: its tables are read, and the real scripts driven
 * through them.
 */
import { BREAKER, FENCE_MS, type SignalOutcome, WAITING_FOR } from "@baton/domain";
import { openRedis, parseRedisUrl, type RedisConnection } from "@baton/redis/connection";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { FAR_FUTURE } from "../packages/domain/testing/connector.ts";
import { type Cell, firstColumnOf, matrixOf } from "./state-machine/document.ts";
import { createGatedConnector, type GatedConnector } from "./state-machine/gated-connector.ts";
import { ACCEPTED, AMBIGUOUS, REJECTED, UNREACHABLE } from "./state-machine/states.ts";
import { type ClaimChange, POLICY } from "./state-machine/test-handoff.ts";

const redis = openRedis(parseRedisUrl(inject("redisUrl")), "events");
beforeAll(() => redis.ping());
afterAll(() => redis.disconnect());

/** As many wait behind a gate. */
const WAITING = 3;
/** Without a rate, those who waited behind a gate leave so far apart. Milliseconds. */
const SPACED_MS = 5;

interface Gate {
  readonly gated: GatedConnector;
  /** How a worker claims that meets the gate closed, and one that comes once its moment is over. */
  readonly closed: ClaimChange;
  readonly over?: ClaimChange;
  /** What ends beside the moment: the answer to whatever is asked. */
  readonly end?: () => Promise<unknown>;
}

/** GATES are the rows: each closes a connector's gate for one reason. */
const GATES: Readonly<Record<string, () => Promise<Gate>>> = {
  async pause() {
    const gated = createGatedConnector(redis);
    return {
      gated,
      closed: { destination: { ...gated.ready, pausedUntil: FAR_FUTURE } as ClaimChange["destination"] & object },
    };
  },
  async "token, being fetched"() {
    const gated = createGatedConnector(redis);
    await lease(gated);
    return { gated, closed: { destination: "unknown" } };
  },
  async "token, the last fetch failed"() {
    const gated = createGatedConnector(redis);
    await lease(gated);
    await gated.accesses.fail({ connectorId: gated.connectorId, lease: "lease", kind: "unavailable", detail: "503" });
    const end = () => gated.claim({ destination: "unknown" });
    return { gated, closed: { destination: "unknown" }, end };
  },
  async breaker() {
    const gated = createGatedConnector(redis);
    await gated.breakOpen();
    return { gated, closed: {} };
  },
  async "breaker, its probe is out"() {
    const gated = createGatedConnector(redis);
    await gated.breakOpen();
    await probe(gated, BREAKER.openMs);
    return { gated, closed: {} };
  },
  async throttle() {
    const gated = createGatedConnector(redis);
    await gated.throttle();
    return { gated, closed: {} };
  },
  async "throttle, its probe is out"() {
    const gated = createGatedConnector(redis);
    await gated.throttle();
    await probe(gated, POLICY.maxHoldMs);
    return { gated, closed: {} };
  },
  async rate() {
    const gated = createGatedConnector(redis, { rate: { perSecond: 0.1, burst: 1 } });
    await gated.send(1);
    await gated.claim();
    return { gated, closed: {} };
  },
  share: async () => ({ gated: createGatedConnector(redis), closed: { limit: 0 }, over: {} }),
  keys: async () => ({
    gated: createGatedConnector(redis),
    closed: { destination: { kind: "keys", until: FAR_FUTURE } },
  }),
  "none: this worker must find its destination": async () => ({
    gated: createGatedConnector(redis),
    closed: { destination: "unknown" },
  }),
};

const lease = ({ accesses, connectorId }: GatedConnector) =>
  accesses.claim({ connectorId, lease: "lease", what: "token" });

/** probe lets a closed gate's moment pass, and a worker take one as its probe. */
async function probe(gated: GatedConnector, ms: number) {
  await gated.send(1);
  await gated.claim();
  await gated.elapse(ms + SPACED_MS);
  const [attempt, ...more] = await gated.claim();
  if (attempt === undefined || more.length > 0) throw new Error("not one probe was begun");
  return attempt;
}

const gates = matrixOf("gate");

describe.each(Object.entries(GATES))("a gate closed for %s", (row, close) => {
  const cellOf = (column: string) => gates.find((cell) => cell.row === row && cell.column === column)?.text ?? "";

  it("parks those that are ready, and answers new ones what they wait for", async () => {
    const { gated, closed } = await close();
    const [ready] = await gated.send(1);
    await gated.claim(closed);
    expect(await gated.standing(ready?.id ?? "")).toBe(cellOf("who is ready"));
    const [comes] = await gated.send(1);
    expect(comes?.waitingFor).toBe(cellOf("who comes"));
  });

  it("is looked at again, and lets go as many as the document says", async () => {
    const from = await nowOf(redis);
    const { gated, closed, over = {}, end } = await close();
    await gated.send(WAITING);
    await gated.claim(closed);
    const to = await nowOf(redis);
    const ms = millisecondsOf(cellOf("looked at again"));
    const at = (await gated.looksAgainAt()) - ms;
    expect(at).toBeGreaterThanOrEqual(from);
    expect(at).toBeLessThanOrEqual(to);
    await gated.elapse(ms + SPACED_MS);
    await end?.();
    expect(await threeClaims(gated, over)).toBe(cellOf("then leave"));
  });

  it("opens for an operator's resume, or does not", async () => {
    const { gated, closed } = await close();
    await gated.send(WAITING);
    await gated.claim(closed);
    expect((await gated.resume()).join(", ") || "–").toBe(cellOf("resume ends"));
    await gated.elapse(SPACED_MS);
    expect(await threeClaims(gated, closed)).toBe(cellOf("after that leave"));
  });
});

/** threeClaims gives how many are begun by each of three claims, the shortest distance apart. */
async function threeClaims(gated: GatedConnector, order: ClaimChange): Promise<string> {
  const begun: number[] = [];
  for (let i = 0; i < 3; i++) {
    begun.push((await gated.claim(order)).length);
    await gated.elapse(SPACED_MS);
  }
  return begun.join(" ");
}

function millisecondsOf(text: string): number {
  const [, count, unit] = /^(\d+) (s|ms)$/.exec(text) ?? [];
  if (count === undefined) throw new Error(`no duration: ${text}`);
  return Number(count) * (unit === "s" ? 1_000 : 1);
}

async function nowOf(connection: RedisConnection): Promise<number> {
  const [seconds, micros] = await connection.time();
  return Number(seconds) * 1_000 + Math.floor(Number(micros) / 1_000);
}

/** ANSWERS are what a probe may end with; the last two are none. */
const ANSWERS: Readonly<Record<string, SignalOutcome | undefined>> = {
  accepted: ACCEPTED,
  rejected: REJECTED,
  "unauthorized, renewal pending": { kind: "unauthorized", httpStatus: 401, renewal: "pending" },
  throttled: { kind: "throttled", httpStatus: 429 },
  "throttled with Retry-After": { kind: "throttled", httpStatus: 429, retryAfterMs: 60_000 },
  unavailable: { kind: "unavailable", httpStatus: 503 },
  unreachable: UNREACHABLE,
  ambiguous: AMBIGUOUS,
  "nothing was sent": undefined,
  "its worker died": undefined,
};

const probes = matrixOf("a probe ends");

describe.each(["breaker", "throttle"] as const)("a probe of the %s", (reason) => {
  it.each(probes.filter(({ column }) => column === reason))("that ends $row: $text", async ({ row, text }: Cell) => {
    const gated = createGatedConnector(redis);
    if (reason === "breaker") await gated.breakOpen();
    else await gated.throttle();
    const attempt = await probe(gated, reason === "breaker" ? BREAKER.openMs : POLICY.maxHoldMs);
    await gated.send(WAITING);
    await gated.claim();
    const from = await nowOf(redis);
    const outcome = ANSWERS[row];
    if (outcome !== undefined) await gated.answer(attempt, outcome);
    else if (row === "nothing was sent") await gated.abandon(attempt);
    const to = await nowOf(redis);
    if (text === "lifted") return expect(await gated.has(reason)).toBe(false);
    expect(await gated.has(reason)).toBe(true);
    await gated.elapse(SPACED_MS);
    const next = await gated.claim();
    expect(next).toHaveLength(text === "the next probe at once" ? 1 : 0);
    if (next.length === 1) return;
    const at = (await gated.looksAgainAt()) + SPACED_MS;
    const [, duration] = /^closed for (.*)$/.exec(text) ?? [];
    const since = duration === undefined ? attempt.until + FENCE_MS : at - millisecondsOf(duration);
    if (duration === undefined) expect(at).toBe(since);
    else expect(since >= from && since <= to).toBe(true);
  });
});

it("is looked at again once the last of several reasons is over", async () => {
  const from = await nowOf(redis);
  const gated = createGatedConnector(redis);
  await gated.throttle();
  const to = await nowOf(redis);
  await lease(gated);
  const [ready] = await gated.send(1);
  await gated.claim({ destination: "unknown" });
  expect(await gated.standing(ready?.id ?? "")).toBe("parked, token");
  const throttledAt = (await gated.looksAgainAt()) - POLICY.maxHoldMs;
  expect(throttledAt >= from && throttledAt <= to).toBe(true);
});

it("shows the first of several reasons, and stays closed until the last of them is over", async () => {
  const gated = createGatedConnector(redis);
  await gated.throttle();
  const [ready] = await gated.send(1);
  await gated.claim({ everything: "paused" });
  expect(await gated.standing(ready?.id ?? "")).toBe("parked, pause");
  await gated.claim();
  expect(await gated.standing(ready?.id ?? "")).toBe("parked, throttle");
});

it("names every reason and every answer", () => {
  const reasons = [...new Set(firstColumnOf("gate").map((gate) => gate.split(/[,:]/)[0]))];
  expect(WAITING_FOR.filter((reason) => !["delay", "retry", "order"].includes(reason)).toSorted()).toEqual(
    reasons.filter((reason) => reason !== "none").toSorted(),
  );
  expect(firstColumnOf("gate")).toEqual(Object.keys(GATES));
  expect(firstColumnOf("a probe ends")).toEqual(Object.keys(ANSWERS));
});
