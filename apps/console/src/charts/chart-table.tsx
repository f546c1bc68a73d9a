/** A chart's points as a table for screen readers: every minute that the chart shows, the newest first. */
import { memo } from "react";
import { batonTimeNow } from "../ui/baton-clock.ts";
import { formatTimeOfDay, pluralize } from "../ui/format-numbers-and-times.ts";
import styles from "./chart.module.css";
import { type ChartPoints, formatChartPointValue } from "./chart-point-display.ts";
import type { ChartLine } from "./time-series-chart.tsx";

interface ChartTableProps {
  readonly title: string;
  readonly lines: readonly ChartLine[];
  readonly rows: readonly ChartPoints[];
  readonly unit: "" | "ms";
  /** When the first point is, as the API has it; the others follow `stepMs` apart. */
  readonly from: string;
  readonly stepMs: number;
}

/** ChartTable is drawn anew with its points only: a day has 1,440 rows, and arrow keys draw the chart again. */
export const ChartTable = memo(function ChartTable({ title, lines, rows, unit, from, stepMs }: ChartTableProps) {
  const length = Math.max(0, ...rows.map((points) => points.length));
  const newestFirst = Array.from({ length }, (_, back) => length - 1 - back);
  const now = batonTimeNow();
  return (
    <div className={styles.unseen}>
      <table>
        <caption>{`${title}: all ${pluralize(length, "minute")}, the newest first`}</caption>
        <thead>
          <ChartTableHead lines={lines} />
        </thead>
        <tbody>
          {newestFirst.map((index) => (
            <tr key={index}>
              <th scope="row">{formatTimeOfDay(Date.parse(from) + index * stepMs, now)}</th>
              {lines.map(({ name }, line) => (
                <td key={name}>{formatChartPointValue(rows[line]?.[index], unit)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
});

function ChartTableHead({ lines }: Pick<ChartTableProps, "lines">) {
  return (
    <tr>
      <th scope="col">Minute</th>
      {lines.map(({ name }) => (
        <th key={name} scope="col">
          {name}
        </th>
      ))}
    </tr>
  );
}
