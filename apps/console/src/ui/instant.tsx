/** An instant: local clock and distance, UTC as a hint. */
import { useNow } from "./baton-clock.ts";
import { formatTimeFromNow, formatTimeOfDay } from "./format-numbers-and-times.ts";
import { Tooltip } from "./tooltip.tsx";

interface InstantProps {
  readonly at: string;
  /** Which part is shown; both unless said. */
  readonly as?: "clock" | "distance" | "both";
}

export function Instant({ at, as = "both" }: InstantProps) {
  const now = useNow();
  const ms = Date.parse(at);
  const parts = {
    clock: formatTimeOfDay(ms, now, { seconds: true }),
    distance: formatTimeFromNow(ms, now),
  };
  return (
    <Tooltip text={`${at} (UTC)`}>
      <time dateTime={at}>{as === "both" ? `${parts.clock} · ${parts.distance}` : parts[as]}</time>
    </Tooltip>
  );
}
