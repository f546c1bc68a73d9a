import { expect, it } from "vitest";
import { judgeCauseTrend } from "./judge-cause-trend.ts";

const NOW = new Date(2026, 10, 23, 12, 0, 0).getTime();

function trend(perTenMinutes: readonly number[], beganMinutesAgo = 300) {
  return judgeCauseTrend(
    { perTenMinutes: [...perTenMinutes], firstAt: new Date(NOW - beganMinutesAgo * 60_000).toISOString() },
    NOW,
  );
}

it("says whether a cause comes more often or less than twenty minutes before", () => {
  expect(trend([0, 0, 2, 9, 12, 8])).toBe("rising");
  expect(trend([0, 0, 5, 5, 6, 6])).toBe("steady");
  expect(trend([30, 20, 9, 9, 2, 1])).toBe("falling");
  expect(trend([30, 20, 9, 9, 0, 0])).toBe("stopped");
  expect(trend([0, 0, 0, 0, 0, 0])).toBeUndefined();
});

it("calls a cause new for its first twenty minutes", () => {
  expect(trend([0, 0, 0, 0, 3, 9], 19)).toBe("new");
  expect(trend([0, 0, 0, 0, 3, 9], 21)).toBe("rising");
});
