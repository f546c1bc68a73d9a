import fc from "fast-check";
import { expect, it } from "vitest";
import { backoffMs, backoffMsAtLeastRetryAfter } from "./backoff.ts";

const backoff = fc.record({ baseMs: fc.integer({ min: 1, max: 10_000 }), capMs: fc.integer({ min: 1, max: 60_000 }) });
const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

it("never waits less than half of the doubled base, nor more than the cap", () => {
  fc.assert(
    fc.property(backoff, fc.integer({ min: 1, max: 100 }), random, (policy, used, luck) => {
      const ceiling = Math.min(policy.capMs, policy.baseMs * 2 ** (used - 1));
      const wait = backoffMs(policy, used, luck);
      expect(wait).toBeGreaterThanOrEqual(Math.floor(ceiling / 2));
      expect(wait).toBeLessThanOrEqual(ceiling);
    }),
  );
});

it("never comes back before CXone's Retry-After, nor before the back-off", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 86_400_000 }),
      backoff,
      fc.integer({ min: 1, max: 100 }),
      random,
      (asked, policy, used, luck) => {
        const wait = backoffMsAtLeastRetryAfter(asked, policy, used, luck);
        const backOff = backoffMs(policy, used, luck);
        expect(wait).toBeGreaterThanOrEqual(Math.max(asked, backOff));
        expect(wait).toBeLessThan(Math.max(asked + policy.baseMs + 1, backOff + 1));
      },
    ),
  );
});
