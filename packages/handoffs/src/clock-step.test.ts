/** Redis's clock steps back: it was wrong, or the next master's is behind. */
import { expect, it } from "vitest";
import { drain } from "../testing/drain.ts";
import { createConnector, DELIVERED, setup } from "../testing/space.ts";

const HOUR_MS = 3_600_000;
const RATE = { perSecond: 10, burst: 2 };

it("goes on at its rate where the clock steps back by an hour, and not above it", async () => {
  const space = await setup();
  const connector = createConnector({ rate: RATE });
  for (let i = 0; i < RATE.burst; i++) await space.queued(connector, { rate: null });
  for (const attempt of (await space.claim(connector)).attempts) await space.settle(connector, attempt, DELIVERED);

  await space.elapse(-HOUR_MS);
  for (let i = 0; i < 5; i++) await space.queued(connector, { rate: null });
  const { sent } = await drain(space, connector, { forMs: 5_000 });
  expect(sent).toHaveLength(5);
  const [first, last] = [sent[0]?.at ?? 0, sent[4]?.at ?? 0];
  expect(last - first).toBeGreaterThanOrEqual(((sent.length - RATE.burst) * 1_000) / RATE.perSecond - 1);
});
