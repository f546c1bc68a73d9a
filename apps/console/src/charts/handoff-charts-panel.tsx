/**
 * What happened minute by minute in charts: accepted, delivered, dead, p99, with marks where an operator changed
 * something.
 */
import { useNavigate, useSearch } from "@tanstack/react-router";
import type { Series, SeriesName } from "../api/answer-types.ts";
import { LiveQueryView } from "../live/live-query-view.tsx";
import { useLiveQuery } from "../live/use-live-query.ts";
import { CHART_RANGES } from "../page-search-params.ts";
import { Panel } from "../ui/page-layout.tsx";
import { AuditedChangeList } from "./audited-change-list.tsx";
import styles from "./chart.module.css";
import { type ChartLine, TimeSeriesChart } from "./time-series-chart.tsx";

const SERIES_NAMES = ["accepted", "delivered", "dead", "p99"] as const satisfies readonly SeriesName[];
const COUNT_LINES: readonly ChartLine[] = [
  { name: "accepted", colour: "blue", look: "solid" },
  { name: "delivered", colour: "good", look: "solid" },
  { name: "dead", colour: "bad", look: "dashed" },
];
const LATENCY_LINES: readonly ChartLine[] = [{ name: "p99", colour: "accent", look: "solid" }];
type Range = (typeof CHART_RANGES)[number];

const RANGE_TITLES: Readonly<Record<Range, string>> = { 15: "15 min", 60: "1 h", 360: "6 h", 1440: "24 h" };
/** There is a new point once a minute. Milliseconds. */
const INTERVAL_MS = 15_000;

/** HandoffChartsPanel shows the handoffs of all connectors, or of one. */
export function HandoffChartsPanel({ connectorId }: { readonly connectorId?: string }) {
  const { range = "60" } = useSearch({ strict: false });
  const navigate = useNavigate();
  const choose = (chosen: Range) =>
    void navigate({ to: ".", search: (before) => ({ ...before, range: chosen }), replace: true, resetScroll: false });
  const live = useLiveQuery<Series>("/admin/v1/series", {
    query: { name: SERIES_NAMES, minutes: range, connectorId },
    intervalMs: INTERVAL_MS,
    keepsPrevious: true,
  });
  return (
    <Panel title="Over time" note={<RangeSwitch range={range} onChange={choose} />}>
      <LiveQueryView of={live}>
        {(series) => (
          <>
            <div className={styles.charts}>
              <TimeSeriesChart title="Handoffs a minute" series={series} unit="" lines={COUNT_LINES} />
              <TimeSeriesChart title="p99 from due to delivered" series={series} unit="ms" lines={LATENCY_LINES} />
            </div>
            <AuditedChangeList marks={series.marks} />
          </>
        )}
      </LiveQueryView>
    </Panel>
  );
}

interface RangeSwitchProps {
  readonly range: Range;
  readonly onChange: (range: Range) => void;
}

function RangeSwitch({ range, onChange }: RangeSwitchProps) {
  return (
    <fieldset className={styles.ranges}>
      <legend className={styles.unseen}>How far back</legend>
      {CHART_RANGES.map((each) => (
        <button
          key={each}
          type="button"
          className={styles.range}
          aria-pressed={each === range}
          onClick={() => onChange(each)}
        >
          {RANGE_TITLES[each]}
        </button>
      ))}
    </fieldset>
  );
}
