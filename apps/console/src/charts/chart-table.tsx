/** A chart's points as a table for screen readers: every minute that the chart shows, the newest first. */
import { memo } from "react";
import { currentTime } from "../ui/clock.ts";
import { formatTimeOfDay, pluralize } from "../ui/format.ts";
import styles from "./chart.module.css";
import type { Line } from "./chart.tsx";
import { type Points, writePoint } from "./points.ts";

interface ChartTableProps {
  readonly title: string;
  readonly lines: readonly Line[];
  readonly rows: readonly Points[];
  readonly unit: "" | "ms";
  /** When the first point is, as the API has it; the others follow `stepMs` apart. */
  readonly from: string;
  readonly stepMs: number;
}

/** ChartTable is drawn anew with its points only: a day has 1,440 rows, and arrow keys draw the chart again. */
export const ChartTable = memo(function ChartTable({ title, lines, rows, unit, from, stepMs }: ChartTableProps) {
  const length = Math.max(0, ...rows.map((points) => points.length));
  const newestFirst = Array.from({ length }, (_, back) => length - 1 - back);
  const now = currentTime();
  return (
    <div className={styles.unseen}>
      <table>
        <caption>{`${title}: all ${pluralize(length, "minute")}, the newest first`}</caption>
        <thead>
          <Head lines={lines} />
        </thead>
        <tbody>
          {newestFirst.map((index) => (
            <tr key={index}>
              <th scope="row">{formatTimeOfDay(Date.parse(from) + index * stepMs, now)}</th>
              {lines.map(({ name }, line) => (
                <td key={name}>{writePoint(rows[line]?.[index], unit)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
});

function Head({ lines }: Pick<ChartTableProps, "lines">) {
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
