import { expect, it } from "vitest";
import { chartMarkdown, drawChart } from "./chart.ts";
import type { Findings } from "./check-ledger.ts";
import { recoveryChart } from "./recovery-chart.ts";

it("draws every scenario in the order in which they were played, the same bytes each time", async () => {
  const played = ["worker-killed", "redis-hangs", "answers-dropped"];
  const findings = played.map((scenario, n) => ({ header: { scenario }, recoveredMs: n * 1_000, longestGapMs: 500 }));
  const chart = recoveryChart(findings as unknown as readonly Findings[]);
  const svg = await drawChart(chart);
  const drawn = [...svg.matchAll(/>([a-z]+-[a-z]+)</g)].map(([, name]) => name);
  expect(drawn).toEqual(played);
  expect(await drawChart(chart)).toBe(svg);
  expect(chartMarkdown(chart)).toBe(`![${chart.caption}](images/fault-recovery.svg)`);
});
