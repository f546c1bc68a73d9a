/** The options of uPlot: colours from the theme, quiet axes, and a line for each mark. */
import type uPlot from "uplot";
import type { Mark } from "../api/answer-types.ts";
import { formatDuration, formatTimeOfDay } from "../ui/format-numbers-and-times.ts";
import { findIsolatedPointIndexes } from "./chart-point-display.ts";
import type { ChartLine } from "./time-series-chart.tsx";

interface UplotInput {
  readonly element: HTMLElement;
  readonly lines: readonly ChartLine[];
  readonly unit: "" | "ms";
  readonly marks: readonly Mark[];
}

const FONT = '12px "Inter Variable", system-ui, sans-serif';
/** What the axes take, pixels: times below, numbers beside. */
const TIMES_PX = 30;
const AXIS_PX = 54;

/** A point to which no line leads would not be seen. */
const ISOLATED: uPlot.Series.Points = {
  show: false,
  size: 5,
  filter: (plot: uPlot, series: number) => findIsolatedPointIndexes(plot.data[series] ?? []),
};

export function createUplotOptions({ element, lines, unit, marks }: UplotInput): uPlot.Options {
  const colours = readThemeColours(element);
  return {
    width: element.clientWidth,
    height: element.clientHeight,
    // The last of the times stands half beyond its end.
    padding: [8, 22, 0, 0],
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false } },
    scales: { y: { range: (_, __, max) => [0, Math.max(max * 1.1, unit === "ms" ? 10 : 4)] } },
    axes: createAxes(colours, unit),
    series: [
      {},
      ...lines.map(({ colour, look }) => ({
        stroke: colours[colour],
        width: 2,
        points: ISOLATED,
        ...(look === "dashed" ? { dash: [5, 4] } : {}),
      })),
    ],
    hooks: { draw: [(plot) => drawChangeMarks(plot, marks, colours.muted)] },
  };
}

function createAxes(colours: ThemeColours, unit: UplotInput["unit"]): uPlot.Axis[] {
  const axis: uPlot.Axis = {
    stroke: colours.muted,
    font: FONT,
    grid: { stroke: colours.line, width: 1 },
    ticks: { show: false },
  };
  const write = (value: number) => (unit === "ms" ? formatDuration(value) : String(value));
  const times: uPlot.Axis = {
    ...axis,
    size: TIMES_PX,
    grid: { show: false },
    values: (_, at) => at.map((each) => formatTimeOfDay(1_000 * each, 1_000 * each)),
  };
  return [times, { ...axis, size: AXIS_PX, values: (_, values) => values.map(write) }];
}

type ThemeColours = Readonly<Record<ChartLine["colour"] | "muted" | "line", string>>;

/** A canvas takes no custom properties: each is worked out on an element. */
function readThemeColours(element: HTMLElement): ThemeColours {
  const before = element.style.color;
  const read = (name: string) => {
    element.style.color = `var(--${name})`;
    return getComputedStyle(element).color;
  };
  const colours = {
    accent: read("accent"),
    blue: read("focus"),
    good: read("good"),
    bad: read("bad"),
    muted: read("muted"),
    line: read("line"),
  };
  element.style.color = before;
  return colours;
}

function drawChangeMarks(plot: uPlot, marks: readonly Mark[], colour: string): void {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.strokeStyle = colour;
  ctx.setLineDash([2, 3]);
  for (const { at } of marks) {
    const x = Math.round(plot.valToPos(Date.parse(at) / 1_000, "x", true));
    if (x < bbox.left || x > bbox.left + bbox.width) continue;
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
  }
  ctx.restore();
}
