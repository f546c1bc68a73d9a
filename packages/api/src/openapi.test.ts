import { expect, it } from "vitest";
import { z } from "zod";
import * as api from "./index.ts";

const schemas = Object.entries(api).flatMap(([name, schema]) =>
  schema instanceof z.ZodType ? [{ name, schema }] : [],
);

it.each(schemas)("$name can be written as OpenAPI", ({ schema }) => {
  expect(z.toJSONSchema(schema, { io: "input" })).toBeTypeOf("object");
});

const withExamples = schemas.flatMap(({ name, schema }) =>
  ((schema.meta()?.examples as unknown[] | undefined) ?? []).map((example) => ({ name, schema, example })),
);

it.each(withExamples)("$name accepts its own example", ({ schema, example }) => {
  expect(schema.safeParse(example).error).toBeUndefined();
});

it.each([
  ["a handoff", api.documentedHandoffSchema, api.handoffBodySchema],
  ["an item of a batch", api.documentedBatchSchema.shape.handoffs.element, api.batchItemSchema],
])("shows of %s what is accepted", (_what, shown, accepted) => {
  const bodies = [
    { contactId: "1" },
    { callId: "ca_1", params: { p1: "a" }, deadlineMs: 1_000 },
    { contactId: "1", callId: "ca_1" },
    {},
    { contactId: "1", nonsense: 1 },
    { callId: "ca_1", delayMs: -1 },
  ];
  const verdicts = (schema: z.ZodType) => bodies.map((body) => schema.safeParse(body).success);
  expect(verdicts(shown)).toEqual([true, true, false, false, false, false]);
  expect(verdicts(accepted)).toEqual(verdicts(shown));
});
