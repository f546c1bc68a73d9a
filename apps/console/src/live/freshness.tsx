/** How old what is shown is; amber once three updates were missed. */
import { CircleCheck, CirclePause, TriangleAlert } from "lucide-react";
import { toBatonTime, useNow } from "../ui/clock.ts";
import { formatTimeOfDay, formatWholeDuration } from "../ui/format.ts";
import { Tag } from "../ui/tag.tsx";
import { useUpdatesPaused } from "./paused-updates.ts";
import type { Live } from "./use-live.ts";

/** So many updates may be missed before the page says so. */
const MAX_MISSED = 3;

/** useIsStale says whether three updates in a row brought nothing. */
export function useIsStale({ result, intervalMs }: Live<unknown>): boolean {
  const now = useNow();
  const paused = useUpdatesPaused();
  return !paused && result.data !== undefined && now - toBatonTime(result.dataUpdatedAt) > MAX_MISSED * intervalMs;
}

export function Freshness({ of }: { readonly of: Live<unknown> }) {
  const now = useNow();
  const paused = useUpdatesPaused();
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
      Updated {formatWholeDuration(now - at)} ago
    </Tag>
  );
}
