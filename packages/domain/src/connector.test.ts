import { expect, it } from "vitest";
import { digitsOfPseudoNumber } from "./connector.ts";

it("takes two spellings of a pseudo number for the same number", () => {
  expect(digitsOfPseudoNumber("+1 (555) 010-0100")).toBe("15550100100");
  expect(digitsOfPseudoNumber("15550100100")).toBe("15550100100");
});
