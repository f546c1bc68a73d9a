/** How old what is shown is; amber once three updates were missed. */
import { CircleCheck, CirclePause, TriangleAlert } from "lucide-react";
import { toBatonTime, useNow } from "../ui/baton-clock.ts";
import { formatDurationInWholeSeconds, formatTimeOfDay } from "../ui/format-numbers-and-times.ts";
import { Tag } from "../ui/tag.tsx";
import { useLiveUpdatesPaused } from "./live-updates-pause.ts";
import type { LiveQuery } from "./use-live-query.ts";

/** So many updates may be missed before the page says so. */
const MAX_MISSED = 3;

/** useIsStale says whether three updates in a row brought nothing. */
export function useIsStale({ result, intervalMs }: LiveQuery<unknown>): boolean {
  const now = useNow();
  const paused = useLiveUpdatesPaused();
  return !paused && result.data !== undefined && now - toBatonTime(result.dataUpdatedAt) > MAX_MISSED * intervalMs;
}

export function FreshnessTag({ of }: { readonly of: LiveQuery<unknown> }) {
  const now = useNow();
  const paused = useLiveUpdatesPaused();
  const stale = useIsStale(of);
  if (of.result.data === undefined) return null;
  const at = toBatonTime(of.result.dataUpdatedAt);
  if (paused) {
    return (
      <Tag tone="warn" icon={CirclePause}>
        Updates paused · as of {formatTimeOfDay(at, now, { seconds: true })}
      </Tag>
    );
  }
  return (
    <Tag tone={stale ? "warn" : "plain"} icon={stale ? TriangleAlert : CircleCheck}>
      Updated {formatDurationInWholeSeconds(now - at)} ago
    </Tag>
  );
}
