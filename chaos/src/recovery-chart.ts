/** The chart of the results page: how long each trouble was felt. */
import type { Chart } from "./chart.ts";
import type { Findings } from "./check-ledger.ts";

const MEASURES = [
  ["recovered in", ({ recoveredMs }: Findings) => recoveredMs],
  ["longest gap between two effects", ({ longestGapMs }: Findings) => longestGapMs],
] as const;

/** recoveryChart draws the scenarios in the order in which they were played. */
export function recoveryChart(findings: readonly Findings[]): Chart {
  const values = findings.flatMap((each) =>
    MEASURES.map(([measure, read]) => ({ scenario: each.header.scenario, measure, seconds: read(each) / 1_000 })),
  );
  return {
    file: "fault-recovery.svg",
    caption: "For each scenario, the longest time between two effects, and from the end of the trouble to recovery",
    spec: {
      data: { values },
      height: { step: 9 },
      width: 420,
      mark: { type: "bar" },
      encoding: {
        y: { field: "scenario", type: "nominal", sort: null, title: null, axis: { labelLimit: 0 } },
        yOffset: { field: "measure", sort: null },
        x: { field: "seconds", type: "quantitative", title: "seconds" },
        color: { field: "measure", type: "nominal", sort: null },
      },
    },
  };
}
