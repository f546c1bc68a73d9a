import { expect, it } from "vitest";
import { measureIsolation } from "./isolation.ts";

it("measures healthy connectors alone and beside one that hangs, and loses none of their handoffs", {
  timeout: 180_000,
}, async () => {
  const { faults, text, targets } = await measureIsolation({ turns: 1, seconds: 1, smoke: true, say: () => undefined });
  expect(faults).toEqual([]);
  expect(text).toContain("Baton, one hangs");
  expect(text).not.toMatch(/NaN|undefined/);
  expect(targets).toHaveLength(3);
});
