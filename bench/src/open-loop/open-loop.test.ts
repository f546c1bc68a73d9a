import { expect, it } from "vitest";
import { measureOpenLoop } from "./open-loop.ts";

it("offers a load in the open to twenty connectors and to one, and everything arrives exactly once", {
  timeout: 180_000,
}, async () => {
  const { faults, text, targets } = await measureOpenLoop({ turns: 1, seconds: 1, smoke: true, say: () => undefined });
  expect(faults).toEqual([]);
  expect(text).not.toMatch(/NaN|undefined|Infinity/);
  expect(targets.map(({ met, what }) => what.includes("not delivered") && met)).toContain(true);
});
