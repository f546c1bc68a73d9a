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
