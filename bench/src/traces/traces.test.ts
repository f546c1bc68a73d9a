import { expect, it } from "vitest";
import { measureTraces } from "./traces.ts";

it("compares handoffs with and without spans, of which none goes missing", { timeout: 180_000 }, async () => {
  const { faults, text, figures } = await measureTraces({ turns: 1, seconds: 1, smoke: true, say: () => undefined });
  expect(faults).toEqual([]);
  expect(text).not.toMatch(/NaN|undefined|Infinity/);
  expect(figures).toMatchObject({ turns: [{ mode: "off", spansPerHandoff: 0 }, { mode: "on" }] });
});
