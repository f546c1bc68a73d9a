import { expect, it } from "vitest";
import { digitsOf } from "./connector.ts";

it("takes two spellings of a pseudo number for the same number", () => {
  expect(digitsOf("+1 (555) 010-0100")).toBe("15550100100");
  expect(digitsOf("15550100100")).toBe("15550100100");
});
