import { expect, it } from "vitest";
import { z } from "zod";
import * as api from "./index.ts";

const schemas = Object.entries(api).flatMap(([name, schema]) => (schema instanceof z.ZodType ? [{ name, schema }] : []));

it.each(schemas)("$name can be written as OpenAPI", ({ schema }) => {
  expect(z.toJSONSchema(schema, { io: "input" })).toBeTypeOf("object");
});

const withExamples = schemas.flatMap(({ name, schema }) =>
  ((schema.meta()?.examples as unknown[] | undefined) ?? []).map((example) => ({ name, schema, example })),
);

it.each(withExamples)("$name accepts its own example", ({ schema, example }) => {
  expect(schema.safeParse(example).error).toBeUndefined();
});

it("shows what an item of a batch is, although it leaves it unparsed", () => {
  expect(z.toJSONSchema(api.batchBodySchema, { io: "input" })).toMatchObject({
    properties: {
      handoffs: {
        maxItems: 100,
        items: { properties: { idempotencyKey: { type: "string" } }, oneOf: [{ required: ["contactId"] }, { required: ["callId"] }] },
      },
    },
  });
});
