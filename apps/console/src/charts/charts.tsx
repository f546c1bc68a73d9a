/**
 * What happened minute by minute in charts: accepted, delivered, dead, p99, with marks where an operator changed
 * something.
 */
import { useNavigate, useSearch } from "@tanstack/react-router";
import type { Series, SeriesName } from "../api/shapes.ts";
import { LiveView } from "../live/live-view.tsx";
import { useLive } from "../live/use-live.ts";
import { CHART_RANGES } from "../search-params.ts";
import { Panel } from "../ui/page.tsx";
import styles from "./chart.module.css";
import { Chart, type Line } from "./chart.tsx";
import { MarkList } from "./mark-list.tsx";

const NAMES = ["accepted", "delivered", "dead", "p99"] as const satisfies readonly SeriesName[];
const COUNTS: readonly Line[] = [
  { name: "accepted", colour: "blue", look: "solid" },
  { name: "delivered", colour: "good", look: "solid" },
  { name: "dead", colour: "bad", look: "dashed" },
];
const LATENCY: readonly Line[] = [{ name: "p99", colour: "accent", look: "solid" }];
type Range = (typeof CHART_RANGES)[number];

const TITLES: Readonly<Record<Range, string>> = { 15: "15 min", 60: "1 h", 360: "6 h", 1440: "24 h" };
/** There is a new point once a minute. Milliseconds. */
const INTERVAL_MS = 15_000;

/** Charts shows all connectors, or one. */
export function Charts({ connectorId }: { readonly connectorId?: string }) {
  const { range = "60" } = useSearch({ strict: false });
  const navigate = useNavigate();
  const choose = (chosen: Range) =>
    void navigate({ to: ".", search: (before) => ({ ...before, range: chosen }), replace: true, resetScroll: false });
  const live = useLive<Series>("/admin/v1/series", {
    query: { name: NAMES, minutes: range, connectorId },
    intervalMs: INTERVAL_MS,
    keepsPrevious: true,
  });
  return (
    <Panel title="Over time" note={<RangeSwitch range={range} onChange={choose} />}>
      <LiveView of={live}>
        {(series) => (
          <>
            <div className={styles.charts}>
              <Chart title="Handoffs a minute" series={series} unit="" lines={COUNTS} />
              <Chart title="p99 from due to delivered" series={series} unit="ms" lines={LATENCY} />
            </div>
            <MarkList marks={series.marks} />
          </>
        )}
      </LiveView>
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
          {TITLES[each]}
        </button>
      ))}
    </fieldset>
  );
}
