import { expect, it } from "vitest";
import { formatExplainCxoneAnswerCommand, toExplainRequestBody } from "./explain-cxone-answer-request.ts";

const ACME = { id: "cn_1", delivery: { deadlineMs: 60_000 } };

it("asks nothing where the address names no answer", () => {
  expect(toExplainRequestBody(ACME, {})).toBeUndefined();
  expect(toExplainRequestBody(ACME, { attempt: "3" })).toBeUndefined();
});

it("asks the API and the command line the same", () => {
  const throttled = { status: "429", retryAfter: "12", attempt: "3", left: "40" };
  expect(toExplainRequestBody(ACME, throttled)).toEqual({
    connectorId: "cn_1",
    answer: { status: 429, headers: { "Retry-After": "12" } },
    attempt: 3,
    elapsedMs: 20_000,
  });
  expect(formatExplainCxoneAnswerCommand(ACME, throttled)).toBe(
    "baton explain --connector cn_1 --status 429 --retry-after 12 --attempt 3 --elapsed 20s",
  );
  // Without an answer there is no question.
  const reset = { unanswered: "reset", status: "429", retryAfter: "12" } as const;
  expect(toExplainRequestBody(ACME, reset)).toEqual({ connectorId: "cn_1", answer: "reset" });
  expect(formatExplainCxoneAnswerCommand(ACME, reset)).toBe("baton explain --connector cn_1 --unanswered reset");
});

it("takes nothing for over where a handoff has more time than its connector gives", () => {
  expect(toExplainRequestBody(ACME, { status: "500", left: "90" })).toMatchObject({ elapsedMs: 0 });
});

it("quotes a Retry-After that is a date", () => {
  const retryAfter = "Mon, 23 Nov 2026 10:15:30 GMT";
  expect(formatExplainCxoneAnswerCommand(ACME, { status: "503", retryAfter })).toContain(
    `--retry-after '${retryAfter}'`,
  );
});
