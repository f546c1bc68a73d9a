import { expect, it } from "vitest";
import { measureIsolation } from "./isolation.ts";

it("measures healthy connectors alone and beside bad neighbours, and loses none of their handoffs", { timeout: 180_000 }, async () => {
  const figures = await measureIsolation({ turns: 1, turnMs: 1_000 });
  expect(figures).toMatchObject({ handoffs: 200, undelivered: 0 });
  expect(figures.alone.p99Ms).toBeGreaterThan(0);
  expect(figures.ratio).toBeGreaterThan(0);
});
