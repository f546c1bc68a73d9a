import { expect, it } from "vitest";
import { measureJanitor } from "./janitor.ts";

it("lets a worker's janitor take ended handoffs out while live ones are delivered", { timeout: 180_000 }, async () => {
  const { faults, text, figures } = await measureJanitor({ turns: 1, seconds: 1, smoke: true, say: () => undefined });
  expect(faults).toEqual([]);
  expect(text).not.toMatch(/NaN|undefined/);
  expect(figures).toMatchObject({ entries: 2_000 });
});
