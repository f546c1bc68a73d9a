/** What is asked of our speed, against the peer's in the same run. */
import { atLeast, atMost, type Target } from "../section.ts";
import type { KindSummary, RateSummary, SpeedSummary } from "./summarize.ts";

/** speedTargets leaves out what the run did not measure. */
export function speedTargets({ baton, plain }: SpeedSummary): readonly Target[] {
  const times = (ours: number, theirs: number) => ours / theirs;
  const atRate = (perSecond: number, read: (rate: RateSummary) => number, judge: (ratio: number) => Target): readonly Target[] => {
    const [ours, theirs] = [rateOf(baton, perSecond), rateOf(plain, perSecond)];
    return ours === undefined || theirs === undefined ? [] : [judge(times(read(ours), read(theirs)))];
  };
  const arrive = ({ arriveP99Ms }: RateSummary) => arriveP99Ms.median;
  const cpu = ({ cpuSeconds }: RateSummary) => cpuSeconds.median;
  const delivered = times(baton.deliveredPerSecond.median, plain.deliveredPerSecond.median);
  const cpuAtSaturation = times(baton.cpuSecondsAtSaturation.median, plain.cpuSecondsAtSaturation.median);
  return [
    atLeast("delivered/s at saturation, against the peer", delivered, { limit: 1.25, unit: "×" }),
    ...atRate(300, arrive, (ratio) => atMost("accept → CXone p99 at 300/s, against the peer", ratio, { limit: 0.75, unit: "×" })),
    ...atRate(500, arrive, (ratio) => atMost("accept → CXone p99 at 500/s, against the peer", ratio, { limit: 1, unit: "×" })),
    atMost("CPU per thousand at saturation, against the peer", cpuAtSaturation, { limit: 0.9, unit: "×" }),
    ...atRate(300, cpu, (ratio) => atMost("CPU per thousand at 300/s, against the peer", ratio, { limit: 1, unit: "×" })),
  ];
}

function rateOf({ rates }: KindSummary, perSecond: number): RateSummary | undefined {
  return rates.find((rate) => rate.perSecond === perSecond);
}
