/** A chart, drawn by uPlot: a caption in words, arrow keys, and a table for screen readers. */
import { type KeyboardEvent, useEffect, useId, useMemo, useRef, useState } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import type { Series, SeriesName } from "../api/answer-types.ts";
import { batonTimeNow } from "../ui/baton-clock.ts";
import { formatCount, formatDuration, formatTimeOfDay } from "../ui/format-numbers-and-times.ts";
import { joinClassNames } from "../ui/join-class-names.ts";
import styles from "./chart.module.css";
import { type ChartPoints, formatChartPointValue, hideUnfinishedMinuteWhileLower } from "./chart-point-display.ts";
import { ChartTable } from "./chart-table.tsx";
import { createUplotOptions } from "./uplot-options.ts";

export interface ChartLine {
  readonly name: SeriesName;
  readonly colour: "accent" | "blue" | "good" | "bad";
  /** So that lines differ by more than colour. */
  readonly look: "solid" | "dashed";
}

interface TimeSeriesChartProps {
  readonly title: string;
  readonly series: Series;
  readonly unit: "" | "ms";
  readonly lines: readonly ChartLine[];
}

export function TimeSeriesChart({ title, series, unit, lines }: TimeSeriesChartProps) {
  const id = useId();
  const holder = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(undefined);
  const rows = useMemo(() => {
    const all = lines.map(({ name }) => pointsOf(series, name));
    return unit === "" ? all.map(hideUnfinishedMinuteWhileLower) : all;
  }, [lines, series, unit]);
  const timeAt = (index: number) => Date.parse(series.from) + index * series.stepMs;
  useUplot({ holder, plot, series, lines, rows, unit });
  const { at, press } = usePointByArrowKeys(plot, { rows, timeAt });
  return (
    <figure className={styles.chart} aria-labelledby={`${id}-title`}>
      <h3 id={`${id}-title`}>{title}</h3>
      <div
        ref={holder}
        className={styles.canvas}
        role="application"
        aria-label={`${title}: chart. Left and right arrows read its points.`}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: arrow keys read its points
        tabIndex={0}
        onKeyDown={press}
      />
      <figcaption className={styles.caption}>{describeLines({ lines, rows, unit })}</figcaption>
      <div className={joinClassNames(styles.keys, styles.reading)} aria-live="polite">
        {at === undefined
          ? lines.map((line) => <LegendEntry key={line.name} of={line} />)
          : formatPointReading({ lines, rows, index: at, at: timeAt(at), unit })}
      </div>
      <ChartTable title={title} lines={lines} rows={rows} unit={unit} from={series.from} stepMs={series.stepMs} />
    </figure>
  );
}

interface TimedRows {
  readonly rows: readonly ChartPoints[];
  readonly timeAt: (index: number) => number;
}

/** usePointByArrowKeys gives the point that the arrow keys have moved to; undefined before the first one. */
function usePointByArrowKeys(plot: React.RefObject<uPlot | undefined>, { rows, timeAt }: TimedRows) {
  const [at, setAt] = useState<number>();
  const length = Math.max(0, ...rows.map((points) => points.length));
  const press = (event: KeyboardEvent) => {
    const step = KEY_STEPS[event.key];
    if (step === undefined || length === 0) return;
    event.preventDefault();
    const next = Math.min(length - 1, Math.max(0, step(at ?? length, length)));
    setAt(next);
    const x = plot.current?.valToPos(timeAt(next) / 1_000, "x");
    if (x !== undefined) plot.current?.setCursor({ left: x, top: 0 });
  };
  return { at, press };
}

const KEY_STEPS: Readonly<Record<string, (at: number, length: number) => number>> = {
  ArrowLeft: (at) => at - 1,
  ArrowRight: (at) => at + 1,
  Home: () => 0,
  End: (_, length) => length - 1,
};

interface UplotUse {
  readonly holder: React.RefObject<HTMLDivElement | null>;
  readonly plot: React.RefObject<uPlot | undefined>;
  readonly series: Series;
  readonly lines: readonly ChartLine[];
  readonly rows: readonly ChartPoints[];
  readonly unit: "" | "ms";
}

/** useUplot draws anew when the data, the width or the theme are others. */
function useUplot({ holder, plot, series, lines, rows, unit }: UplotUse): void {
  useEffect(() => {
    const element = holder.current;
    if (element === null) return;
    const draw = () => {
      plot.current?.destroy();
      const from = Date.parse(series.from) / 1_000;
      const xs = (rows[0] ?? []).map((_, index) => from + (index * series.stepMs) / 1_000);
      const data: uPlot.AlignedData = [xs, ...rows.map((points) => [...points])];
      plot.current = new uPlot(createUplotOptions({ element, lines, unit, marks: series.marks }), data, element);
    };
    draw();
    const sizes = new ResizeObserver(() => {
      plot.current?.setSize({ width: element.clientWidth, height: element.clientHeight });
    });
    sizes.observe(element);
    const themes = new MutationObserver(draw);
    themes.observe(document.documentElement, { attributeFilter: ["data-theme"] });
    const scheme = window.matchMedia("(prefers-color-scheme: dark)");
    scheme.addEventListener("change", draw);
    return () => {
      sizes.disconnect();
      themes.disconnect();
      scheme.removeEventListener("change", draw);
      plot.current?.destroy();
      plot.current = undefined;
    };
  }, [holder, plot, series, lines, rows, unit]);
}

function pointsOf(series: Series, name: SeriesName): ChartPoints {
  return series.series.find((each) => each.name === name)?.points ?? [];
}

interface ChartRows {
  readonly lines: readonly ChartLine[];
  readonly rows: readonly ChartPoints[];
  readonly unit: "" | "ms";
}

/** describeLines gives the caption: what each line comes to. */
function describeLines({ lines, rows, unit }: ChartRows): string {
  const parts = lines.map(({ name }, index) => {
    const known = (rows[index] ?? []).filter((point) => point !== null);
    if (known.length === 0) return `${name}: nothing`;
    const most = Math.max(...known);
    if (unit === "ms") return `${name}: at most ${formatDuration(most)}, last ${formatDuration(known.at(-1) ?? 0)}`;
    return `${name}: ${formatCount(known.reduce((a, b) => a + b, 0))} in all, at most ${formatCount(most)}`;
  });
  return parts.join(" · ");
}

function formatPointReading({
  lines,
  rows,
  index,
  at,
  unit,
}: ChartRows & { readonly index: number; readonly at: number }): string {
  const values = lines.map(({ name }, line) => `${name} ${formatChartPointValue(rows[line]?.[index], unit)}`);
  return `${formatTimeOfDay(at, batonTimeNow())}: ${values.join(", ")}`;
}

function LegendEntry({ of: { name, colour, look } }: { readonly of: ChartLine }) {
  return (
    <span className={styles.key}>
      <svg width="18" height="8" className={styles[colour]} aria-hidden="true">
        <line
          x1="0"
          y1="4"
          x2="18"
          y2="4"
          stroke="currentColor"
          strokeWidth="2"
          strokeDasharray={look === "dashed" ? "4 3" : undefined}
        />
      </svg>
      {name}
    </span>
  );
}
