import { expect, it } from "vitest";
import { measurePreferWait } from "./prefer-wait.ts";

it("measures from the request to the answer that says how the handoff ended", { timeout: 180_000 }, async () => {
  const { faults, text } = await measurePreferWait({ turns: 1, seconds: 1, smoke: true, say: () => undefined });
  expect(faults).toEqual([]);
  expect(text).toContain("request → answer p99");
  expect(text).not.toMatch(/NaN|undefined|Infinity/);
});
