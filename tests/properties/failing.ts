/** Two properties that do not hold: run by properties.test.ts. */
import fc from "fast-check";
import { expect, it } from "vitest";

it("fails", () => {
  fc.assert(fc.property(fc.nat(), (number) => expect(number).toBe(-1)));
});

it("does not end", { timeout: 100 }, async () => {
  await fc.assert(fc.asyncProperty(fc.nat(), () => new Promise(() => undefined)));
});

it("is no property, and fails", () => expect(1).toBe(2));
