import { expect, it } from "vitest";
import type { z } from "zod";
import { batchBodySchema, batchItemSchema, handoffBodySchema, MAX_CONTEXT_BYTES } from "./handoff-request-body.ts";
import { parseOrRefuse, validationIssues } from "./validation-issues.ts";

const contactId = "100000000001";

function issues(body: unknown, schema: z.ZodType = handoffBodySchema) {
  const parsed = schema.safeParse(body);
  return parsed.success ? [] : validationIssues(parsed.error);
}

/** contextOf takes exactly `bytes` as JSON. */
const contextOf = (bytes: number) => ({ a: "x".repeat(bytes - '{"a":""}'.length) });
const nested = (depth: number): unknown => JSON.parse(`${'{"a":'.repeat(depth)}1${"}".repeat(depth)}`);

it("takes a handoff with everything in it, unchanged", () => {
  const body = {
    contactId,
    params: { p1: "Escalate", p9: "é" },
    context: { summary: ["a", { b: null }] },
    sharedId: "conversation 1",
    deadlineMs: 1_000,
    delayMs: 60_000,
  };
  expect(handoffBodySchema.parse(body)).toEqual(body);
  expect(handoffBodySchema.parse({ callId: "ca_0001JD9X5T2M7Q4RZK8WVNB3CY" })).toEqual({
    callId: "ca_0001JD9X5T2M7Q4RZK8WVNB3CY",
  });
});

it.each([
  ["a contact id that is a number", { contactId: 100 }, "/contactId"],
  ["a contact id in scientific notation", { contactId: "1e5" }, "/contactId"],
  ["a contact id of 20 digits", { contactId: "1".repeat(20) }, "/contactId"],
  ["a contact id with a line end", { contactId: "1\n" }, "/contactId"],
  ["neither contact nor call", {}, ""],
  ["both contact and call", { contactId, callId: "ca_1" }, ""],
  ["a list", [], ""],
  ["nothing", null, ""],
  ["parameters that are a list", { contactId, params: ["a"] }, "/params"],
  ["a parameter that is a number", { contactId, params: { p1: 1 } }, "/params/p1"],
  ["a tenth parameter", { contactId, params: { p10: "a" } }, "/params/p10"],
  ["a context that is a list", { contactId, context: [] }, "/context"],
  ["a context of a byte too many", { contactId, context: contextOf(MAX_CONTEXT_BYTES + 1) }, "/context"],
  ["a context of many-byte characters", { contactId, context: { a: "é".repeat(MAX_CONTEXT_BYTES / 2) } }, "/context"],
  ["a context nested too deep", { contactId, context: nested(65) }, "/context"],
  ["a context nested beyond all reason", { contactId, context: nested(8_000) }, "/context"],
  ["an empty shared id", { contactId, sharedId: "" }, "/sharedId"],
  ["a shared id of 256 characters", { contactId, sharedId: "a".repeat(256) }, "/sharedId"],
  ["a shared id with a control character", { contactId, sharedId: "a\u0007" }, "/sharedId"],
  ["too short a deadline", { contactId, deadlineMs: 999 }, "/deadlineMs"],
  ["too long a deadline", { contactId, deadlineMs: 86_400_001 }, "/deadlineMs"],
  ["half a millisecond", { contactId, deadlineMs: 1_000.5 }, "/deadlineMs"],
  ["too long a delay", { contactId, delayMs: 60_001 }, "/delayMs"],
  ["a delay that is text", { contactId, delayMs: "5" }, "/delayMs"],
])("refuses %s, and points at it", (_, body, pointer) => {
  expect(issues(body)).toEqual([{ pointer, message: expect.stringMatching(/^[a-z]/) }]);
});

it("takes a context that just fits", () => {
  expect(issues({ contactId, context: contextOf(MAX_CONTEXT_BYTES) })).toEqual([]);
  expect(issues({ contactId, context: nested(64) })).toEqual([]);
});

it("refuses each unknown field by name and says which fields there are", () => {
  expect(issues({ contactId, contactID: "1", "a/b~c": 2 })).toEqual([
    {
      pointer: "/contactID",
      message:
        'unknown field "contactID"; accepted here: contactId, callId, params, context, sharedId, deadlineMs, delayMs',
    },
    { pointer: "/a~1b~0c", message: expect.stringContaining('unknown field "a/b~c"') },
  ]);
});

it("names all faults at once", () => {
  expect(issues({ foo: 1, params: { p1: null, p10: "x" } }).map(({ pointer }) => pointer)).toEqual([
    "/params/p1",
    "/params/p10",
    "/foo",
    "",
  ]);
});

it("never repeats what the caller sent, and stays short whatever was sent", () => {
  const planted = "planted-7c1f";
  const body = {
    contactId: planted,
    callId: `${planted}!`,
    params: { p1: { planted } },
    sharedId: `${planted}\n`,
    deadlineMs: planted,
  };
  expect(JSON.stringify(issues(body))).not.toContain(planted);
  expect(issues(Object.fromEntries(Array.from({ length: 5_000 }, (_, i) => [`x${i}`, i])))).toHaveLength(50);
});

it("lets one bad item of a batch fail alone", () => {
  const { handoffs } = batchBodySchema.parse({
    handoffs: [{ contactId, idempotencyKey: "a" }, 7, { contactId, idempotencyKey: "" }],
  });
  expect(handoffs.map((item) => issues(item, batchItemSchema).map(({ pointer }) => pointer))).toEqual([
    [],
    [""],
    ["/idempotencyKey"],
  ]);
});

it.each([
  ["no items", { handoffs: [] }, "/handoffs"],
  ["101 items", { handoffs: Array.from({ length: 101 }, () => ({ contactId })) }, "/handoffs"],
  ["a bare list", [{ contactId }], ""],
  ["nothing to do", {}, "/handoffs"],
])("refuses a batch with %s", (_, body, pointer) => {
  expect(issues(body, batchBodySchema)).toEqual([{ pointer, message: expect.any(String) }]);
});

it("throws a refusal with every issue where a body must parse", () => {
  expect(() => parseOrRefuse(handoffBodySchema, { contactId: 1 }, { code: "invalid-handoff", detail: "no" })).toThrow(
    expect.objectContaining({
      name: "Refusal",
      code: "invalid-handoff",
      message: "no",
      errors: [expect.objectContaining({ pointer: "/contactId" })],
    }),
  );
});
