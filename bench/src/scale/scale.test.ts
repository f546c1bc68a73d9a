import { expect, it } from "vitest";
import { measureScale } from "./scale.ts";

it("delivers everything over one Redis and over three masters, beside what the model says", {
  timeout: 240_000,
}, async () => {
  const { faults, text } = await measureScale({ turns: 1, seconds: 1, smoke: true, say: () => undefined });
  expect(faults).toEqual([]);
  expect(text).toContain("| three masters, two workers |");
  expect(text).not.toMatch(/NaN|undefined|Infinity/);
});
