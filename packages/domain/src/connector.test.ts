import { expect, it } from "vitest";
import { normalizePseudoNumberToDigits } from "./connector.ts";

it("takes two spellings of a pseudo number for the same number", () => {
  expect(normalizePseudoNumberToDigits("+1 (555) 010-0100")).toBe("15550100100");
  expect(normalizePseudoNumberToDigits("15550100100")).toBe("15550100100");
});
