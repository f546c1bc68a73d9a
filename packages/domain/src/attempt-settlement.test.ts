import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decideSettlement, type Settlement, type SignalOutcome } from "./attempt-settlement.ts";
import { countsAgainstBreaker } from "./breaker.ts";
import type { DeliveryPolicy } from "./connector.ts";

const NOW = 1_800_000_000_000;
const policy: DeliveryPolicy = {
  guarantee: "at-least-once",
  deadlineMs: 60_000,
  maxAttempts: 10,
  attemptTimeoutMs: 3_000,
  backoff: { baseMs: 250, capMs: 10_000 },
  rate: null,
  maxHoldMs: 30_000,
  maxParamBytes: 256,
};
const careful: DeliveryPolicy = { ...policy, guarantee: "at-most-once" };
const first = { used: 1, deadlineAt: NOW + 60_000 };
const moment = { now: NOW, random: 0 };

const retry = (waitMs: number, more: object = {}) => ({
  kind: "retry",
  waitMs,
  waitingFor: "retry",
  counted: true,
  ...more,
});
const dead = (reason: string, more: object = {}) => ({ kind: "dead", reason, ...more });
const backOff = retry(125);
const asked = retry(7_000, { holdMs: 7_000 });

/**
 * Every row of the contract's table: the outcome, what follows, and what follows where a second signal must never be
 * risked.
 */
const TABLE: readonly (readonly [outcome: SignalOutcome, then: object, atMostOnce: object])[] = [
  [{ kind: "accepted", httpStatus: 202 }, { kind: "delivered" }, { kind: "delivered" }],
  [{ kind: "rejected", httpStatus: 404 }, dead("rejected"), dead("rejected")],
  [{ kind: "unauthorized", httpStatus: 401, renewal: "refused" }, dead("credentials"), dead("credentials")],
  [
    { kind: "unauthorized", httpStatus: 401, renewal: "pending" },
    retry(125, { waitingFor: "token", counted: false }),
    retry(125, { waitingFor: "token", counted: false }),
  ],
  [{ kind: "throttled", httpStatus: 429 }, backOff, backOff],
  [{ kind: "throttled", httpStatus: 429, retryAfterMs: 7_000 }, asked, asked],
  [{ kind: "unavailable", httpStatus: 503 }, backOff, dead("unknown")],
  [{ kind: "unavailable", httpStatus: 503, retryAfterMs: 7_000 }, asked, asked],
  [{ kind: "unreachable", detail: "connection refused" }, backOff, backOff],
  [{ kind: "ambiguous", httpStatus: 500 }, backOff, dead("unknown")],
  [{ kind: "ambiguous" }, backOff, dead("unknown")],
  [{ kind: "redirected", httpStatus: 302 }, dead("configuration"), dead("configuration")],
];

describe.each(TABLE)("after %o", (outcome, then, atMostOnce) => {
  it("does what the table says", () => {
    expect(decideSettlement(outcome, policy, first, moment)).toEqual(then);
  });

  it("does what the table says for at-most-once", () => {
    expect(decideSettlement(outcome, careful, first, moment)).toEqual(atMostOnce);
  });

  it("never tries again once the deadline has passed", () => {
    for (const chosen of [policy, careful]) {
      expect(decideSettlement(outcome, chosen, { used: 1, deadlineAt: NOW - 1 }, moment).kind).not.toBe("retry");
    }
  });

  it("uses no attempt beyond the last one, where an attempt counts", () => {
    const settlement = decideSettlement(outcome, policy, { ...first, used: policy.maxAttempts }, moment);
    if (settlement.kind === "retry") expect(settlement.counted).toBe(false);
  });
});

it("keeps the whole connector still as CXone asked, though the handoff itself dies of it", () => {
  const throttled: SignalOutcome = { kind: "throttled", httpStatus: 429, retryAfterMs: 90_000 };
  const patient = { ...policy, maxHoldMs: 100_000 };
  expect(decideSettlement(throttled, patient, first, moment)).toEqual(dead("expired", { holdMs: 90_000 }));
  expect(decideSettlement(throttled, patient, { ...first, used: 10 }, moment)).toEqual(
    dead("exhausted", { holdMs: 90_000 }),
  );
});

it("keeps the connector still no longer than its maxHoldMs, and the handoff for as long as CXone asked", () => {
  const throttled: SignalOutcome = { kind: "throttled", httpStatus: 429, retryAfterMs: 20_000 };
  const unavailable: SignalOutcome = { kind: "unavailable", httpStatus: 503, retryAfterMs: 20_000 };
  for (const outcome of [throttled, unavailable]) {
    expect(
      decideSettlement(outcome, { ...policy, maxHoldMs: 1_000 }, { used: 1, deadlineAt: NOW + 60_000 }, moment),
    ).toMatchObject({
      kind: "retry",
      waitMs: expect.any(Number),
      holdMs: 1_000,
    });
  }
  const settlement = decideSettlement(
    throttled,
    { ...policy, maxHoldMs: 1_000 },
    { used: 1, deadlineAt: NOW + 60_000 },
    moment,
  );
  expect(settlement.kind === "retry" && settlement.waitMs).toBeGreaterThanOrEqual(20_000);
});

it.each([0, 1_000])("does not use the attempts up in seconds where CXone asks for %d ms each time", (retryAfterMs) => {
  const outcome: SignalOutcome = { kind: "throttled", httpStatus: 429, retryAfterMs };
  let now = NOW;
  let settlement: Settlement = { kind: "delivered" };
  for (let used = 1; used <= policy.maxAttempts; used += 1) {
    settlement = decideSettlement(outcome, policy, { used, deadlineAt: NOW + 60_000 }, { now, random: 0 });
    if (settlement.kind === "retry") now += settlement.waitMs;
  }
  expect(settlement).toMatchObject(dead("exhausted"));
  // As long as without the header, at least.
  expect(now - NOW).toBeGreaterThan(20_000);
});

it("tries once more in the very last millisecond before the deadline, and not one later", () => {
  const outcome: SignalOutcome = { kind: "unreachable", detail: "" };
  expect(decideSettlement(outcome, policy, { used: 1, deadlineAt: NOW + 125 }, moment)).toEqual(backOff);
  expect(decideSettlement(outcome, policy, { used: 1, deadlineAt: NOW + 124 }, moment)).toEqual(dead("expired"));
});

it("says exhausted, not expired, where both are true", () => {
  expect(decideSettlement({ kind: "ambiguous" }, policy, { used: 10, deadlineAt: NOW }, moment)).toEqual(
    dead("exhausted"),
  );
});

it("never plans an attempt after the deadline, nor before CXone's Retry-After, in whole milliseconds", () => {
  const retryAfterMs = fc.option(fc.integer({ min: 0, max: 86_400_000 }), { nil: undefined });
  const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  fc.assert(
    fc.property(
      retryAfterMs,
      random,
      fc.integer({ min: 1, max: 12 }),
      fc.integer({ min: -1_000, max: 100_000 }),
      (asks, luck, used, left) => {
        const outcome: SignalOutcome = {
          kind: "throttled",
          httpStatus: 429,
          ...(asks === undefined ? {} : { retryAfterMs: asks }),
        };
        const settlement: Settlement = decideSettlement(
          outcome,
          policy,
          { used, deadlineAt: NOW + left },
          { now: NOW, random: luck },
        );
        if (settlement.kind !== "retry") return;
        expect(settlement.waitMs).toBeLessThanOrEqual(left);
        expect(settlement.waitMs).toBeGreaterThanOrEqual(asks ?? 0);
        expect(Number.isInteger(settlement.waitMs)).toBe(true);
      },
    ),
  );
});

it("counts against CXone's health only what depends on CXone's health", () => {
  const failing = TABLE.map(([outcome]) => outcome.kind).filter(countsAgainstBreaker);
  expect(new Set(failing)).toEqual(new Set(["unavailable", "unreachable", "ambiguous"]));
});
