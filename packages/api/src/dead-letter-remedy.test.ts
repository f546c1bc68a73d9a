import { expect, it } from "vitest";
import type { ReceivedCause } from "./dead-letter.ts";
import { type Death, describeDeadHandoffRemedy, describeDeadLetterRemedy } from "./dead-letter-remedy.ts";
import type { HandoffJson } from "./handoff-schemas.ts";
import { describeVerificationRemedy } from "./verification-remedy.ts";

it.each<[string, Death, RegExp]>([
  [
    "an outage",
    { reason: "expired", waitingFor: "retry", httpStatus: 503, detail: "service unavailable" },
    /out of order.*not too short/,
  ],
  ["an outage behind a breaker", { reason: "expired", waitingFor: "breaker", detail: "" }, /out of order/],
  [
    "an identity service that is down",
    { reason: "expired", waitingFor: "token", detail: "token endpoint: http #" },
    /out of order/,
  ],
  [
    "a CXone out of reach",
    { reason: "expired", waitingFor: "retry", detail: "connection was not made" },
    /out of reach/,
  ],
  ["a rate that is too low", { reason: "expired", waitingFor: "rate", detail: "" }, /raise delivery\.rate/],
  ["a pause", { reason: "expired", waitingFor: "pause", detail: "" }, /connectors resume/],
  ["a key that a worker lacks", { reason: "expired", waitingFor: "keys", detail: "" }, /baton doctor/],
  ["workers that did not come", { reason: "expired", detail: "" }, /whether workers run/],
  ["a contact that has ended", { reason: "rejected", httpStatus: 404, detail: "" }, /usually ended.*refused again/],
  ["parameters that CXone refuses", { reason: "rejected", httpStatus: 400, detail: "" }, /paramsIn.*refused again/],
  ["an answer that cannot be trusted", { reason: "unknown", detail: "" }, /--force/],
  ["a connector that is gone", { reason: "configuration", detail: "its connector has been deleted" }, /discard/],
  ["a wrong address", { reason: "configuration", detail: "HTTP 302" }, /verify/],
])("says what to do about %s", (_what, death, remedy) => {
  expect(describeDeadLetterRemedy(death)).toMatch(remedy);
});

it("says what verify says of the same refusal: at the signal a role, at the token endpoint a key", () => {
  const role = describeVerificationRemedy({ name: "signal", ok: false, code: "unauthorized" }) ?? "";
  expect(describeDeadLetterRemedy({ reason: "credentials", httpStatus: 403, detail: "not authorized for user" })).toBe(
    `${role} Then replay.`,
  );
  const client = describeVerificationRemedy({ name: "token", ok: false, code: "client-unknown" }) ?? "";
  expect(describeDeadLetterRemedy({ reason: "credentials", detail: "token endpoint: http # invalid_client" })).toBe(
    `${client} Then replay.`,
  );
  const key = describeVerificationRemedy({ name: "token", ok: false, code: "credentials-refused" }) ?? "";
  expect(describeDeadLetterRemedy({ reason: "credentials", detail: "token endpoint: http # invalid_grant" })).toBe(
    `${key} Then replay.`,
  );
});

it("judges one handoff that expired by what its cause says that it waited for", () => {
  const handoff = { id: "ho_1", status: "dead", reason: "expired", attempts: [] } as unknown as HandoffJson;
  const cause = { reason: "expired", detail: "" } as ReceivedCause;
  expect(describeDeadHandoffRemedy(handoff, cause)).toMatch(/whether workers run/);
  expect(describeDeadHandoffRemedy(handoff, { ...cause, waitingFor: "pause" })).toMatch(/connectors resume/);
  expect(describeDeadHandoffRemedy(handoff, { ...cause, waitingFor: "keys" })).toMatch(/lacks the key/);
  const tried = { ...handoff, attempts: [{ number: 1, outcome: "unavailable" }] } as unknown as HandoffJson;
  expect(describeDeadHandoffRemedy(tried, { ...cause, waitingFor: "pause", httpStatus: 503 })).toMatch(
    /connectors resume/,
  );
});

it("judges one handoff by its last attempt, and only where it is dead", () => {
  const attempt = {
    number: 1,
    startedAt: "2026-11-29T10:00:00.000Z",
    outcome: "unavailable",
    httpStatus: 503,
  } as const;
  const handoff = { status: "dead", reason: "expired", attempts: [attempt] } as unknown as HandoffJson;
  expect(describeDeadHandoffRemedy(handoff)).toMatch(/out of order/);
  expect(describeDeadHandoffRemedy({ ...handoff, id: "ho_1", attempts: [] })).toMatch(
    /may have kept it\. `baton why ho_1`/,
  );
  expect(describeDeadHandoffRemedy({ ...handoff, status: "delivered" })).toBeUndefined();
});
