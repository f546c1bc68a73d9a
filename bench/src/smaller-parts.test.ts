import { expect, it } from "vitest";
import { measureMemory } from "./memory/memory.ts";
import { measureScripts } from "./scripts/scripts.ts";
import { measureStartup } from "./startup/startup.ts";

const SMOKE = { turns: 1, seconds: 1, smoke: true, say: () => undefined };

it("weighs a queued handoff and a dead letter, ours and the peer's", { timeout: 180_000 }, async () => {
  const { text, targets } = await measureMemory(SMOKE);
  expect(text).toMatch(/per queued handoff \| [\d,]{3,} \| [\d,]{3,} \|/);
  expect(text).toMatch(/Baton, bytes by kind of key. Queued: .*`:h:<id>` \d{3,}/);
  expect(targets).toHaveLength(2);
});

it("starts `baton up` until everything is ready", { timeout: 120_000 }, async () => {
  const { figures, targets } = await measureStartup(SMOKE);
  expect(figures).toEqual({ readyMs: [expect.any(Number)] });
  expect(targets).toHaveLength(1);
});

it("weighs each script of the hot path, in short and in long lists", { timeout: 120_000 }, async () => {
  const { text, faults } = await measureScripts(SMOKE);
  expect(faults).toEqual([]);
  for (const name of ["accept", "place", "claim", "settle"]) expect(text).toContain(`| \`${name}\` |`);
  expect(text).not.toContain("NaN");
});
