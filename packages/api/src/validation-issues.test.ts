import { markInexactNumbersInJson } from "@baton/domain";
import { expect, it } from "vitest";
import { z } from "zod";
import { validationIssues } from "./validation-issues.ts";

function issues(schema: z.ZodType, value: unknown) {
  const parsed = schema.safeParse(value);
  return parsed.success ? [] : validationIssues(parsed.error, ["body"]);
}

it("says that a member is missing", () => {
  expect(issues(z.object({ a: z.string() }), {})).toEqual([
    { pointer: "/body/a", message: "is missing; expected string" },
  ]);
});

it("says of a number that loses digits what it is, not the name of our class", () => {
  const body = markInexactNumbersInJson('{"a":1e400}', JSON.parse('{"a":1e400}'));
  expect(issues(z.object({ a: z.int() }), body)).toEqual([
    { pointer: "/body/a", message: "invalid input: expected number, received too long a number" },
  ]);
});

it("says what each kind of a union expects when the value is none of them", () => {
  expect(issues(z.union([z.string(), z.number()]), null)).toEqual([
    {
      pointer: "/body",
      message: "invalid input: expected string, received null, or invalid input: expected number, received null",
    },
  ]);
});

it("points inside the kind of a union that the value came nearest to", () => {
  expect(issues(z.union([z.string(), z.object({ a: z.number() })]), { a: "1" })).toEqual([
    { pointer: "/body/a", message: "invalid input: expected number, received string" },
  ]);
});

it("shortens a name that is too long to read", () => {
  const [issue] = issues(z.strictObject({}), { ["n".repeat(1_000)]: 1 });
  expect(issue?.message).toBe(`unknown field "${"n".repeat(64)}…"`);
});
