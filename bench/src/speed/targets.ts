/** What is asked of our speed, against the peer's in the same run. */
import { atLeast, atMost, type Target } from "../section.ts";
import type { KindSummary, RateSummary, SpeedSummary } from "./summarize.ts";

/** speedTargets leaves out what the run did not measure. */
export function speedTargets({ baton, plain }: SpeedSummary): readonly Target[] {
  const times = (ours: number, theirs: number) => ours / theirs;
  const atRate = (
    perSecond: number,
    read: (rate: RateSummary) => number,
    judge: (ratio: number) => Target,
  ): readonly Target[] => {
    const [ours, theirs] = [rateOf(baton, perSecond), rateOf(plain, perSecond)];
    return ours === undefined || theirs === undefined ? [] : [judge(times(read(ours), read(theirs)))];
  };
  const arrive = ({ arriveP99Ms }: RateSummary) => arriveP99Ms.median;
  const cpu = ({ cpuSeconds }: RateSummary) => cpuSeconds.median;
  const delivered = times(baton.deliveredPerSecond.median, plain.deliveredPerSecond.median);
  const cpuAtSaturation = times(baton.cpuSecondsAtSaturation.median, plain.cpuSecondsAtSaturation.median);
  const p99 = (perSecond: number, limit: number) =>
    atRate(perSecond, arrive, (ratio) =>
      atMost(`accept → CXone p99 at ${perSecond}/s, against the peer`, ratio, { limit, unit: "×" }),
    );
  return [
    atLeast("delivered/s at saturation, against the peer", delivered, { limit: 1.5, unit: "×" }),
    ...p99(100, 1.2),
    ...p99(300, 0.8),
    ...p99(500, 0.8),
    atMost("CPU per thousand at saturation, against the peer", cpuAtSaturation, { limit: 0.65, unit: "×" }),
    ...atRate(300, cpu, (ratio) =>
      atMost("CPU per thousand at 300/s, against the peer", ratio, { limit: 0.9, unit: "×" }),
    ),
    atMost("Redis commands sent per handoff at 300/s", baton.sentAt300.median, { limit: 5.2, unit: "" }),
    atMost("– with those inside scripts, at saturation", baton.commandsAtSaturation.median, { limit: 30, unit: "" }),
  ];
}

function rateOf({ rates }: KindSummary, perSecond: number): RateSummary | undefined {
  return rates.find((rate) => rate.perSecond === perSecond);
}
