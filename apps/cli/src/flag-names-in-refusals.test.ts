import { ProblemError } from "@baton/api";
import { expect, it } from "vitest";
import { describeRefusal } from "./flag-names-in-refusals.ts";

const FLAGS = { force: "--force", deadlineMs: "--deadline", context: "--context", note: "--note", "params/p1": "p1" };

function refusal(detail: string, errors: readonly { pointer: string; message: string }[] = []) {
  return new ProblemError(
    { type: "about:blank", title: "No", status: 422, detail, errors: [...errors] },
    { status: 422 },
  );
}

it("names options where the API names members", () => {
  expect(describeRefusal(refusal('it may have arrived; send "force": true to risk it'), FLAGS)).toBe(
    "422 No: it may have arrived; send --force to risk it",
  );
  expect(describeRefusal(refusal("no slot before the deadline; send a longer deadlineMs"), FLAGS)).toContain(
    "send a longer --deadline",
  );
  const errors = [
    { pointer: "/deadlineMs", message: "send 1000 or more" },
    { pointer: "/context/a", message: "too deep" },
    { pointer: "/params/p1", message: "too long" },
    { pointer: "/other", message: "is not known" },
  ];
  expect(describeRefusal(refusal("not valid", errors), FLAGS).split("\n  ").slice(1)).toEqual([
    "--deadline: send 1000 or more",
    "--context /a: too deep",
    "p1: too long",
    "/other: is not known",
  ]);
});

it("leaves words alone that are names of members, too", () => {
  expect(describeRefusal(refusal("brute force is of no use; note this"), FLAGS)).toBe(
    "422 No: brute force is of no use; note this",
  );
});
