/** The charts of the performance page, drawn from the figures that each part left. */
import type { Chart } from "@baton/chaos/chart";
import { z } from "zod";
import { median } from "../figure.ts";

/** chartOf draws a part's chart; undefined where its figures hold none, as those of an older run may not. */
export function chartOf(part: string, figures: object): Chart | undefined {
  switch (part) {
    case "speed":
      return latencyChart(figures);
    case "growth":
      return growthChart(figures);
    case "isolation":
      return isolationChart(figures);
    default:
      return undefined;
  }
}

const NAMES: Readonly<Record<string, string>> = { baton: "Baton", plain: "peer" };

const speedSchema = z.object({
  turns: z.array(
    z.object({
      kind: z.string(),
      rates: z.array(
        z.object({
          perSecond: z.number(),
          arriveP50Ms: z.number(),
          arriveP99Ms: z.number(),
          arriveQuantiles: z.array(z.object({ share: z.number(), ms: z.number() })).optional(),
        }),
      ),
    }),
  ),
});

/** One more nine is one step further to the right: p90 at 1, p99 at 2, p99.9 at 3. */
const nines = (share: number) => -Math.log10(1 - share);
const NINES = [0.5, 0.9, 0.99, 0.999].map(nines);
const NINES_LABEL = "datum.value < 0.5 ? 'p50' : datum.value < 1.5 ? 'p90' : datum.value < 2.5 ? 'p99' : 'p99.9'";

function latencyChart(figures: object): Chart | undefined {
  const read = speedSchema.safeParse(figures);
  if (!read.success) return undefined;
  const points = read.data.turns.flatMap(({ kind, rates }) =>
    rates.flatMap(({ perSecond, arriveP50Ms, arriveP99Ms, arriveQuantiles }) =>
      (
        arriveQuantiles ?? [
          { share: 0.5, ms: arriveP50Ms },
          { share: 0.99, ms: arriveP99Ms },
        ]
      ).map(({ share, ms }) => ({ contender: NAMES[kind] ?? kind, perSecond, share, ms })),
    ),
  );
  const values = [
    ...Map.groupBy(points, ({ contender, perSecond, share }) => `${contender} ${perSecond} ${share}`).values(),
  ].flatMap(([first, ...more]) =>
    first === undefined
      ? []
      : [{ ...first, nines: nines(first.share), ms: median([first, ...more].map(({ ms }) => ms)) }],
  );
  return {
    file: "performance-latency.svg",
    caption:
      "From the instant a handoff was to be sent until its signal arrived: Baton and the peer, by rate and percentile",
    spec: {
      data: { values },
      facet: { column: { field: "perSecond", type: "ordinal", header: { labelExpr: "datum.value + '/s'" } } },
      spec: {
        width: 160,
        height: 200,
        mark: { type: "line", point: true },
        encoding: {
          x: {
            field: "nines",
            type: "quantitative",
            title: null,
            axis: { values: NINES, labelExpr: NINES_LABEL },
          },
          y: { field: "ms", type: "quantitative", scale: { type: "log" }, title: "milliseconds" },
          color: { field: "contender", type: "nominal", sort: null },
        },
      },
    },
  };
}

const growthSchema = z.object({
  stages: z.array(
    z.object({
      size: z.number(),
      live: z.object({ acceptP50Ms: z.number(), arriveP50Ms: z.number() }),
      calls: z.record(z.string(), z.object({ p50Ms: z.number() })),
    }),
  ),
});

function growthChart(figures: object): Chart | undefined {
  const read = growthSchema.safeParse(figures);
  if (!read.success) return undefined;
  const values = read.data.stages.flatMap(({ size, live, calls }) => [
    { size, what: "accept", ms: live.acceptP50Ms },
    { size, what: "arrive", ms: live.arriveP50Ms },
    ...Object.entries(calls).map(([what, { p50Ms }]) => ({ size, what, ms: p50Ms })),
  ]);
  return {
    file: "performance-growth.svg",
    caption: "What each thing takes, p50, by how many handoffs are queued and as many dead",
    spec: {
      data: { values },
      width: 420,
      height: 260,
      mark: { type: "line", point: true },
      encoding: {
        x: {
          field: "size",
          type: "quantitative",
          scale: { type: "log" },
          title: "handoffs queued, and dead letters",
          axis: { values: read.data.stages.map(({ size }) => size), labelFlush: false },
        },
        y: { field: "ms", type: "quantitative", scale: { type: "log" }, title: "milliseconds, p50" },
        color: { field: "what", type: "nominal", sort: null, legend: { orient: "right" } },
      },
    },
  };
}

const p99Schema = z.object({ arriveP99Ms: z.object({ median: z.number(), least: z.number(), most: z.number() }) });
const isolationSchema = z.object({
  comparisons: z.array(
    z.object({ kind: z.string(), trouble: z.object({ name: z.string() }), alone: p99Schema, beside: p99Schema }),
  ),
});

function isolationChart(figures: object): Chart | undefined {
  const read = isolationSchema.safeParse(figures);
  if (!read.success) return undefined;
  const values = read.data.comparisons.flatMap(({ kind, trouble, ...when }) =>
    (["alone", "beside"] as const).map((name) => ({
      run: `${NAMES[kind] ?? kind}, ${trouble.name}`,
      when: name === "alone" ? "alone" : "beside trouble",
      ...when[name].arriveP99Ms,
    })),
  );
  const position = { field: "run", type: "nominal", sort: null, title: null, axis: { labelLimit: 0 } } as const;
  const color = { field: "when", type: "nominal", sort: null } as const;
  const scale = { type: "log" } as const;
  return {
    file: "performance-isolation.svg",
    caption: "p99 of healthy connectors, alone and beside a neighbour in trouble: median, least and most",
    spec: {
      data: { values },
      width: 420,
      height: { step: 18 },
      encoding: { y: position, yOffset: { field: "when", sort: null }, color },
      layer: [
        {
          mark: { type: "rule" },
          encoding: { x: { field: "least", type: "quantitative", scale }, x2: { field: "most" } },
        },
        {
          mark: { type: "point", filled: true, size: 60 },
          encoding: { x: { field: "median", type: "quantitative", scale, title: "milliseconds" } },
        },
      ],
    },
  };
}
