/** An instant: local clock and distance, UTC on hover. */
import { useNow } from "./clock.ts";
import { distance, timeOfDay } from "./words.ts";

interface InstantProps {
  readonly at: string;
  /** Which part is shown; both unless said. */
  readonly as?: "clock" | "distance" | "both";
}

export function Instant({ at, as = "both" }: InstantProps) {
  const now = useNow();
  const ms = Date.parse(at);
  const parts = {
    clock: timeOfDay(ms, now, { seconds: true }),
    distance: distance(ms, now),
  };
  return (
    <time dateTime={at} title={`${at} (UTC)`}>
      {as === "both" ? `${parts.clock} · ${parts.distance}` : parts[as]}
    </time>
  );
}
