import type { Handoff } from "@baton/domain";
import { expect, it } from "vitest";
import { deadLetterSearchSchema, deadLetterToJson, replayBodySchema } from "./dead-letter.ts";
import { handoffSchema, handoffSearchSchema, handoffToJson } from "./handoff-schemas.ts";

const acceptedAt = Date.UTC(2026, 10, 23, 10, 15, 30, 123);
const queued: Handoff = {
  id: "ho_0001JD9X5T2M7Q4RZK8WVNB3CY",
  connectorId: "cn_1",
  accountId: "acme",
  projectId: "support-line",
  environment: "live",
  contactId: "9999999999999999999",
  status: "queued",
  waitingFor: null,
  acceptedAt,
  deadlineAt: acceptedAt + 60_000,
  attempts: [],
  mayHaveArrived: false,
  possibleDuplicate: false,
  replays: 0,
};
const dead: Handoff = {
  ...queued,
  sharedId: "conversation-1",
  status: "dead",
  reason: "exhausted",
  endedAt: acceptedAt + 5_000,
  attempts: [{ number: 1, startedAt: acceptedAt + 17, outcome: "interrupted" }],
};

it("shows instants as RFC 3339 UTC with milliseconds, and keeps null apart from absent", () => {
  const json = handoffToJson(queued);
  expect(json).toEqual({ ...queued, acceptedAt: "2026-11-23T10:15:30.123Z", deadlineAt: "2026-11-23T10:16:30.123Z" });
  expect(json).toHaveProperty("waitingFor", null);
  expect(json).not.toHaveProperty("endedAt");
});

it("shows the ledger of attempts", () => {
  expect(handoffToJson(dead)).toMatchObject({
    endedAt: "2026-11-23T10:15:35.123Z",
    attempts: [{ number: 1, startedAt: "2026-11-23T10:15:30.140Z", outcome: "interrupted" }],
  });
});

it("shows nothing that a record holds besides", () => {
  const record = {
    ...dead,
    params: { p1: "planted" },
    context: "planted",
    attempts: [{ number: 1, startedAt: 0, outcome: "accepted" as const, nonce: "planted" }],
  };
  expect(JSON.stringify(handoffToJson(record))).not.toContain("planted");
});

it("writes what its own schema reads back the same", () => {
  for (const handoff of [queued, dead])
    expect(handoffSchema.parse(handoffToJson(handoff))).toEqual(handoffToJson(handoff));
});

it("shows a dead letter as its handoff, with what it died of and when", () => {
  expect(deadLetterToJson(dead, { cause: "exhausted-503", diedAt: acceptedAt })).toEqual({
    ...handoffToJson(dead),
    cause: "exhausted-503",
    diedAt: "2026-11-23T10:15:30.123Z",
  });
});

it("reads filters from a query string, 50 items a page unless said", () => {
  expect(deadLetterSearchSchema.parse({ from: "2026-11-23T11:15:30.123+01:00", reason: "expired" })).toEqual({
    from: acceptedAt,
    reason: "expired",
    limit: 50,
  });
  expect(handoffSearchSchema.parse({ limit: "500", status: "dead" })).toEqual({ limit: 500, status: "dead" });
});

it.each([
  { limit: "0" },
  { limit: "501" },
  { limit: "ten" },
  { limit: "" },
  { limit: "0x10" },
  { limit: "1e1" },
  { limit: "+10" },
  { limit: " 10" },
  { limit: "10.0" },
  { limit: ["10"] },
  { from: "yesterday" },
  { from: "2026-11-23T10:15:30" },
  { reason: "bored" },
  { color: "red" },
])("refuses the filter %o", (query) => {
  expect(deadLetterSearchSchema.safeParse(query).success).toBe(false);
});

it("takes a replay without a body for one without wishes", () => {
  expect(replayBodySchema.parse(undefined)).toEqual({ force: false });
});
