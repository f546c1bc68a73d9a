/** An instant: local clock and distance, UTC as a hint. */
import { useNow } from "./clock.ts";
import { Hint } from "./hint.tsx";
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
    <Hint text={`${at} (UTC)`}>
      <time dateTime={at}>{as === "both" ? `${parts.clock} · ${parts.distance}` : parts[as]}</time>
    </Hint>
  );
}
