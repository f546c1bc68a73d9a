import { expect, it } from "vitest";
import { measureGrowth } from "./growth.ts";

it("measures every call while handoffs are queued and dead, and a resume beside live ones", {
  timeout: 400_000,
}, async () => {
  const { faults, text, targets } = await measureGrowth({ turns: 1, seconds: 1, smoke: true, say: () => undefined });
  expect(faults).toEqual([]);
  expect(text).not.toMatch(/NaN|undefined|– \//);
  expect(targets.map(({ what }) => what)).toContain("cancel, p50 at 60, against 40");
});
