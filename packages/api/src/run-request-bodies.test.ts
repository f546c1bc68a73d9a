import { expect, it } from "vitest";
import type { z } from "zod";
import { runBodySchema, runPatchSchema } from "./run-request-bodies.ts";
import { validationIssues } from "./validation-issues.ts";

/** issuesOf gives what is wrong with a value, by pointer. */
function issuesOf(schema: z.ZodType, value: unknown): Readonly<Record<string, string>> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return {};
  return Object.fromEntries(validationIssues(parsed.error).map(({ pointer, message }) => [pointer, message]));
}

const bodyIssues = (body: unknown) => issuesOf(runBodySchema, body);

it("requires `all` where a filter takes every dead letter", () => {
  expect(bodyIssues({ filter: {}, dryRun: true })).toEqual({ "/all": expect.stringMatching(/send `all: true`/) });
  expect(bodyIssues({ dryRun: true })).toEqual({ "/all": expect.stringMatching(/send `all: true`/) });
  expect(bodyIssues({ filter: {}, all: true, dryRun: true })).toEqual({});
  expect(bodyIssues({ filter: { reason: ["expired"] }, dryRun: true })).toEqual({});
});

it("takes a plan or a filter, and a note with what starts", () => {
  expect(bodyIssues({ planId: "pl_1", note: "repaired" })).toEqual({});
  expect(bodyIssues({ planId: "pl_1" })).toEqual({ "/note": expect.stringMatching(/say why/) });
  expect(bodyIssues({ planId: "pl_1", filter: { contactId: "1" }, note: "x" })).toHaveProperty(["/filter"]);
  expect(bodyIssues({ planId: "pl_1", dryRun: true })).toEqual({});
});

it("refuses a rate of 0, a note of 10 KB, a reason that is none, and a field that is none", () => {
  const run = { planId: "pl_1", note: "x" };
  expect(bodyIssues({ ...run, ratePerSecond: 0 })).toEqual({
    "/ratePerSecond": expect.stringMatching(/pause the run/),
  });
  expect(bodyIssues({ ...run, note: "x".repeat(10_240) })).toHaveProperty(["/note"]);
  expect(bodyIssues({ filter: { reason: ["tired"] }, dryRun: true })).toHaveProperty(["/filter/reason/0"]);
  expect(bodyIssues({ filter: { reasons: [] }, dryRun: true })).toHaveProperty(["/filter/reasons"]);
  expect(issuesOf(runPatchSchema, { ratePerSecond: 5_001 })).toHaveProperty(["/ratePerSecond"]);
});

it.each(["\u001b[2J", "a\u0000", "a\u007f", "a\u009b31m"])("refuses a note that a terminal would obey: %j", (note) => {
  expect(bodyIssues({ planId: "pl_1", note })).toEqual({ "/note": expect.stringMatching(/no control characters/) });
  expect(bodyIssues({ planId: "pl_1", note: "CXone case 4711\r\n\tkeys come at 9" })).toEqual({});
});
