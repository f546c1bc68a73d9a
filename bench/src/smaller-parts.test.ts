import { expect, it } from "vitest";
import { measureMemory } from "./memory/memory.ts";
import { measureStart } from "./start/start.ts";

const SMOKE = { turns: 1, seconds: 1, smoke: true, say: () => undefined };

it("weighs a queued handoff and a dead letter, ours and the peer's", { timeout: 180_000 }, async () => {
  const { text, targets } = await measureMemory(SMOKE);
  expect(text).toMatch(/per queued handoff \| [\d,]{3,} \| [\d,]{3,} \|/);
  expect(text).toMatch(/Baton, bytes by kind of key. Queued: .*`:h:<id>` \d{3,}/);
  expect(targets).toHaveLength(2);
});

it("starts `baton up` until everything is ready", { timeout: 120_000 }, async () => {
  const { figures, targets } = await measureStart(SMOKE);
  expect(figures).toEqual({ readyMs: [expect.any(Number)] });
  expect(targets).toHaveLength(1);
});
