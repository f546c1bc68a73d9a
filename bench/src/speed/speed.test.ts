import { expect, it } from "vitest";
import { measureSpeed } from "./speed.ts";

it("measures ours and the peer in one run, and each signal arrives exactly once", { timeout: 180_000 }, async () => {
  const { faults, text, targets } = await measureSpeed({ turns: 1, seconds: 1, smoke: true, say: () => undefined });
  expect(faults).toEqual([]);
  expect(text).toContain("missing 0, arrived twice 0, arrived though not accepted 0");
  expect(text).not.toMatch(/NaN|undefined|Infinity/);
  expect(targets.map(({ what }) => what)).toContain("delivered/s at saturation, against the peer");
});
