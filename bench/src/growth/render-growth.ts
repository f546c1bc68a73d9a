/** The growth section in words and tables. */
import { formatNumber } from "../figure.ts";
import { atMost, markdownTable, type Target } from "../section.ts";
import { SLOW_MS, type SlowCommands } from "../slow-log.ts";
import type { FiguresAtSize, GrowthPlan } from "./figures-at-size.ts";

const PAGE = "page of 50 dead letters by connector and reason";
const SCRAPE = "metrics scrape";
/** The resume is one call: its time is shown, and judged by what it does to the others. */
const RESUME = "resume of one connector";

/** growthTargets compares the last stage with the first. */
export function growthTargets(stages: readonly FiguresAtSize[]): readonly Target[] {
  const [first, last] = [stages.at(0), stages.at(-1)];
  if (first === undefined || last === undefined) return [];
  const times = (what: string, read: (stage: FiguresAtSize) => number) =>
    atMost(`${what} at ${sizeOf(last)}, against ${sizeOf(first)}`, read(last) / read(first), { limit: 1.3, unit: "×" });
  const p50 = (name: string) => (stage: FiguresAtSize) => stage.calls[name]?.p50Ms ?? Number.NaN;
  return [
    times("accept p50", ({ live }) => live.acceptP50Ms),
    times("accept p99", ({ live }) => live.acceptP99Ms),
    ...Object.keys(last.calls)
      .filter((name) => name !== RESUME)
      .map((name) => times(`${name}, p50`, p50(name))),
    atMost(`${PAGE}, p50 at ${sizeOf(last)}`, p50(PAGE)(last), { limit: 20, unit: " ms" }),
    atMost(`${SCRAPE}, p50 at ${sizeOf(last)}`, p50(SCRAPE)(last), { limit: 50, unit: " ms" }),
    atMost("others' p99 during a resume, against before it", last.duringResume.arriveP99Ms / last.live.arriveP99Ms, {
      limit: 1.3,
      unit: "×",
    }),
    // Filling keeps every core busy: a command may then wait for its core, which is none of its own time.
    atMost(
      `commands over ${SLOW_MS} ms while measuring, all stages`,
      stages.reduce((sum, { slow }) => sum + slow.measuring.count, 0),
      { limit: 0, unit: "" },
    ),
  ];
}

export function renderGrowth(
  stages: readonly FiguresAtSize[],
  { holders, live, seconds, waiting, calls }: GrowthPlan,
): string {
  const row = (name: string, read: (stage: FiguresAtSize) => string) => [name, ...stages.map(read)];
  const names = Object.keys(stages[0]?.calls ?? {});
  const rows = [
    row("passes", ({ passes }) => String(passes)),
    row("live handoffs: accept p50 / p99, ms", ({ live: own }) => pair(own.acceptP50Ms, own.acceptP99Ms)),
    row("– arrive p50 / p99, ms", ({ live: own }) => pair(own.arriveP50Ms, own.arriveP99Ms)),
    ...names.map((name) =>
      row(`${name}, p50 / p99, ms`, (stage) => pair(stage.calls[name]?.p50Ms, stage.calls[name]?.p99Ms)),
    ),
    row("others' arrive during it, p50 / p99, ms", ({ duringResume }) =>
      pair(duringResume.arriveP50Ms, duringResume.arriveP99Ms),
    ),
    row("Redis, MiB", ({ redisMiB }) => formatNumber(redisMiB)),
    row(`commands over ${SLOW_MS} ms while filling`, ({ slow }) => slowly(slow.filling)),
    row(`commands over ${SLOW_MS} ms while measuring`, ({ slow }) => slowly(slow.measuring)),
  ];
  return `So many handoffs queued, spread over ${holders / 2} paused connectors, **and** as many dead letters of ${holders / 2} others. The smallest size has a Baton of its
own: each pass over it is followed by one over the others', and medians of the passes are shown, so that what else the machine does meets both
alike. All are warm before the first. They are made by the scripts that ingress and worker run. Live handoffs are sent to ${live} other connectors at 50/s for
${seconds} s; every call is made ${calls} times, one after the other, and timed to the body's last byte. The resumed connector has ${waiting.toLocaleString("en-US")} waiting, and a rate of
200/s. The append-only file is on, and not rewritten meanwhile.

${markdownTable([["", ...stages.map(sizeOf)], ...rows])}`;
}

function sizeOf({ size }: FiguresAtSize): string {
  return size.toLocaleString("en-US");
}

function pair(p50: number | undefined, p99: number | undefined): string {
  return `${formatNumber(p50 ?? Number.NaN)} / ${formatNumber(p99 ?? Number.NaN)}`;
}

function slowly({ count, worst }: SlowCommands): string {
  return worst === undefined ? String(count) : `${count}, worst ${formatNumber(worst.ms)} ms`;
}
