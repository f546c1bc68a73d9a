import { expect, it } from "vitest";
import { createFailSafeTracing } from "./fail-safe-tracing.ts";
import type { Span } from "./tracing.ts";

const FAULT = new Error("the span processor is broken");
const PARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

function setup(start: () => Span) {
  const errors: unknown[] = [];
  const tracing = createFailSafeTracing({ start, close: async () => undefined }, (error) => errors.push(error));
  return { errors, begin: (parent?: string) => tracing.start({ name: "send handoffs", kind: "producer", parent }) };
}

it("replaces a span that cannot be begun by its parent, or by one of a trace that is not exported", () => {
  const { errors, begin } = setup(() => {
    throw FAULT;
  });
  expect(begin(PARENT).traceparent).toBe(PARENT);
  const root = begin();
  expect(root.traceparent).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/);
  expect(root.traceparent).not.toBe(begin().traceparent);
  root.end({ error: "500" });
  expect(errors).toEqual([FAULT, FAULT, FAULT]);
});

it("reports a span that cannot be ended, and throws nothing", () => {
  const { errors, begin } = setup(() => ({
    traceparent: PARENT,
    end() {
      throw FAULT;
    },
  }));
  const span = begin();
  expect(span.traceparent).toBe(PARENT);
  span.end();
  expect(errors).toEqual([FAULT]);
});
